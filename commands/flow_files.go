package commands

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"mostrador/flows"
	"mostrador/hooks"
	"mostrador/hooks/editor"

	"github.com/spf13/cobra"
)

func (m *Main) flowImportCommand() *cobra.Command {
	var dir string
	var how editor.FlowImport
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Make a flow of a file",
		Long: "Makes a new flow of a file and prints its id. Without --publish it is a draft. A flow with errors is not published.\n" +
			"The desk must not be running on the folder.",
		Example: "  mostrador flow import reception.json\n  mostrador flow import --publish --first reception.json",
		Args:    oneOf("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if how.First && !how.Publish {
				return errors.New("--first goes with --publish: a draft answers nobody; give both, or neither")
			}
			data, err := os.ReadFile(args[0])
			if err != nil {
				return explain(err)
			}
			return m.withDesk(cmd.Context(), dir, func(ctx context.Context, desk *hooks.Desk) error {
				id, problems, err := desk.Editor.Import(ctx, data, how)
				for _, p := range problems {
					fmt.Fprintf(m.Stderr, "%s: %s %s: %s\n", args[0], p.Level, place(p), p.Say(flows.English))
				}
				if err != nil {
					return err
				}
				if id == "" {
					return fmt.Errorf("%s cannot be published; the lines above say why, and without --publish it becomes a draft", args[0])
				}
				fmt.Fprintln(m.Stdout, id)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", filepath.Join(m.Dir, "pb_data"), "data folder")
	cmd.Flags().BoolVar(&how.Publish, "publish", false, "put it to work, unless it has errors")
	cmd.Flags().BoolVar(&how.First, "first", false, "with --publish: it answers first messages from now on")
	return cmd
}

func (m *Main) flowExportCommand() *cobra.Command {
	var dir, which string
	cmd := &cobra.Command{
		Use:   "export ID",
		Short: "Print a flow as a file",
		Long: "Prints the flow with its tests and triggers: its published version, or its draft when it has none.\n" +
			"The desk must not be running on the folder.",
		Example: "  mostrador flow export 00abc123def4567 > reception.json",
		Args:    oneOf("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return m.withDesk(cmd.Context(), dir, func(_ context.Context, desk *hooks.Desk) error {
				text, err := desk.Editor.Export(args[0], which)
				if err == nil {
					fmt.Fprintf(m.Stdout, "%s", text)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", filepath.Join(m.Dir, "pb_data"), "data folder")
	cmd.Flags().StringVar(&which, "version", "", "number of a version, or draft")
	return cmd
}

// oneOf asks for exactly one argument.
func oneOf(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s takes one %s; see %s --help", cmd.CommandPath(), what, cmd.CommandPath())
		}
		return nil
	}
}
