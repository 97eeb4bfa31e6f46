package whatsapp

import (
	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// writer turns our messages into those of the protocol, for one recipient.
type writer struct {
	self  identity
	to    types.JID
	timer timer // of the chat
}

var uploadType = map[Kind]whatsmeow.MediaType{
	Image: whatsmeow.MediaImage, Sticker: whatsmeow.MediaImage, Video: whatsmeow.MediaVideo,
	Audio: whatsmeow.MediaAudio, Voice: whatsmeow.MediaAudio, Document: whatsmeow.MediaDocument,
}

// simple writes the kinds that need nothing from WhatsApp first.
func (w writer) simple(m Outgoing) (*waE2E.Message, error) {
	switch {
	case m.Kind == Text && m.Text != "":
		return w.text(m.Text, m.Quote), nil
	case m.Kind == Location && m.Place != nil:
		return &waE2E.Message{LocationMessage: &waE2E.LocationMessage{
			DegreesLatitude: &m.Place.Lat, DegreesLongitude: &m.Place.Lng,
			Name: some(m.Place.Name), Address: some(m.Place.Address), ContextInfo: w.context(m.Quote),
		}}, nil
	case m.Kind == Contact && len(m.Cards) == 1:
		card := contact(m.Cards[0])
		card.ContextInfo = w.context(m.Quote)
		return &waE2E.Message{ContactMessage: card}, nil
	case m.Kind == Contact && len(m.Cards) > 1:
		list := &waE2E.ContactsArrayMessage{DisplayName: some(m.Text), ContextInfo: w.context(m.Quote)}
		for _, card := range m.Cards {
			list.Contacts = append(list.Contacts, contact(card))
		}
		return &waE2E.Message{ContactsArrayMessage: list}, nil
	}
	return nil, ErrEmpty
}

// text writes a text; the short form has no room for a quote or a timer.
func (w writer) text(text string, quote *Quote) *waE2E.Message {
	info := w.context(quote)
	if info == nil {
		return &waE2E.Message{Conversation: proto.String(text)}
	}
	return &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String(text), ContextInfo: info}}
}

// media writes a message with a file that lies on WhatsApp's servers.
func (w writer) media(m Outgoing, up whatsmeow.UploadResponse) *waE2E.Message {
	f, info := m.File, w.context(m.Quote)
	seconds, width, height := number(f.Seconds), number(f.Width), number(f.Height)
	switch m.Kind {
	case Image:
		return &waE2E.Message{ImageMessage: &waE2E.ImageMessage{
			URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256,
			FileSHA256: up.FileSHA256, FileLength: &up.FileLength, Mimetype: &f.MIME, Caption: some(m.Text),
			Width: width, Height: height, JPEGThumbnail: f.Thumb, ContextInfo: info,
		}}
	case Video:
		return &waE2E.Message{VideoMessage: &waE2E.VideoMessage{
			URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256,
			FileSHA256: up.FileSHA256, FileLength: &up.FileLength, Mimetype: &f.MIME, Caption: some(m.Text),
			Width: width, Height: height, Seconds: seconds, JPEGThumbnail: f.Thumb, ContextInfo: info,
		}}
	case Sticker:
		return &waE2E.Message{StickerMessage: &waE2E.StickerMessage{
			URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256,
			FileSHA256: up.FileSHA256, FileLength: &up.FileLength, Mimetype: &f.MIME,
			Width: width, Height: height, ContextInfo: info,
		}}
	case Document:
		return &waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{
			URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256,
			FileSHA256: up.FileSHA256, FileLength: &up.FileLength, Mimetype: &f.MIME, Caption: some(m.Text),
			FileName: some(fileName(f.Name)), Title: some(fileName(f.Name)), JPEGThumbnail: f.Thumb, ContextInfo: info,
		}}
	}
	return &waE2E.Message{AudioMessage: &waE2E.AudioMessage{
		URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256,
		FileSHA256: up.FileSHA256, FileLength: &up.FileLength, Mimetype: &f.MIME,
		Seconds: seconds, PTT: proto.Bool(m.Kind == Voice), Waveform: wave(f.Wave), ContextInfo: info,
	}}
}

func contact(card Card) *waE2E.ContactMessage {
	return &waE2E.ContactMessage{DisplayName: proto.String(card.Name), Vcard: proto.String(card.VCard)}
}

// context says which message is answered, and how long this one stays. A phone shows what the quoting side says that the
// message said.
func (w writer) context(quote *Quote) *waE2E.ContextInfo {
	if quote == nil {
		return w.timer.mark(nil)
	}
	author := w.to
	if quote.FromMe {
		author = w.author(true)
	}
	return w.timer.mark(&waE2E.ContextInfo{
		StanzaID: proto.String(quote.ID), Participant: proto.String(author.String()),
		QuotedMessage: &waE2E.Message{Conversation: proto.String(quote.Text)},
	})
}

// author is who wrote a message of the chat: this account, under the same kind of address as the customer's, or the customer.
func (w writer) author(fromMe bool) types.JID {
	if !fromMe {
		return w.to
	}
	if w.to.Server == types.HiddenUserServer && !w.self.lid.IsEmpty() {
		return w.self.lid.ToNonAD()
	}
	return w.self.pn.ToNonAD()
}

// some leaves out an empty text: the protocol tells "not said" from "empty".
func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// number leaves out zero, and what cannot be.
func number(n int) *uint32 {
	if n <= 0 || n > 1<<30 {
		return nil
	}
	return proto.Uint32(uint32(n))
}
