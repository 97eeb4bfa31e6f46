package outbox

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// NewMessage is what a person writes. One of text, media (with the text as its caption), a place, contacts or a poll is a
// message; a reaction, an edit and a revoke change another one.
type NewMessage struct {
	ClientID    string                 `json:"clientId"` // the page's own id: the same again is the same message
	Text        string                 `json:"text"`
	Media       string                 `json:"media"` // id of an upload
	Kind        string                 `json:"kind"`  // of the media: voice, sticker or document; empty: by its type
	Place       *whatsapp.Place        `json:"location"`
	Contact     *whatsapp.Card         `json:"contact"`
	Cards       []whatsapp.Card        `json:"cards"` // several contacts
	Poll        *whatsapp.PollQuestion `json:"poll"`
	Reaction    *NewReaction           `json:"reaction"`
	Edit        *NewEdit               `json:"edit"`
	Revoke      *NewRevoke             `json:"revoke"`
	Quote       string                 `json:"quote"`              // id of the message that this one answers
	Note        bool                   `json:"note"`               // internal: the customer does not get it
	SeenCursor  int64                  `json:"seenCursor,string"`  // refuse when messages came after it; 0: do not ask
	BeganCursor int64                  `json:"beganCursor,string"` // refuse when one of ours wrote after it, seen or not; 0: do not ask
	SendAt      time.Time              `json:"sendAt"`             // zero: now
}

// NewReaction is a reaction to a message; an empty emoji takes it back.
type NewReaction struct {
	ID    string `json:"id"`
	Emoji string `json:"emoji"`
}

// NewEdit is a new text for a message of ours.
type NewEdit struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// NewRevoke takes a message of ours back.
type NewRevoke struct {
	ID string `json:"id"`
}

// Limits of what people send; WhatsApp's own where it has them.
const (
	maxCards   = 20
	maxVCard   = 16 << 10 // bytes
	maxOptions = 12
	maxOption  = 100  // characters
	maxPlace   = 1000 // characters of the name or address of a place, or of a contact's name
	maxEmoji   = 40   // bytes; a couple of two colours that kisses has 35
)

// check refuses what cannot be sent, and puts contacts in one place.
func (m *NewMessage) check(now time.Time) error {
	if m.Contact != nil {
		m.Cards, m.Contact = append(m.Cards, *m.Contact), nil
	}
	if len(m.ClientID) > 64 {
		return api.BadValue("clientId")
	}
	if err := api.TooLong("text", m.Text); err != nil {
		return err
	}
	if !m.SendAt.IsZero() {
		if err := conversation.Ahead("sendAt", now, m.SendAt); err != nil {
			return err
		}
	}
	if m.Reaction != nil || m.Edit != nil || m.Revoke != nil {
		return m.checkChange()
	}
	if m.Note && strings.TrimSpace(m.Text) == "" {
		return ErrNothing
	}
	return m.checkParts()
}

func (m *NewMessage) checkChange() error {
	switch {
	case m.Reaction != nil && !IsReaction(m.Reaction.Emoji):
		return api.BadValue("reaction")
	case m.Edit != nil && strings.TrimSpace(m.Edit.Text) == "":
		return ErrNothing
	case m.Edit != nil:
		return api.TooLong("text", m.Edit.Text)
	}
	return nil
}

func (m *NewMessage) checkParts() error {
	what := 0
	for _, has := range []bool{m.Media != "", m.Place != nil, len(m.Cards) > 0, m.Poll != nil} {
		if has {
			what++
		}
	}
	switch {
	case what == 0 && strings.TrimSpace(m.Text) == "":
		return ErrNothing
	case what > 1, m.Note && what > 0, what == 1 && m.Media == "" && m.Text != "":
		return api.BadValue("text")
	case m.Place != nil && (utf8.RuneCountInString(m.Place.Name) > maxPlace || utf8.RuneCountInString(m.Place.Address) > maxPlace):
		return api.BadValue("location")
	case m.Place != nil && (m.Place.Lat < -90 || m.Place.Lat > 90 || m.Place.Lng < -180 || m.Place.Lng > 180):
		return api.BadValue("location")
	case len(m.Cards) > maxCards || slices.ContainsFunc(m.Cards, badCard):
		return api.BadValue("contact")
	case m.Poll != nil && badPoll(m.Poll):
		return api.BadValue("poll")
	}
	return nil
}

func badCard(c whatsapp.Card) bool {
	return strings.TrimSpace(c.Name) == "" || utf8.RuneCountInString(c.Name) > maxPlace || len(c.VCard) > maxVCard || !strings.HasPrefix(c.VCard, "BEGIN:VCARD")
}

// badPoll: WhatsApp wants 2 to 12 different options.
func badPoll(p *whatsapp.PollQuestion) bool {
	options := slices.Clone(p.Options)
	slices.Sort(options)
	return strings.TrimSpace(p.Question) == "" || utf8.RuneCountInString(p.Question) > 255 ||
		len(options) < 2 || len(options) > maxOptions || len(slices.Compact(options)) != len(p.Options) ||
		p.Max < 0 || p.Max > len(p.Options) ||
		slices.ContainsFunc(p.Options, func(o string) bool { return strings.TrimSpace(o) == "" || utf8.RuneCountInString(o) > maxOption })
}

// kind is what WhatsApp will call it.
func (m *NewMessage) kind(mime string) string {
	kind := whatsapp.Text
	switch {
	case m.Note:
		return store.KindNote
	case m.Place != nil:
		kind = whatsapp.Location
	case len(m.Cards) > 0:
		kind = whatsapp.Contact
	case m.Poll != nil:
		kind = whatsapp.Poll
	case m.Media != "":
		kind = MediaKind(m.Kind, mime)
	}
	return string(kind)
}

// MediaKind follows what phones show inline; everything else travels as a document.
func MediaKind(wish, mime string) whatsapp.Kind {
	base, _, _ := strings.Cut(mime, ";")
	switch {
	case wish == "document":
		return whatsapp.Document
	case wish == "voice" && whatsapp.IsVoice(mime):
		return whatsapp.Voice
	case wish == "sticker" && base == "image/webp":
		return whatsapp.Sticker
	case base == "image/jpeg", base == "image/png", base == "image/webp":
		return whatsapp.Image
	case base == "video/mp4", base == "video/3gpp":
		return whatsapp.Video
	case whatsapp.IsAudible(mime):
		return whatsapp.Audio
	}
	return whatsapp.Document
}
