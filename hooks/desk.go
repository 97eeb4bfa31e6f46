// Package hooks: the desk put together: its subjects, what runs, the clock, the list of routes.
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
	// From the ground up: a room knows only those above it in this list (wire.go).
	Store         store.Store
	API           api.API
	Hub           realtime.Hub
	Settings      settings.Keeper
	Secrets       secrets.Secrets
	Facts         facts.Keeper
	Views         view.Views
	Guard         auth.Guard
	Calls         calls.Calls
	Conversations conversation.Conversations
	Contacts      contacts.Contacts
	Presence      presence.Presence
	Files         media.Files
	People        people.People
	Outbox        outbox.Outbox
	Editor        editor.Editor
	Receiver      receive.Receiver
	Runner        runner.Runner
	Lines         lines.Lines

	TickEvery time.Duration // how often to look for what is due by the clock: auto-close and the like; 0: a minute

	probe probe
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
	d.Lines.Prepare()
	d.Contacts.Bind()
	return nil
}

// Stop serves the causes that are already waiting and ends the writer.
func (d *Desk) Stop() { d.Store.Stop() }
