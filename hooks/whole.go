package hooks

import (
	"fmt"
	"net/http"
	"slices"

	"mostrador/hooks/rights"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// What a thread, an event and a list show of one message at once. Where it says more, its row holds the beginning and says
// so, and the whole of it lies in a row of its own, which only who asks for this one message reads. So a page, a stream
// and everybody who reads them cost the same whatever a stranger sends.
const (
	shownText    = 4096 // characters of a body or a caption; a flow looks at no more (flows.MaxValue)
	shownName    = 256  // characters of a place, a shared contact, a poll's question; WhatsApp's apps take 255
	shownAddress = 1024 // characters
	shownOption  = 128  // characters; WhatsApp's apps take 100
	shownOptions = 20   // WhatsApp's apps take 12
	shownQuote   = 2048 // characters; whatsapp keeps as many bytes of a quote
	shownCard    = 4 << 10
	shownCards   = 16 << 10 // bytes of all shared contacts of a message together
)

// words is what a message says, as its columns of the same names.
type words struct {
	text  string
	quote whatsapp.Quote
	extra extra
}

// bound cuts a message to what is shown at once and keeps the whole of it.
func (t *Tx) bound(m *Message) error {
	if len(m.Text) <= shownText && len(m.Quote) <= shownQuote && len(m.Extra) <= shownOption { // bytes: nothing in it is too long then
		return nil
	}
	w := words{text: m.Text}
	decode(m.Quote, &w.quote)
	decode(m.Extra, &w.extra)
	if !w.shorten() {
		return nil
	}
	_, err := t.sql().Exec("INSERT OR REPLACE INTO message_texts (id, text, quote, extra) VALUES (?, ?, ?, ?)", m.ID, m.Text, m.Quote, m.Extra)
	if err != nil {
		return fmt.Errorf("keep the whole of message %s: %w", m.ID, err)
	}
	w.extra.Cut = true
	m.Text, m.Extra = w.text, raw(w.extra)
	if len(m.Quote) > 0 {
		m.Quote = raw(w.quote)
	}
	return nil
}

// shorten cuts what is too long to be shown at once; false when nothing is.
func (w *words) shorten() (cut bool) {
	letters := func(text *string, most int) {
		kept := whatsapp.CutLetters(*text, most)
		cut = cut || len(kept) < len(*text)
		*text = kept
	}
	letters(&w.text, shownText)
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
			letters(&p.Options[i], shownOption)
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

// shownVotes are the options of a vote by the words by which the poll is shown.
func shownVotes(votes []string) []string {
	shown := append([]string{}, votes[:min(len(votes), shownOptions)]...)
	for i := range shown {
		shown[i] = whatsapp.CutLetters(shown[i], shownOption)
	}
	return shown
}

// cut tells whether the row holds only the beginning of what the message says.
func (m *Message) cut() bool {
	var x struct {
		Cut bool `json:"cut"`
	}
	decode(m.Extra, &x)
	return x.Cut
}

// unfold gives a row that was read everything that the message says.
func unfold(db dbx.Executor, m *Message) error {
	if !m.cut() {
		return nil
	}
	whole, err := one[Message](db, "SELECT text, quote, extra FROM message_texts WHERE id = ?", m.ID)
	if isNone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the whole of message %s: %w", m.ID, err)
	}
	m.Text, m.Quote, m.Extra = whole.Text, whole.Quote, whole.Extra
	return nil
}

// reword gives a message another text. Save it with updateMessage or retell, which keep the whole of it.
func (t *Tx) reword(m *Message, text string, dropped bool) error {
	if m.cut() {
		if err := unfold(t.sql(), m); err != nil {
			return err
		}
		if _, err := t.sql().Exec("DELETE FROM message_texts WHERE id = ?", m.ID); err != nil {
			return fmt.Errorf("forget the old text of message %s: %w", m.ID, err)
		}
	}
	m.Text = text
	var x extra
	decode(m.Extra, &x)
	if x.Dropped != dropped {
		x.Dropped = dropped
		m.Extra = raw(x)
	}
	return nil
}

// whole reads one message of a conversation with everything that it says.
func (d *Desk) whole(v rights.Viewer, chat, id string) (*MessageView, error) {
	if err := d.maySee(v, chat); err != nil {
		return nil, err
	}
	db := d.App.ConcurrentDB()
	m, err := one[Message](execer(db), "SELECT * FROM messages WHERE id = ? AND conversation = ? AND pos > 0", id, chat)
	if err := missing(err); err != nil {
		return nil, err
	}
	if err := unfold(execer(db), m); err != nil {
		return nil, err
	}
	views, err := viewMessages(db, v, []Message{*m})
	if err == nil && len(views) == 0 {
		err = errNotFound // it moved while this was read
	}
	if err != nil {
		return nil, err
	}
	shown := &views[0]
	shown.nameVotes()
	return shown, nil
}

// nameVotes names the options of votes as the whole poll does.
func (v *MessageView) nameVotes() {
	if v.Poll == nil {
		return
	}
	for _, option := range v.Poll.Options {
		shown := whatsapp.CutLetters(option, shownOption)
		for _, vote := range v.Votes {
			if i := slices.Index(vote.Options, shown); i >= 0 {
				vote.Options[i] = option
			}
		}
	}
}

// showMessage is GET /api/conversations/{id}/messages/{message}.
func (d *Desk) showMessage(r *request) error {
	shown, err := d.whole(r.me.Viewer, r.id(), r.Request.PathValue("message"))
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, shown)
}
