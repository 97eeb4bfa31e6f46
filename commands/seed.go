package commands

import (
	"context"
	"fmt"
	"path/filepath"

	"mostrador/hooks"
	"mostrador/hooks/sample"

	"github.com/spf13/cobra"
)

func (m *Main) seedCommand() *cobra.Command {
	var dir string
	var options sample.Options
	cmd := &cobra.Command{
		Use:   "seed",
		Short: "Put sample areas, hours, flows and quick replies into a desk",
		Long: "Puts in what a desk can start from. What is there already stays as it is, so it may run again.\n" +
			"The desk must not be running on the folder.",
		Example: "  mostrador seed --lang es\n  mostrador seed --lang pt-BR --dir /var/lib/mostrador",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := m.withDesk(cmd.Context(), dir, func(ctx context.Context, desk *hooks.Desk) error { return sample.Seed(ctx, desk, options) })
			if err == nil {
				fmt.Fprintln(m.Stdout, "the desk has sample areas, hours, flows and quick replies")
			}
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "dir", filepath.Join(m.Dir, "pb_data"), "data folder")
	cmd.Flags().StringVar(&options.Lang, "lang", "es", "language of the samples: es, pt-BR, en")
	cmd.Flags().BoolVar(&options.AlwaysOpen, "always-open", false, "opening hours round the clock, for trying it at any hour")
	return cmd
}
