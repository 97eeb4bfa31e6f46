package commands

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"mostrador/hooks"
	"mostrador/hooks/auth"
	"mostrador/hooks/calls"
	"mostrador/hooks/fetch"
	"mostrador/hooks/lines"
	"mostrador/hooks/store"
	"mostrador/page"
	"mostrador/whatsapp"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// server is what serve and demo put up.
type server struct {
	*Main
	settings Environment
	address  string
	dir      string
	whatsapp string   // control address of an emulated WhatsApp server; empty: the real one, or the demo's own
	allow    []string // hosts that flows may ask wherever they are, besides those of the environment
	noLimit  bool     // send as fast as an emulated server takes it
	demo     *demo    // nil: the desk alone
}

// run serves until ctx ends.
func (s *server) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ln, err := listen(ctx, s.address)
	if err != nil {
		return err
	}
	defer ln.Close()
	var first func(dir string) error
	if s.demo != nil {
		first = s.demo.begin
	}
	f, err := openFolder(s.dir, true, first)
	if err != nil {
		return err
	}
	defer f.close()
	if err := f.settle(s.whatsapp != "" || s.demo != nil); err != nil {
		return err
	}
	if s.demo != nil {
		if err := s.demo.open(); err != nil {
			return err
		}
		defer s.demo.close()
	}
	if len(s.settings.Meaningless) > 0 {
		fmt.Fprintln(s.Stderr, "set and without meaning here:", strings.Join(s.settings.Meaningless, ", "))
	}
	if names := hooks.OpenToOthers(f.dir); len(names) > 0 {
		fmt.Fprintf(s.Stderr, "others on this machine can read %s in %s; run chmod 600 on them\n", strings.Join(names, ", "), f.dir)
	}
	desk, err := s.open(ctx, f)
	if err != nil {
		return err
	}
	defer desk.Stop()
	if err := s.routes(desk, ln); err != nil {
		return err
	}
	return s.work(ctx, cancel, desk, ln)
}

// open starts the desk on an opened folder; its lines and loops are not running yet.
func (s *server) open(ctx context.Context, f *folder) (*hooks.Desk, error) {
	allow, err := fetch.ParseHosts(s.allow)
	if err != nil {
		return nil, fmt.Errorf("--allow-host: %w", err)
	}
	if s.whatsapp != "" {
		if err := whatsapp.UseServerAt(ctx, s.whatsapp); err != nil {
			return nil, fmt.Errorf("%w; start one with mostrador wasim, and give its address with --whatsapp", err)
		}
	}
	desk := &hooks.Desk{Store: store.Store{App: f.app, Now: s.Now}, Guard: auth.Guard{Web: auth.Web{
		Secret: s.settings.SessionSecret, Cookie: s.settings.SessionCookie, MaxAge: s.settings.SessionMaxAge,
		Cleanup: s.settings.SessionCleanup, Origins: s.settings.Origins,
	}}, Lines: lines.Lines{Options: lines.Options{ScanFor: s.settings.ScanFor}}, TickEvery: s.settings.SchedulerInterval,
		Calls: calls.Calls{Outside: fetch.Client{Allow: append(allow, s.settings.AllowHosts...)}}}
	if s.noLimit || s.demo != nil {
		desk.Lines.Options.Limit = whatsapp.Limit{PerSecond: -1, FirstPerMinute: -1}
	}
	if s.demo != nil {
		if err := s.demo.prepare(ctx, f.app, s.Now); err != nil {
			return nil, fmt.Errorf("prepare the demo: %w", err)
		}
	}
	if err := desk.Start(ctx); err != nil {
		return nil, fmt.Errorf("start the desk: %w", err)
	}
	first := map[string]any{}
	if minutes := s.settings.AutoClose; minutes != nil {
		first["autoCloseMinutes"] = *minutes
	}
	if text := s.settings.AutoCloseMessage; text != nil {
		first["autoCloseMessage"] = *text
	}
	if err := desk.Settings.Preset(ctx, first); err != nil {
		desk.Stop()
		return nil, fmt.Errorf("start the desk: %w", err)
	}
	desk.Register()
	return desk, nil
}

// routes puts the page behind all other routes, and says when the address answers.
func (s *server) routes(desk *hooks.Desk, ln net.Listener) error {
	built, err := page.New(s.Page, s.demo != nil)
	if err != nil {
		return err
	}
	desk.Store.App.OnServe().BindFunc(func(e *core.ServeEvent) error {
		gate := newGate(ln, mostFiles())
		e.Listener, e.Server.ConnState = gate, gate.state
		e.InstallerFunc = nil // the first superuser comes from the command line
		if s.demo != nil {
			e.Router.Any("/demo/api/{path...}", apis.WrapStdHandler(s.demo.handler(desk)))
		}
		e.Router.Any("/{path...}", apis.WrapStdHandler(built))
		if err := e.Next(); err != nil {
			return err
		}
		s.ready("http://" + ln.Addr().String())
		if s.demo != nil {
			s.demo.welcome(s.Stdout, "http://"+ln.Addr().String())
		}
		return nil
	})
	return nil
}

// work runs the desk's loops and answers requests until ctx ends or one of both cannot go on.
func (s *server) work(ctx context.Context, cancel context.CancelFunc, desk *hooks.Desk, ln net.Listener) error {
	loops := make(chan error, 1)
	go func() {
		defer cancel()
		loops <- desk.Run(ctx)
	}()
	select { // nobody is answered that there is no line because it is not there yet
	case <-desk.Lines.Loaded():
	case <-ctx.Done():
	}
	if s.demo != nil {
		go s.demo.switchOn(ctx, desk)
	}
	stopAnswering := context.AfterFunc(ctx, func() {
		event := &core.TerminateEvent{App: desk.Store.App}
		_ = desk.Store.App.OnTerminate().Trigger(event, func(*core.TerminateEvent) error { return nil }) // ends what Serve began
	})
	err := apis.Serve(desk.Store.App, apis.ServeConfig{HttpAddr: ln.Addr().String(), AllowedOrigins: s.origins()})
	stopAnswering()
	cancel()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	if loopErr := <-loops; err == nil {
		err = loopErr
	}
	if err != nil {
		return fmt.Errorf("serve: %w", explain(err))
	}
	return nil
}

// origins are the other origins that a browser may call the API from. PocketBase takes none for all: the desk's own page
// needs no permission, so one that nobody has stands in.
func (s *server) origins() []string {
	if len(s.settings.Origins) == 0 {
		return []string{"null.invalid"}
	}
	return s.settings.Origins
}
