package view

import "encoding/json"

// pageBytes is how much JSON one answer lists: it ends early then, with one item at least, and says how to go on.
const pageBytes = 1 << 20

// bulky is something that answers list. bulk is what it has at most as JSON, in bytes, without writing it.
type bulky interface{ Bulk() int }

const (
	framed  = 1200 // bytes of names, ids and times around what people wrote
	escaped = 6    // bytes of JSON that one byte of a text takes at most: \u003c
)

// Fits tells how many of the items, from the first, an answer holds. Mostly that is all of them, and a look is enough.
func Fits[T bulky](items []T) int {
	most := 0
	for i := range items {
		most += items[i].Bulk()
	}
	if most <= pageBytes {
		return len(items)
	}
	size := 0
	for i := range items {
		text, _ := json.Marshal(items[i]) // views are plain data
		if size += len(text) + 1; size > pageBytes && i > 0 {
			return i
		}
	}
	return len(items)
}

func (v Message) Bulk() int {
	texts := len(v.ClientID) + len(v.Text) + len(v.Reason) + len(v.What)
	n := framed
	if m := v.Media; m != nil {
		texts += len(m.MIME) + len(m.Name)
		n += len(m.Wave) + len(m.Thumb) // base64 is never escaped
	}
	if q := v.Quote; q != nil {
		texts += len(q.Text)
	}
	for _, r := range v.Reactions {
		texts += len(r.Emoji) + 20
	}
	if p := v.Place; p != nil {
		texts += len(p.Name) + len(p.Address)
	}
	for _, c := range v.Cards {
		texts += len(c.Name) + len(c.VCard) + 8
	}
	if p := v.Poll; p != nil {
		texts += len(p.Question) + lengths(p.Options)
	}
	for _, vote := range v.Votes {
		texts += lengths(vote.Options) + 20
	}
	return n + escaped*texts
}

func (v Conversation) Bulk() int {
	texts := len(v.Contact.Name) + len(v.CloseReason) + lengths(v.Tags)
	if v.LastMessage != nil {
		texts += len(v.LastMessage.Text)
	}
	return framed + escaped*texts
}

func (v Event) Bulk() int { return framed + escaped*len(v.Data) }

// lengths is how much room a list of texts takes, its commas and quotes included.
func lengths(texts []string) (n int) {
	for _, text := range texts {
		n += len(text) + 1
	}
	return n
}

// entry is a line of a thread: a message or an event.
type entry interface {
	bulky
	place() int64
}

func (v Message) place() int64 { return v.Pos }

func (v Event) place() int64 { return v.Pos }
