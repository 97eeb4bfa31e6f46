package store

import (
	"encoding/json"
	"strings"
	"time"

	"mostrador/flows"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// ContactRow is a row of contacts.
type ContactRow struct {
	ID            string         `db:"id"`
	Name          string         `db:"name"`
	PushName      string         `db:"pushName"`
	Phone         string         `db:"phone"`
	LID           string         `db:"lid"`
	PhoneKey      string         `db:"phoneKey"`
	Document      string         `db:"document"`
	Email         string         `db:"email"`
	Lang          string         `db:"lang"`
	PreferredArea string         `db:"preferredArea"`
	Fields        types.JSONRaw  `db:"fields"`
	Tags          types.JSONRaw  `db:"tags"`
	Blocked       bool           `db:"blocked"`
	MergedInto    string         `db:"mergedInto"`
	Seq           int64          `db:"seq"`
	Created       types.DateTime `db:"created"`
	Updated       types.DateTime `db:"updated"`
}

// TableName tells dbx where a row lives.
func (ContactRow) TableName() string { return "contacts" }

// TableName tells dbx where a row lives.
func (Conversation) TableName() string { return "conversations" }

// TableName tells dbx where a row lives.
func (Message) TableName() string { return "messages" }

// Directions of a message.
const (
	Inbound  = "in"
	Outbound = "out"
)

// States of a message: a customer's is received; ours goes from queued on, as WhatsApp tells.
const (
	StateReceived  = "received"
	StateQueued    = "queued"
	StateSending   = "sending" // written when it takes long enough to be seen
	StateSent      = "sent"    // WhatsApp has it
	StateDelivered = "delivered"
	StateRead      = "read"
	StatePlayed    = "played"
	StateFailed    = "failed"
)

// Availability of a person.
const (
	Available = "available"
	Away      = "away"
	Offline   = "offline"
)

const KindNote = "note" // an internal note among the message kinds

// changesAnother tells kinds that have no bubble of their own.
func changesAnother(kind string) bool {
	return kind == "reaction" || kind == "edit" || kind == "revoke"
}

// ByPerson tells whether a person of the desk wrote it, here or on the phone.
func ByPerson(author string) bool {
	return author != ByContact && author != ByFlow && author != BySystem
}

// Preview is the beginning of a text on one line, at most 200 characters.
func Preview(text string) string {
	if len(text) > 4*200 {
		text = strings.ToValidUTF8(text[:4*200], "")
	}
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return text
}

type EventRow struct {
	ID           string         `db:"id"`
	Conversation string         `db:"conversation"`
	Kind         string         `db:"kind"`
	Actor        string         `db:"actor"`
	FromArea     string         `db:"fromArea"`
	FromAssignee string         `db:"fromAssignee"`
	Data         types.JSONRaw  `db:"data"`
	At           types.DateTime `db:"at"`
	Pos          int64          `db:"pos"`
}

// TableName tells dbx where a row lives.
func (EventRow) TableName() string { return "events" }

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

// Planned tells a message that a person wrote for later from one that was tried and waits.
func (m *Message) Planned() bool {
	return m.Outbox && m.Attempts == 0 && m.Reason == "" && !m.DueAt.IsZero()
}

// Who can be the author of a message or the actor of an event, besides a user's id.
const (
	ByContact = "contact"
	ByFlow    = "flow"
	ByPhone   = "phone" // the owner, on the phone itself
	BySystem  = "system"
)

// The statuses of a conversation.
const (
	StatusBot     = "bot"
	StatusWaiting = "waiting"
	StatusOpen    = "open"
	StatusClosed  = "closed"
)

// Stamp is a time as the database and the API write it: UTC, milliseconds.
func Stamp(t time.Time) types.DateTime {
	if t.IsZero() {
		return types.DateTime{}
	}
	d, _ := types.ParseDateTime(t.UTC()) // a time.Time always parses
	return d
}

// Raw is v as JSON for a JSON column.
func Raw(v any) types.JSONRaw {
	b, _ := json.Marshal(v) // rows hold plain data
	return b
}

// Find reads one row of a table by id; sql.ErrNoRows when there is none.
func Find[T any](db dbx.Builder, table, id string) (*T, error) {
	row := new(T)
	if err := db.Select().From(table).Where(dbx.HashExp{"id": id}).One(row); err != nil {
		return nil, err
	}
	return row, nil
}

// FlowSession is where the conversation stands in its flow.
func (c *Conversation) FlowSession() (s flows.Session) {
	Decode(c.Session, &s)
	return s
}

// InFlow tells whether a flow hears what the customer writes: the bot's, or the survey after closing.
func (c *Conversation) InFlow() bool {
	return c.Status == StatusBot || c.Status == StatusClosed && !c.WakeAt.IsZero()
}

// Extra is what messages.extra holds: the parts of a message that only some kinds have.
type Extra struct {
	Place *whatsapp.Place        `json:"place,omitempty"`
	Cards []whatsapp.Card        `json:"cards,omitempty"`
	Poll  *whatsapp.PollQuestion `json:"poll,omitempty"`
	What  string                 `json:"what,omitempty"`
	Ad    *whatsapp.Ad           `json:"ad,omitempty"`

	Cut     bool `json:"cut,omitempty"`     // the row holds the beginning; message_texts has the whole
	Dropped bool `json:"dropped,omitempty"` // the sender wrote even more than is kept, see whatsapp.Message.Bounded
}

// ISO is a time in the API: RFC 3339, UTC, milliseconds; empty for none.
func ISO(t types.DateTime) string {
	if t.IsZero() {
		return ""
	}
	return t.Time().UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

func ISOTime(t time.Time) string { return ISO(Stamp(t)) }
