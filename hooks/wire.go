package hooks

import "mostrador/hooks/view"

// join gives each room those that it stands on, and sets what a room asks of, or tells, a room above it.
func (d *Desk) join() {
	d.API.Store = &d.Store
	d.Settings.Store = &d.Store
	d.Secrets.Store = &d.Store
	d.Facts.Store, d.Facts.Settings = &d.Store, &d.Settings
	d.Views.Store, d.Views.Hub = &d.Store, &d.Hub
	d.Guard.Store, d.Guard.API, d.Guard.Hub, d.Guard.Settings = &d.Store, &d.API, &d.Hub, &d.Settings
	d.Calls.Store, d.Calls.Settings, d.Calls.Secrets = &d.Store, &d.Settings, &d.Secrets
	d.Conversations.Store, d.Conversations.Settings, d.Conversations.Facts = &d.Store, &d.Settings, &d.Facts
	d.Contacts.Store = &d.Store
	d.Presence.Store, d.Presence.Views, d.Presence.Guard = &d.Store, &d.Views, &d.Guard
	d.Files.Store, d.Files.Settings, d.Files.Views, d.Files.Contacts = &d.Store, &d.Settings, &d.Views, &d.Contacts
	d.People.Store, d.People.Settings, d.People.Guard = &d.Store, &d.Settings, &d.Guard
	d.People.Conversations, d.People.Presence = &d.Conversations, &d.Presence
	d.Outbox.Store, d.Outbox.Views, d.Outbox.Conversations = &d.Store, &d.Views, &d.Conversations
	d.Outbox.Contacts, d.Outbox.Files = &d.Contacts, &d.Files
	d.Editor.Store, d.Editor.Settings, d.Editor.Facts, d.Editor.Files = &d.Store, &d.Settings, &d.Facts, &d.Files
	d.Receiver.Store, d.Receiver.Settings, d.Receiver.Conversations = &d.Store, &d.Settings, &d.Conversations
	d.Receiver.Contacts, d.Receiver.Files, d.Receiver.Outbox = &d.Contacts, &d.Files, &d.Outbox
	d.Runner.Store, d.Runner.Settings, d.Runner.Facts, d.Runner.Views, d.Runner.Calls = &d.Store, &d.Settings, &d.Facts, &d.Views, &d.Calls
	d.Runner.Conversations, d.Runner.Contacts, d.Runner.Receiver = &d.Conversations, &d.Contacts, &d.Receiver
	d.Lines.Store, d.Lines.Contacts, d.Lines.Files = &d.Store, &d.Contacts, &d.Files
	d.Lines.Outbox, d.Lines.Receiver = &d.Outbox, &d.Receiver

	// Against the stream: all that a room below asks of one above.
	d.Store.PublishTo, d.Store.Settle = d.Hub.Publish, view.Settle
	d.Store.Pending, d.Store.Queued, d.Store.Read = d.Runner.Wake, d.Lines.WakeOutbox, d.Lines.WakeMarks
	d.Store.KeepsWhole = d.Files.KeepsWhole
	d.API.HasRoom, d.Settings.Saved = d.Files.MayStore, d.Files.ResumeAfter
	d.Hub.Check, d.Hub.Foreign = d.Guard.StillSignedIn, d.Guard.Foreign
	d.Hub.Arrived, d.Hub.Left = d.Presence.Arrive, d.Presence.Leave
	d.Secrets.Word, d.Secrets.Clear = d.Guard.Web.Secret, func(url string) bool { return d.Calls.Outside.Allow.HasURL(url) }
	d.Guard.Ended, d.Guard.Settled, d.Guard.Gone = d.Presence.PersonSignedOut, d.Presence.WriteDown, d.Conversations.Freed
	d.Conversations.Hears, d.Presence.ShowTyping = d.Lines.Hears, d.Lines.ShowTyping
	d.Files.Source, d.Files.Sources, d.Outbox.Line = d.Lines.Source, d.Lines.Sources, d.Lines.OutboxOf
	d.Receiver.Answer = d.Runner.AnswerNext
}
