package hooks

import (
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

// join sets what a room asks of, or tells, a room above it. Everything else is an import.
func (d *Desk) join() {
	d.API.Store = &d.Store
	d.Settings.Store = &d.Store
	d.Secrets.Store = &d.Store
	d.Facts.Settings, d.Facts.Store = &d.Settings, &d.Store
	d.Views.Hub, d.Views.Store = &d.Hub, &d.Store
	d.Guard.API, d.Guard.Hub, d.Guard.Settings, d.Guard.Store = &d.API, &d.Hub, &d.Settings, &d.Store
	d.Calls.Secrets, d.Calls.Settings, d.Calls.Store = &d.Secrets, &d.Settings, &d.Store
	d.Conversations.Facts, d.Conversations.Settings, d.Conversations.Store = &d.Facts, &d.Settings, &d.Store
	d.Contacts.Store = &d.Store
	d.Presence.Guard, d.Presence.Store, d.Presence.Views = &d.Guard, &d.Store, &d.Views
	d.Files.Contacts, d.Files.Settings, d.Files.Store, d.Files.Views = &d.Contacts, &d.Settings, &d.Store, &d.Views
	d.People.Conversations, d.People.Guard, d.People.Presence, d.People.Settings, d.People.Store = &d.Conversations, &d.Guard, &d.Presence, &d.Settings, &d.Store
	d.Outbox.Contacts, d.Outbox.Conversations, d.Outbox.Files, d.Outbox.Store, d.Outbox.Views = &d.Contacts, &d.Conversations, &d.Files, &d.Store, &d.Views
	d.Editor.Facts, d.Editor.Files, d.Editor.Settings, d.Editor.Store = &d.Facts, &d.Files, &d.Settings, &d.Store
	d.Receiver.Contacts, d.Receiver.Conversations, d.Receiver.Files, d.Receiver.Outbox, d.Receiver.Settings, d.Receiver.Store = &d.Contacts, &d.Conversations, &d.Files, &d.Outbox, &d.Settings, &d.Store
	d.Runner.Calls, d.Runner.Contacts, d.Runner.Conversations, d.Runner.Facts, d.Runner.Receiver, d.Runner.Settings, d.Runner.Store, d.Runner.Views = &d.Calls, &d.Contacts, &d.Conversations, &d.Facts, &d.Receiver, &d.Settings, &d.Store, &d.Views
	d.Lines.Contacts, d.Lines.Files, d.Lines.Outbox, d.Lines.Receiver, d.Lines.Store = &d.Contacts, &d.Files, &d.Outbox, &d.Receiver, &d.Store
	// rooms
	d.Store.PublishTo = d.Hub.Publish
	d.Store.Settle = view.Settle
	d.Store.Pending = func() { store.Poke(d.Runner.InboxWake) }
	d.Store.Queued = d.Lines.WakeOutbox
	d.Store.Read = d.Lines.WakeMarks
	d.Hub.Check, d.Hub.Foreign, d.Hub.Arrived, d.Hub.Left = d.Guard.StillSignedIn, d.Guard.Foreign, d.Presence.Arrive, d.Presence.Leave
	d.Secrets.Word, d.Secrets.Clear = d.Guard.Web.Secret, func(url string) bool { return d.Calls.Outside.Allow.HasURL(url) }
	d.Guard.Ended, d.Guard.Settled, d.Guard.Gone = d.Presence.PersonSignedOut, d.Presence.WriteDown, d.Conversations.Freed
	d.Conversations.Hears = d.Lines.Hears
	d.Files.Source, d.Files.Sources = d.Lines.Source, d.Lines.Sources
	d.Outbox.Line = d.Lines.OutboxOf
	d.Receiver.Answer = d.Runner.AnswerNext
	d.API.HasRoom, d.Settings.Saved = d.Files.MayStore, d.Files.ResumeAfter
	d.Presence.ShowTyping = d.Lines.ShowTyping
}
