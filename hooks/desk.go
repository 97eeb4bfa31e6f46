package hooks

import (
	"context"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/calls"
	"mostrador/hooks/contacts"
	"mostrador/hooks/conversation"
	"mostrador/hooks/editor"
	"mostrador/hooks/facts"
	"mostrador/hooks/lines"
	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/people"
	"mostrador/hooks/presence"
	"mostrador/hooks/realtime"
	"mostrador/hooks/receive"
	"mostrador/hooks/runner"
	"mostrador/hooks/secrets"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

// Desk is the running product: one database, its lines, its loops.
//
// Start makes the writer, loads what must be in memory and watches who may do what; Run starts lines, loops and clocks; Stop ends them in the
// reverse order. Register binds the routes. Tests that need no line call Start alone.
type Desk struct {
	Lines         lines.Lines
	Runner        runner.Runner
	Receiver      receive.Receiver
	Editor        editor.Editor
	Outbox        outbox.Outbox
	People        people.People
	Files         media.Files
	Presence      presence.Presence
	Contacts      contacts.Contacts
	Conversations conversation.Conversations
	Calls         calls.Calls
	Guard         auth.Guard
	Views         view.Views
	Facts         facts.Keeper
	Secrets       secrets.Secrets
	Settings      settings.Keeper
	API           api.API
	Store         store.Store

	TickEvery time.Duration // how often to look for what is due by the clock: auto-close and the like; 0: a minute

	Hub   realtime.Hub
	probe probe

	traffic // between the lines and the database: run.go
}

// Start loads what must be in memory and starts the writer. The database must be migrated.
func (d *Desk) Start(ctx context.Context) error {
	d.join()
	if err := d.Store.Start(ctx); err != nil {
		return err
	}
	if err := d.Settings.Reload(ctx); err != nil {
		return err
	}
	d.Hub.Begin(d.Store.LastSeq())
	d.Guard.Start() // also where no routes are: the command line changes people, too
	d.Presence.Start()
	d.Calls.Start()
	d.Runner.Start()
	d.Files.Start()
	d.Outbox.Start()
	d.Lines.Make()
	d.Contacts.Bind()
	return nil
}

// Stop serves the causes that are already waiting and ends the writer.
func (d *Desk) Stop() { d.Store.Stop() }
