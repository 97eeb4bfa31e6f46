package whatsapp

import "slices"

// What is kept of one message, whatever its sender made of it. WhatsApp's apps let nobody write more; the protocol does.
const (
	MaxText    = 65_536    // characters of a body or a caption
	maxWords   = 320 << 10 // bytes of everything that a message says
	maxField   = 4 << 10   // bytes of a name, an address, a question, an option
	maxCard    = 64 << 10  // bytes of one vCard
	maxThumb   = 32 << 10  // bytes; a larger one is left out
	maxRef     = 8 << 10   // bytes of where a file lies; what is longer is no such place
	maxPush    = 1 << 10   // bytes of the name that somebody gives themselves; WhatsApp's apps take 25 characters
	maxCards   = 256
	maxOptions = 100
)

// Bounded is the message with no more than a desk keeps of one; Dropped tells whether something of it was left out.
func (m Message) Bounded() Message {
	left := budget{bytes: maxWords}
	m.ID, m.Target, m.Name, m.What = known(m.ID), known(m.Target), Cut(m.Name, maxPush), Cut(m.What, maxID)
	text := CutLetters(m.Text, MaxText)
	left.dropped = m.Dropped || len(text) < len(m.Text)
	m.Text = left.take(text, len(text))
	if m.Place != nil {
		place := *m.Place
		place.Name, place.Address = left.take(place.Name, maxField), left.take(place.Address, maxField)
		m.Place = &place
	}
	if m.Poll != nil {
		poll := *m.Poll
		poll.Question, poll.Options = left.take(poll.Question, maxField), left.takeAll(poll.Options)
		m.Poll = &poll
	}
	m.Votes = left.takeAll(m.Votes)
	m.Cards = left.takeCards(m.Cards)
	if m.Quote != nil {
		quote := *m.Quote
		quote.ID, quote.Text = known(quote.ID), left.take(CutLetters(quote.Text, MaxText), len(quote.Text))
		left.dropped = left.dropped || len(quote.Text) < len(m.Quote.Text)
		m.Quote = &quote
	}
	if m.Ad != nil {
		ad := *m.Ad
		ad.Title, ad.Text, ad.Source = left.take(ad.Title, maxField), left.take(ad.Text, maxField), left.take(ad.Source, maxField)
		ad.Link, ad.ID = left.take(ad.Link, maxField), left.take(ad.ID, maxField)
		m.Ad = &ad
	}
	m.Media = m.Media.bounded()
	m.Dropped = left.dropped
	return m
}

// budget is what there is still room for.
type budget struct {
	bytes   int
	dropped bool
}

func (b *budget) take(text string, max int) string {
	return b.kept(text, Cut(text, min(max, b.bytes)))
}

func (b *budget) kept(text, kept string) string {
	b.dropped = b.dropped || len(kept) < len(text)
	b.bytes -= len(kept)
	return kept
}

func (b *budget) takeAll(texts []string) []string {
	if len(texts) == 0 {
		return texts
	}
	b.dropped = b.dropped || len(texts) > maxOptions
	all := slices.Clone(texts[:min(len(texts), maxOptions)])
	for i := range all {
		all[i] = b.take(all[i], maxField)
	}
	return all
}

func (b *budget) takeCards(cards []Card) []Card {
	if len(cards) == 0 {
		return cards
	}
	b.dropped = b.dropped || len(cards) > maxCards
	all := slices.Clone(cards[:min(len(cards), maxCards)])
	for i, card := range all {
		all[i].Name = b.take(card.Name, maxField)
		all[i].VCard = b.kept(card.VCard, CutCard(card.VCard, min(maxCard, b.bytes)))
	}
	return all
}

// bounded leaves out what of a file's description is too long to be one.
func (x *Media) bounded() *Media {
	if x == nil {
		return nil
	}
	y := *x
	y.MIME, y.Name = mime(x.MIME), CutName(x.Name, maxName)
	if len(x.Wave) > maxID {
		y.Wave = nil
	}
	if len(x.Thumb) > maxThumb {
		y.Thumb = nil
	}
	if len(x.Ref) > maxRef {
		y.Ref = nil
	}
	return &y
}
