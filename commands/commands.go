package commands

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/spf13/cobra"
)

// commands lists what mostrador can do, in the order of its help.
func (m *Main) commands() []*cobra.Command {
	return []*cobra.Command{
		m.serveCommand(),
		m.demoCommand(),
		m.wasimCommand(),
		m.adminCommand(),
		m.seedCommand(),
		m.flowCommand(),
		m.doctorCommand(),
		m.benchCommand(),
	}
}

// noArguments refuses what stands after a command that takes flags only.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument %q; see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}

// ready tells that an address answers: scripts wait for the line, tests for the call.
func (m *Main) ready(url string) {
	fmt.Fprintln(m.Stdout, "listening on", url)
	if m.Ready != nil {
		m.Ready(url)
	}
}

// explain puts what an operating system says into words.
func explain(err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("another program listens on this address already (%w)", err)
	case errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM):
		return fmt.Errorf("this user may not do that (%w)", err)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the disk is full (%w)", err)
	}
	return err
}
