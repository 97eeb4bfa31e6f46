package view

import (
	"encoding/json"

	"mostrador/whatsapp"
)

// Conversation is a conversation as the API and the realtime events show it (docs/openapi.yaml).
type Conversation struct {
	ID           string   `json:"id"`
	Status       string   `json:"status"`
	Area         string   `json:"area"`
	Assignee     string   `json:"assignee"`
	Contact      Contact  `json:"contact"`
	Line         string   `json:"line"`
	Unread       int      `json:"unread"`
	LastMessage  *Preview `json:"lastMessage,omitempty"`
	LastAt       string   `json:"lastMessageAt"`
	WaitingSince string   `json:"waitingSince,omitempty"`
	EscalatedAt  string   `json:"escalatedAt,omitempty"` // supervision was called, because nobody answers
	SnoozedUntil string   `json:"snoozedUntil,omitempty"`
	StartedAt    string   `json:"startedAt"`
	ClosedAt     string   `json:"closedAt,omitempty"`
	CloseReason  string   `json:"closeReason,omitempty"`
	Flow         string   `json:"flow,omitempty"`
	Tags         []string `json:"tags"`
	Cursor       int64    `json:"cursor,string"`
}

// Contact is the part of a contact that a conversation carries.
type Contact struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"` // E.164 with "+"; absent while only a LID is known
}

// Preview is the line under a name in the list.
type Preview struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Author string `json:"author"`
}

// Message is a message as the API and the realtime events show it.
type Message struct {
	ID           string                 `json:"id"`
	Conversation string                 `json:"conversation"`
	ClientID     string                 `json:"clientId,omitempty"`
	Direction    string                 `json:"direction"`
	Kind         string                 `json:"kind"`
	Text         string                 `json:"text,omitempty"`
	Author       string                 `json:"author"`
	State        string                 `json:"state"`
	Reason       string                 `json:"reason,omitempty"`
	Media        *Media                 `json:"media,omitempty"`
	Quote        *Quote                 `json:"quote,omitempty"`
	Reactions    []Reaction             `json:"reactions,omitempty"`
	Place        *whatsapp.Place        `json:"location,omitempty"`
	Cards        []whatsapp.Card        `json:"cards,omitempty"`
	Poll         *whatsapp.PollQuestion `json:"poll,omitempty"`
	Votes        []VoteView             `json:"votes,omitempty"`
	What         string                 `json:"what,omitempty"`
	Ad           *whatsapp.Ad           `json:"ad,omitempty"`      // what the customer had tapped on before writing, as their program says
	Cut          bool                   `json:"cut,omitempty"`     // this is the beginning: GET /api/conversations/{id}/messages/{message} has the whole
	Dropped      bool                   `json:"dropped,omitempty"` // there was even more, which was not kept
	EditedAt     string                 `json:"editedAt,omitempty"`
	RevokedAt    string                 `json:"revokedAt,omitempty"`
	SendAt       string                 `json:"sendAt,omitempty"`
	SentAt       string                 `json:"sentAt"`
	Pos          int64                  `json:"pos,string"`
	Cursor       int64                  `json:"cursor,string"`
}

// Media is a file of a message; url is empty until state is ready.
type Media struct {
	ID      string `json:"id"`
	MIME    string `json:"mime"`
	Name    string `json:"name,omitempty"`
	Size    int64  `json:"size"` // bytes
	Seconds int    `json:"seconds,omitempty"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
	Wave    string `json:"wave,omitempty"`   // base64
	Thumb   string `json:"thumb,omitempty"`  // base64 JPEG
	State   string `json:"state"`            // pending; waiting: it is not fetched by itself; ready; failed
	Reason  string `json:"reason,omitempty"` // waiting: quota, disk, blocked; failed: gone, too_large, damaged, download; pending: asked (the sender's phone)
	URL     string `json:"url,omitempty"`
}

// Quote is the quoted message; id is empty when we never had it, or have it in another conversation.
type Quote struct {
	ID      string `json:"id,omitempty"`
	Text    string `json:"text"`
	Kind    string `json:"kind,omitempty"`
	Author  string `json:"author"`
	Claimed bool   `json:"claimed,omitempty"` // only the customer says that it was written, so that the customer is its author
}

// Reaction is one person's reaction.
type Reaction struct {
	Emoji  string `json:"emoji"`
	Author string `json:"author"`
}

// VoteView is one person's vote in a poll.
type VoteView struct {
	Author  string   `json:"author"`
	Options []string `json:"options"`
}

// Event is what happened to a conversation, as a line between its messages.
type Event struct {
	ID           string          `json:"id"`
	Conversation string          `json:"conversation"`
	Kind         string          `json:"kind"` // always "event"
	Event        string          `json:"event"`
	Author       string          `json:"author"`
	Data         json.RawMessage `json:"data,omitempty"`
	SentAt       string          `json:"sentAt"`
	Pos          int64           `json:"pos,string"`
	Cursor       int64           `json:"cursor,string"`
}
