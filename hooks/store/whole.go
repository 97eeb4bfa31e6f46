package store

import (
	"fmt"

	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// What a thread, an event and a list show of one message at once. Where it says more, its row holds the beginning and says
// so, and the whole of it lies in a row of its own, which only who asks for this one message reads. So a page, a stream
// and everybody who reads them cost the same whatever a stranger sends.
const (
	ShownText    = 4096 // characters of a body or a caption; a flow looks at no more (flows.MaxValue)
	shownName    = 256  // characters of a place, a shared contact, a poll's question; WhatsApp's apps take 255
	shownAddress = 1024 // characters
	ShownOption  = 128  // characters; WhatsApp's apps take 100
	shownOptions = 20   // WhatsApp's apps take 12
	shownQuote   = 2048 // characters; whatsapp keeps as many bytes of a quote
	shownCard    = 4 << 10
	shownCards   = 16 << 10 // bytes of all shared contacts of a message together
)

// words is what a message says, as its columns of the same names.
type words struct {
	text  string
	quote whatsapp.Quote
	extra Extra
}

// Bound cuts a message to what is shown at once and keeps the whole of it, where there is room for that. What is shown is always kept.
func (t *Tx) Bound(m *Message) error {
	if len(m.Text) <= ShownText && len(m.Quote) <= shownQuote && len(m.Extra) <= ShownOption { // bytes: nothing in it is too long then
		return nil
	}
	w := words{text: m.Text}
	Decode(m.Quote, &w.quote)
	Decode(m.Extra, &w.extra)
	if !w.shorten() {
		return nil
	}
	kept, err := t.keepWhole(m)
	if err != nil {
		return fmt.Errorf("keep the whole of message %s: %w", m.ID, err)
	}
	w.extra.Cut, w.extra.Dropped = kept, w.extra.Dropped || !kept
	m.Text, m.Extra = w.text, Raw(w.extra)
	if len(m.Quote) > 0 {
		m.Quote = Raw(w.quote)
	}
	return nil
}

// keepWhole keeps all that a message says; false when there is no room.
func (t *Tx) keepWhole(m *Message) (bool, error) {
	if may := t.store.KeepsWhole; may != nil {
		if ok, err := may(t, m, len(m.Text)+len(m.Quote)+len(m.Extra)); err != nil || !ok {
			return false, err
		}
	}
	_, err := t.SQL().Exec("INSERT OR REPLACE INTO message_texts (id, text, quote, extra) VALUES (?, ?, ?, ?)", m.ID, m.Text, m.Quote, m.Extra)
	return err == nil, err
}

// shorten cuts what is too long to be shown at once; false when nothing is.
func (w *words) shorten() (cut bool) {
	letters := func(text *string, most int) {
		kept := whatsapp.CutLetters(*text, most)
		cut = cut || len(kept) < len(*text)
		*text = kept
	}
	letters(&w.text, ShownText)
	letters(&w.quote.Text, shownQuote)
	letters(&w.extra.What, shownName)
	if p := w.extra.Place; p != nil {
		letters(&p.Name, shownName)
		letters(&p.Address, shownAddress)
	}
	if p := w.extra.Poll; p != nil {
		letters(&p.Question, shownName)
		cut = cut || len(p.Options) > shownOptions
		p.Options = p.Options[:min(len(p.Options), shownOptions)]
		for i := range p.Options {
			letters(&p.Options[i], ShownOption)
		}
	}
	room := shownCards
	for i := range w.extra.Cards {
		card := &w.extra.Cards[i]
		letters(&card.Name, shownName)
		kept := whatsapp.CutCard(card.VCard, min(shownCard, room))
		cut = cut || len(kept) < len(card.VCard)
		card.VCard = kept
		if room -= len(card.Name) + len(kept); room <= 0 {
			cut = cut || i+1 < len(w.extra.Cards)
			w.extra.Cards = w.extra.Cards[:i+1]
			break
		}
	}
	return cut
}

// ShownVotes are the options of a vote by the words by which the poll is shown.
func ShownVotes(votes []string) []string {
	shown := append([]string{}, votes[:min(len(votes), shownOptions)]...)
	for i := range shown {
		shown[i] = whatsapp.CutLetters(shown[i], ShownOption)
	}
	return shown
}

// Cut tells whether the row holds only the beginning of what the message says.
func (m *Message) Cut() bool {
	var x struct {
		Cut bool `json:"cut"`
	}
	Decode(m.Extra, &x)
	return x.Cut
}

// Unfold gives a row that was read everything that the message says.
func Unfold(db dbx.Executor, m *Message) error {
	if !m.Cut() {
		return nil
	}
	whole, err := One[Message](db, "SELECT text, quote, extra FROM message_texts WHERE id = ?", m.ID)
	if IsNone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the whole of message %s: %w", m.ID, err)
	}
	m.Text, m.Quote, m.Extra = whole.Text, whole.Quote, whole.Extra
	return nil
}

// Reword gives a message another text. Save it with updateMessage or retell, which keep the whole of it.
func (t *Tx) Reword(m *Message, text string, dropped bool) error {
	if m.Cut() {
		if err := Unfold(t.SQL(), m); err != nil {
			return err
		}
		if _, err := t.SQL().Exec("DELETE FROM message_texts WHERE id = ?", m.ID); err != nil {
			return fmt.Errorf("forget the old text of message %s: %w", m.ID, err)
		}
	}
	m.Text = text
	var x Extra
	Decode(m.Extra, &x)
	if x.Dropped != dropped {
		x.Dropped = dropped
		m.Extra = Raw(x)
	}
	return nil
}
