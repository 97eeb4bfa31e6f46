// Package whatsapp is the line: a company's WhatsApp number held as a linked device.
//
// The rest of the product speaks this package's vocabulary (Message, Receipt, Status…) and never sees a JID, a stanza or
// a protobuf. Its one implementation, Line, is built on whatsmeow; the sibling package wasim is a WhatsApp server on
// loopback that speaks the real protocol, so that the same implementation is proven without a phone.
package whatsapp

import (
	"encoding/json"
	"time"
)

// Address names a customer. WhatsApp knows people by phone number and by LID (a hidden id that says nothing about the
// number); either may be missing, never both. Two addresses that share one non-empty field are the same person.
type Address struct {
	Phone string `json:"phone,omitempty"` // E.164 digits without "+", as WhatsApp answers to it
	LID   string `json:"lid,omitempty"`   // the digits before @lid; never shown to people as a phone number
}

// Kind is what a message is.
type Kind string

// The kinds of message. Reaction, Edit, Revoke and Vote change another message, named by Message.Target.
const (
	Text          Kind = "text"
	Image         Kind = "image"
	Video         Kind = "video"
	Audio         Kind = "audio"
	Voice         Kind = "voice"
	Document      Kind = "document"
	Sticker       Kind = "sticker"
	Location      Kind = "location"
	Contact       Kind = "contact"
	Poll          Kind = "poll"
	Reaction      Kind = "reaction"
	Edit          Kind = "edit"
	Revoke        Kind = "revoke"
	Vote          Kind = "vote"
	Call          Kind = "call"          // a missed call: the desk can't answer it
	Unsupported   Kind = "unsupported"   // a kind that this version does not know; What names it
	Undecryptable Kind = "undecryptable" // could not be read (yet): the same ID may come again as another kind
)

// Why a message is Undecryptable (Message.What). One that says WhatRetry is asked for again by itself and mostly comes
// within seconds, as a message of another kind with the same ID: keep it from people for 30 s, and let the later one take
// its place whenever it comes.
const (
	WhatRetry       = "retry"       // the encryption did not fit; the sender's phone was asked to send it again
	WhatViewOnce    = "view_once"   // WhatsApp shows it on the phone only
	WhatUnavailable = "unavailable" // WhatsApp did not give it to this device; it can be read on the phone
)

// Message is something that happened in a one-to-one chat.
type Message struct {
	ID     string    // WhatsApp's id, unique within chat and direction; delivered at least once
	Chat   Address   // the customer, whoever wrote
	FromMe bool      // written by the owner on the phone or on another linked device
	Name   string    // the customer's push name; empty if not told
	At     time.Time // WhatsApp's time, second precision
	Kind   Kind
	Text   string // body, caption, emoji of a reaction (empty: taken back), or the new text of an edit
	Target string // Reaction, Edit, Revoke, Vote: the id of the message that it changes
	Quote  *Quote
	Ad     *Ad // what the customer had tapped on before writing
	Media  *Media
	Place  *Place
	Cards  []Card
	Poll   *PollQuestion
	Votes  []string // Vote: the chosen options' texts (VoteHash of those that are not known); empty: taken back
	What   string   // Unsupported: the protocol's own name; Undecryptable: why; Call: "audio" or "video"

	ViewOnce bool // WhatsApp shows it one time only; given only where Config.KeepViewOnce says so
	Dropped  bool // it said more than is kept of a message, see Bounded
}

// Quote is the message that a message answers.
type Quote struct {
	ID     string `json:"id"`
	FromMe bool   `json:"fromMe"`
	Text   string `json:"text,omitempty"` // what the quoting side says that it said; may be empty
}

// Media describes a file that still lies on WhatsApp's servers, or was taken from there.
type Media struct {
	MIME    string          `json:"mime"`
	Name    string          `json:"name,omitempty"`
	Size    int64           `json:"size"`              // bytes, as the sender says
	Seconds int             `json:"seconds,omitempty"` // audio, voice, video
	Width   int             `json:"width,omitempty"`   // pixels
	Height  int             `json:"height,omitempty"`
	Wave    []byte          `json:"wave,omitempty"`  // voice: 64 levels, 0 to 100
	Thumb   []byte          `json:"thumb,omitempty"` // small JPEG
	Ref     json.RawMessage `json:"ref,omitempty"`   // what Line.Download needs; opaque
}

// Place is a location.
type Place struct {
	Lat     float64 `json:"lat"` // degrees, WGS 84
	Lng     float64 `json:"lng"`
	Name    string  `json:"name,omitempty"`
	Address string  `json:"address,omitempty"`
	Live    bool    `json:"live,omitempty"`
}

// Card is a shared contact.
type Card struct {
	Name  string `json:"name"`
	VCard string `json:"vcard"` // RFC 2426 text as sent
}

// PollQuestion is a poll as it was asked.
type PollQuestion struct {
	Question string   `json:"question"`
	Options  []string `json:"options"`
	Max      int      `json:"max"` // how many may be chosen; 0: any number
}

// ReceiptState says how far a message of ours got.
type ReceiptState string

// The receipts. They may arrive in any order and before Send returns.
const (
	Delivered ReceiptState = "delivered"
	Read      ReceiptState = "read"
	Played    ReceiptState = "played"
)

// Receipt tells that messages reached the customer (FromMe false), or that they were read on the owner's own phone
// (ByOwner true: the desk may clear its unread count).
type Receipt struct {
	Chat    Address
	IDs     []string
	State   ReceiptState
	At      time.Time
	ByOwner bool
}

// Activity is what a customer is doing in the chat right now.
type Activity struct {
	Chat  Address
	State string // "composing", "recording", "paused", "online", "offline"
	Seen  time.Time
}

// Outgoing is a message to send. ID is chosen beforehand with NewID and stored, so that a repeated send is one message
// on the phone.
type Outgoing struct {
	ID     string
	To     Address
	Kind   Kind // Text, Image … Poll, Reaction, Edit, Revoke
	Text   string
	Target string // Reaction, Edit, Revoke: the message that it changes
	FromMe bool   // Target was written by us
	Quote  *Quote
	File   *File
	Place  *Place
	Cards  []Card
	Poll   *PollQuestion
	First  bool // the first message ever to this customer: own, slower limit
}

// File is media to send.
type File struct {
	Data    []byte
	MIME    string
	Name    string
	Seconds int
	Width   int
	Height  int
	Wave    []byte // voice: 64 levels, 0 to 100
	Thumb   []byte // small JPEG
}
