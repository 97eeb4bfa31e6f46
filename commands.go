package main

import "github.com/spf13/cobra"

// commands lists what mostrador can do, in the order of its help.
func (m *Main) commands() []*cobra.Command {
	return nil
}
