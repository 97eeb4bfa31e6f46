package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"mostrador/hooks"
)

// server is what serve and demo put up.
type server struct {
	*Main
	settings Settings
	address  string
	dir      string
	whatsapp string // control address of an emulated WhatsApp server; empty: the real one
	demo     bool   // serve /demo/ as well
}

func (m *Main) serveCommand() *cobra.Command {
	s := &server{Main: m}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the desk",
		Long:  "Serves the desk: the agents' page, the API, the line to WhatsApp. One process at a time owns a data folder.",
		Example: "  mostrador serve\n  mostrador serve --http 0.0.0.0:80 --dir /var/lib/mostrador\n" +
			"  PORT=4000 mostrador serve",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if s.settings, err = m.settings(); err != nil {
				return err
			}
			if s.settings.Port > 0 && !cmd.Flags().Changed("http") {
				s.address = fmt.Sprintf("0.0.0.0:%d", s.settings.Port)
			}
			return s.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&s.address, "http", "127.0.0.1:8090", "address to listen on; PORT changes the default")
	cmd.Flags().StringVar(&s.dir, "dir", filepath.Join(m.Dir, "pb_data"), "data folder")
	cmd.Flags().StringVar(&s.whatsapp, "whatsapp", "", "talk to an emulated WhatsApp server at this address (mostrador wasim)")
	return cmd
}

// run serves until ctx ends.
func (s *server) run(ctx context.Context) error {
	ln, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with --http", s.address, explain(err))
	}
	defer ln.Close()
	f, err := openFolder(s.dir, true)
	if err != nil {
		return err
	}
	defer f.close()
	if err := f.settle(s.whatsapp != ""); err != nil {
		return err
	}
	if len(s.settings.Meaningless) > 0 {
		fmt.Fprintln(s.Stderr, "set and without meaning here:", strings.Join(s.settings.Meaningless, ", "))
	}
	desk, err := s.open(ctx, f)
	if err != nil {
		return err
	}
	defer desk.Stop()
	page, err := newBuiltPage(s.demo)
	if err != nil {
		return err
	}
	s.routes(f.app, page, ln)
	defer context.AfterFunc(ctx, func() {
		event := &core.TerminateEvent{App: f.app}
		_ = f.app.OnTerminate().Trigger(event, func(*core.TerminateEvent) error { return nil }) // ends what Serve began
	})()
	err = apis.Serve(f.app, apis.ServeConfig{HttpAddr: ln.Addr().String(), AllowedOrigins: s.origins()})
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", explain(err))
	}
	return nil
}

// open starts the desk on an opened folder.
func (s *server) open(ctx context.Context, f *folder) (*hooks.Desk, error) {
	desk := &hooks.Desk{App: f.app, Now: s.Now, Web: hooks.Web{
		Secret: s.settings.SessionSecret, Cookie: s.settings.SessionCookie, MaxAge: s.settings.SessionMaxAge,
		Cleanup: s.settings.SessionCleanup, Origins: s.settings.Origins,
	}}
	if err := desk.Start(ctx); err != nil {
		return nil, fmt.Errorf("start the desk: %w", err)
	}
	desk.Register()
	return desk, nil
}

// routes puts the page behind all other routes, and says when the address answers.
func (s *server) routes(app core.App, page http.Handler, ln net.Listener) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Listener = ln
		e.InstallerFunc = nil // the first superuser comes from the command line
		e.Router.Any("/{path...}", apis.WrapStdHandler(page))
		if err := e.Next(); err != nil {
			return err
		}
		s.ready("http://" + ln.Addr().String())
		return nil
	})
}

// origins are the other origins that a browser may call the API from. PocketBase takes none for all: the desk's own page
// needs no permission, so one that nobody has stands in.
func (s *server) origins() []string {
	if len(s.settings.Origins) == 0 {
		return []string{"null.invalid"}
	}
	return s.settings.Origins
}
