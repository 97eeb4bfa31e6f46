package store

import "mostrador/hooks/rights"

// Event is one realtime event: the same JSON as the REST resource, for those who may see it.
type Event struct {
	Name   string // contracts: conversation:update, message:new…
	Cursor int64
	Data   any

	// Who hears it. A conversation's events go to everybody whose Viewer.Sees(Area, Assignee).
	Conversation   bool
	Area, Assignee string
	// When the conversation moved: who saw it before and does not any more hears {"id","removed":true}.
	Moved                  bool
	FromArea, FromAssignee string
	ID                     string // the conversation's id

	User string      // only this user
	Role rights.Role // only this role
	All  bool        // every signed-in user
}

func (s *Store) Publish(es []Event) {
	if s.PublishTo == nil {
		return
	}
	Resumable(es)
	for _, e := range es {
		s.PublishTo(e)
	}
}

// Resumable makes the cursors of one cause's events safe to resume from: a browser that loses its stream after one of
// them asks for what came after that cursor, and must not skip the ones that it did not get. So none is above what
// follows it, and the last stands for all of them.
func Resumable(es []Event) {
	if len(es) == 0 {
		return
	}
	var highest int64
	for _, e := range es {
		highest = max(highest, e.Cursor)
	}
	next := highest + 1
	for i := len(es) - 1; i >= 0; i-- {
		own := es[i].Cursor
		es[i].Cursor = next - 1
		if own != 0 {
			next = min(next, own)
		}
	}
}

// The realtime events that the desk's page may listen to, besides those of a conversation's changes.
const (
	EventStatus   = "session:status"
	EventQR       = "session:qr"
	EventPresence = "presence"
	EventTyping   = "typing"
	EventPing     = "ping"
)

// The realtime events that a conversation's changes become.
const (
	EventConversation = "conversation:update"
	EventIncoming     = "conversation:incoming"           // somebody has it now who had it not
	EventClosed       = "conversation:closed"             //
	EventPending      = "conversation:pending_assignment" // it waits, and nobody has it; or nobody answers
	EventMessageNew   = "message:new"
	EventMessage      = "message:update" // it was there before
)

// EventRights is the audit row of a change to what a user may see; whoever was away when it happened reads everything again.
const EventRights = "rights_changed"
