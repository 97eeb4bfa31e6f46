// Package commands: the command line: reads flags and environment, wires the rest together, opens the desk.
package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// Main is the program. Tests make one with their own arguments, streams and clock, and start it on port 0.
type Main struct {
	Args   []string          // without the program's name
	Env    map[string]string // the environment; what .env adds comes on top, and loses against it
	Dir    string            // where .env and the default data folder lie; empty: the working directory
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Now    func() time.Time

	Ready func(url string) // serve and demo: called once, when the address answers; may be nil

	Version string // what "git describe" said when the binary was built; empty: unknown
	Page    fs.FS  // what web/ builds: index.html at its root
}

// version is what to call this build.
func (m *Main) version() string { return cmp.Or(m.Version, "unknown") }

// Run carries out one command and returns the exit code: 0 only when it did what was asked. An error is one line on
// Stderr that says what to do next.
func (m *Main) Run(ctx context.Context) int {
	root := m.root()
	root.SetArgs(m.Args)
	err := root.ExecuteContext(ctx)
	if err == nil || errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return 0
	}
	fmt.Fprintln(m.Stderr, "mostrador: "+oneLine(err.Error()))
	return 1
}

// private makes what this process writes, copies of the database among it, its owner's alone.
func private() { syscall.Umask(0o077) }

// root puts the commands together.
func (m *Main) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "mostrador",
		Short: "A WhatsApp service desk for small teams, in one binary",
		Long: "Mostrador answers a company's WhatsApp with a flow, hands customers to the right area of people,\n" +
			"and gives those people a chat page.",
		Example:           "  mostrador serve\n  mostrador serve --http 0.0.0.0:80 --dir /var/lib/mostrador",
		Version:           m.version(),
		SilenceErrors:     true, // Run prints them, once
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("there is no command %q; see mostrador --help", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	root.SetIn(m.Stdin)
	root.SetOut(m.Stdout)
	root.SetErr(m.Stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(m.commands()...)
	return root
}

// environment reads .env and the environment; what the environment says wins.
func (m *Main) environment() (Environment, error) {
	file, err := readEnvFile(filepath.Join(m.Dir, ".env"))
	if err != nil {
		return Environment{}, err
	}
	return readEnvironment(func(name string) (string, bool) {
		if value, ok := m.Env[name]; ok {
			return value, true
		}
		value, ok := file[name]
		return value, ok
	})
}

// Pairs reads what os.Environ says.
func Pairs(pairs []string) map[string]string {
	env := map[string]string{}
	for _, pair := range pairs {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	return env
}

// oneLine keeps an error readable in a log that counts lines.
func oneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}
