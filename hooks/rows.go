package hooks

import (
	"encoding/json"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Conversation is a row of conversations. The hot path reads and writes plain rows: no hooks, no re-validation.
type Conversation struct {
	ID           string         `db:"id"`
	Line         string         `db:"line"`
	Contact      string         `db:"contact"`
	Status       string         `db:"status"`
	Area         string         `db:"area"`
	Assignee     string         `db:"assignee"`
	Priority     int            `db:"priority"`
	Flow         string         `db:"flow"`
	Version      int            `db:"version"`
	Session      types.JSONRaw  `db:"session"`
	WakeAt       types.DateTime `db:"wakeAt"`
	Unread       int            `db:"unread"`
	ReadPos      int64          `db:"readPos"`
	LastAt       types.DateTime `db:"lastAt"`
	LastText     string         `db:"lastText"`
	LastKind     string         `db:"lastKind"`
	LastAuthor   string         `db:"lastAuthor"`
	LastMessage  string         `db:"lastMessage"`
	WaitingSince types.DateTime `db:"waitingSince"`
	WaitedSince  types.DateTime `db:"waitedSince"`
	QuietFrom    types.DateTime `db:"quietFrom"`
	SnoozedUntil types.DateTime `db:"snoozedUntil"`
	EscalatedAt  types.DateTime `db:"escalatedAt"`
	AwayAt       types.DateTime `db:"awayAt"`
	StartedAt    types.DateTime `db:"startedAt"`
	AssignedAt   types.DateTime `db:"assignedAt"`
	FirstReplyAt types.DateTime `db:"firstReplyAt"`
	ClosedAt     types.DateTime `db:"closedAt"`
	ClosedBy     string         `db:"closedBy"`
	CloseReason  string         `db:"closeReason"`
	Tags         types.JSONRaw  `db:"tags"`
	Seq          int64          `db:"seq"`
}

// Message is a row of messages.
type Message struct {
	ID           string         `db:"id"`
	Conversation string         `db:"conversation"`
	Contact      string         `db:"contact"`
	Line         string         `db:"line"`
	WaID         string         `db:"waId"`
	ClientID     string         `db:"clientId"`
	Direction    string         `db:"direction"`
	Kind         string         `db:"kind"`
	Text         string         `db:"text"`
	Author       string         `db:"author"`
	State        string         `db:"state"`
	Reason       string         `db:"reason"`
	Pending      bool           `db:"pending"`
	Outbox       bool           `db:"outbox"`
	Attempts     int            `db:"attempts"`
	DueAt        types.DateTime `db:"dueAt"`
	Target       string         `db:"target"`
	Media        string         `db:"media"`
	Quote        types.JSONRaw  `db:"quote"`
	Extra        types.JSONRaw  `db:"extra"`
	SentAt       types.DateTime `db:"sentAt"`
	EditedAt     types.DateTime `db:"editedAt"`
	RevokedAt    types.DateTime `db:"revokedAt"`
	Pos          int64          `db:"pos"`
	Seq          int64          `db:"seq"`
}

// planned tells a message that a person wrote for later from one that was tried and waits.
func (m *Message) planned() bool {
	return m.Outbox && m.Attempts == 0 && m.Reason == "" && !m.DueAt.IsZero()
}

// Who can be the author of a message or the actor of an event, besides a user's id.
const (
	byContact = "contact"
	byFlow    = "flow"
	byPhone   = "phone" // the owner, on the phone itself
	bySystem  = "system"
)

// The statuses of a conversation.
const (
	statusBot     = "bot"
	statusWaiting = "waiting"
	statusOpen    = "open"
	statusClosed  = "closed"
)

// stamp is a time as the database and the API write it: UTC, milliseconds.
func stamp(t time.Time) types.DateTime {
	if t.IsZero() {
		return types.DateTime{}
	}
	d, _ := types.ParseDateTime(t.UTC()) // a time.Time always parses
	return d
}

// raw is v as JSON for a JSON column.
func raw(v any) types.JSONRaw {
	b, _ := json.Marshal(v) // rows hold plain data
	return b
}

// find reads one row of a table by id; sql.ErrNoRows when there is none.
func find[T any](db dbx.Builder, table, id string) (*T, error) {
	row := new(T)
	if err := db.Select().From(table).Where(dbx.HashExp{"id": id}).One(row); err != nil {
		return nil, err
	}
	return row, nil
}
