package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"mostrador/bench"
)

// benchCommand measures the desk. The last line of each benchmark is one JSON object.
func (m *Main) benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure the desk on this machine",
		Long: "Measures the desk from outside, with an emulated WhatsApp and customers in other processes (docs/benchmarks.md).\n" +
			"The last line is one JSON object: the figures, the same of a bare WhatsApp client in the same run, their ratio.",
		Example: "  mostrador bench start",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(m.benchStartCommand(), m.benchBareCommand())
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
