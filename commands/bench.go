package commands

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"mostrador/bench"

	"github.com/spf13/cobra"
)

// benchCommand measures the desk. The last line of each benchmark is one JSON object.
func (m *Main) benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure the desk on this machine",
		Long: "Measures the desk from outside, with an emulated WhatsApp and customers in other processes (docs/benchmarks.md).\n" +
			"The last line is one JSON object: the figures, the same of a bare WhatsApp client in the same run, their ratio.",
		Example: "  mostrador bench inbound --messages 5000",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(m.benchInboundCommand(), m.benchRoundTripCommand(), m.benchFanOutCommand(), m.benchStartCommand(), m.benchBareCommand())
	return cmd
}

func (m *Main) benchInboundCommand() *cobra.Command {
	o := bench.InboundOptions{}
	cmd := &cobra.Command{
		Use:     "inbound",
		Short:   "Messages a second from WhatsApp to stored and published",
		Example: "  mostrador bench inbound --messages 5000 --customers 100",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Messages < 1 || o.Customers < 1 {
				return errors.New("--messages and --customers have to be at least 1")
			}
			return m.measure(func(p bench.Program) (bench.Result, error) { return bench.Inbound(cmd.Context(), p, o, m.Stdout) })
		},
	}
	cmd.Flags().IntVar(&o.Messages, "messages", 5000, "messages that wait when the line comes up")
	cmd.Flags().IntVar(&o.Customers, "customers", 100, "customers that write them")
	return cmd
}

func (m *Main) benchRoundTripCommand() *cobra.Command {
	o := bench.RoundTripOptions{}
	cmd := &cobra.Command{
		Use:     "roundtrip",
		Short:   "Time from a customer's message to the flow's answer on the phone",
		Example: "  mostrador bench roundtrip --customers 20 --questions 20",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Questions < 2 || o.Customers < 1 {
				return errors.New("--questions has to be at least 2, --customers at least 1")
			}
			return m.measure(func(p bench.Program) (bench.Result, error) {
				return bench.RoundTrip(cmd.Context(), p, o, m.Stdout)
			})
		},
	}
	cmd.Flags().IntVar(&o.Customers, "customers", 20, "customers, one after the other")
	cmd.Flags().IntVar(&o.Questions, "questions", 20, "messages of each")
	return cmd
}

func (m *Main) benchFanOutCommand() *cobra.Command {
	o := bench.FanOutOptions{}
	cmd := &cobra.Command{
		Use:     "fanout",
		Short:   "Time from a customer's message to the event on the agents' pages",
		Example: "  mostrador bench fanout --agents 10,100,500 --per-second 100",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.PerSecond < 1 || o.Customers < 1 || len(o.Agents) == 0 || !slices.IsSorted(o.Agents) || o.Agents[0] < 1 {
				return errors.New("--per-second and --customers have to be at least 1, --agents numbers that grow")
			}
			if o.For < time.Second {
				return errors.New("--for has to be at least 1s")
			}
			return m.measure(func(p bench.Program) (bench.Result, error) { return bench.FanOut(cmd.Context(), p, o, m.Stdout) })
		},
	}
	cmd.Flags().IntSliceVar(&o.Agents, "agents", []int{10, 100, 500}, "how many listen, one measurement each")
	cmd.Flags().IntVar(&o.PerSecond, "per-second", 100, "messages that customers write")
	cmd.Flags().DurationVar(&o.For, "for", 10*time.Second, "length of each measurement")
	cmd.Flags().IntVar(&o.Customers, "customers", 60, "customers that write in turns")
	return cmd
}

func (m *Main) benchStartCommand() *cobra.Command {
	o := bench.StartOptions{}
	cmd := &cobra.Command{
		Use:     "start",
		Short:   "Time to the first answer, and memory at rest",
		Example: "  mostrador bench start --starts 20",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Starts < 1 || o.Idle < 0 {
				return errors.New("--starts has to be at least 1, --idle a time like 5s")
			}
			return m.measure(func(p bench.Program) (bench.Result, error) { return bench.Start(cmd.Context(), p, o, m.Stdout) })
		},
	}
	cmd.Flags().IntVar(&o.Starts, "starts", 10, "starts on the same folder")
	cmd.Flags().DurationVar(&o.Idle, "idle", 5*time.Second, "how long it lies still before its memory is read")
	return cmd
}

// measure runs a benchmark with this very binary and prints its result as the last line.
func (m *Main) measure(run func(bench.Program) (bench.Result, error)) error {
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program's own file: %w", err)
	}
	result, err := run(bench.Program{Path: path})
	if err != nil {
		return err
	}
	fmt.Fprintln(m.Stdout, result.Line())
	return nil
}

// benchBareCommand is the baseline's process; the benchmarks start it.
func (m *Main) benchBareCommand() *cobra.Command {
	var b bench.Bare
	cmd := &cobra.Command{
		Use:     "bare",
		Hidden:  true,
		Short:   "Serve the bare WhatsApp client that the benchmarks compare with",
		Example: "  mostrador bench bare --whatsapp http://127.0.0.1:9099 --dir /tmp/bare",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return b.Run(cmd.Context(), m.Stdout) },
	}
	cmd.Flags().StringVar(&b.Server, "whatsapp", "http://127.0.0.1:9099", "control address of the emulated WhatsApp")
	cmd.Flags().StringVar(&b.Dir, "dir", filepath.Join(os.TempDir(), "mostrador-bare"), "folder for its file")
	cmd.Flags().StringVar(&b.Echo, "echo", "", "answer each message with itself after this; empty: only count")
	return cmd
}
