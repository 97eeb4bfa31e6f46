package commands

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"
)

func (m *Main) serveCommand() *cobra.Command {
	s := &server{Main: m}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the desk",
		Long:  "Serves the desk: the agents' page, the API, the line to WhatsApp. One process at a time owns a data folder.",
		Example: "  mostrador serve\n  mostrador serve --http 0.0.0.0:80 --dir /var/lib/mostrador\n" +
			"  mostrador serve --allow-host erp.lan:8080\n  PORT=4000 mostrador serve",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if s.settings, err = m.environment(); err != nil {
				return err
			}
			if s.settings.Port > 0 && !cmd.Flags().Changed("http") {
				s.address = fmt.Sprintf("0.0.0.0:%d", s.settings.Port)
			}
			if s.noLimit && s.whatsapp == "" {
				return fmt.Errorf("--no-limit is for an emulated WhatsApp: the real one bans who sends as fast as it can; give --whatsapp too, or leave it out")
			}
			return s.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&s.address, "http", "127.0.0.1:8090", "address to listen on; PORT changes the default")
	cmd.Flags().StringVar(&s.dir, "dir", filepath.Join(m.Dir, "pb_data"), "data folder")
	cmd.Flags().StringVar(&s.whatsapp, "whatsapp", "", "talk to an emulated WhatsApp server at this address (mostrador wasim)")
	cmd.Flags().StringArrayVar(&s.allow, "allow-host", nil, "let flows ask this host (HOST or HOST:PORT) although it is not on the open internet; may be given again")
	cmd.Flags().BoolVar(&s.noLimit, "no-limit", false, "with --whatsapp: send as fast as the server takes it, for measurements")
	return cmd
}
