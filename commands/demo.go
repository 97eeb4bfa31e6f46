package commands

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"
)

func (m *Main) demoCommand() *cobra.Command {
	s := &server{Main: m}
	d := &demo{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve the whole product with simulated phones",
		Long: "Serves the desk with sample areas, people, a flow and an emulated WhatsApp inside; on the page /demo/ are simulated\n" +
			"phones to type on. It has a folder of its own and never touches a real line.",
		Example: "  mostrador demo\n  mostrador demo --http 127.0.0.1:9000 --lang pt-BR",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if s.settings, err = m.environment(); err != nil {
				return err
			}
			if s.settings.Port > 0 && !cmd.Flags().Changed("http") {
				s.address = fmt.Sprintf("127.0.0.1:%d", s.settings.Port) // whoever reaches a demo owns its phones
			}
			s.dir, s.demo = d.dir, d
			return s.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&s.address, "http", "127.0.0.1:8090", "address to listen on")
	cmd.Flags().StringVar(&d.dir, "dir", filepath.Join(m.Dir, "demo_data"), "the demo's own folder")
	cmd.Flags().StringVar(&d.lang, "lang", "es", "language of the samples: es, pt-BR, en")
	return cmd
}
