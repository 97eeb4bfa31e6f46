// Package runner: flows at work on a conversation: the inbox loop, steps, and what they decide.
package runner

import (
	"mostrador/hooks/calls"
	"mostrador/hooks/contacts"
	"mostrador/hooks/conversation"
	"mostrador/hooks/facts"
	"mostrador/hooks/receive"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

// Runner lets flows answer.
type Runner struct {
	Calls         *calls.Calls
	Contacts      *contacts.Contacts
	Conversations *conversation.Conversations
	Facts         *facts.Keeper
	Receiver      *receive.Receiver
	Settings      *settings.Keeper
	Store         *store.Store
	Views         *view.Views

	bell chan struct{}
}
