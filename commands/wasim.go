package commands

import (
	"fmt"

	"mostrador/whatsapp/wasim"

	"github.com/spf13/cobra"
)

// wasimCommand serves the emulated WhatsApp server alone, for tests of other programs and for a desk in another process.
func (m *Main) wasimCommand() *cobra.Command {
	var listen, state string
	cmd := &cobra.Command{
		Use:   "wasim",
		Short: "Serve an emulated WhatsApp with simulated phones, on this machine only",
		Long: "Serves WhatsApp's real protocol on loopback, with simulated phones behind a control API (docs/wasim.md).\n" +
			"Any client that can be given another address and root key may connect; GET /state names both.",
		Example: "  mostrador wasim --listen 127.0.0.1:9099 --state wasim_data\n" +
			"  mostrador serve --whatsapp http://127.0.0.1:9099 --dir pb_data_test",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			wasim.Silence()
			srv, err := wasim.New(wasim.Options{Listen: listen, StateDir: state})
			if err != nil {
				return fmt.Errorf("%w; choose another address with --listen", explain(err))
			}
			m.ready("http://" + srv.Addr())
			<-cmd.Context().Done()
			return srv.Close()
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:9099", "loopback address of WhatsApp's side and the control API; port 0: any free one")
	cmd.Flags().StringVar(&state, "state", "", "folder that keeps phones and links over a restart; empty: nothing is kept")
	return cmd
}
