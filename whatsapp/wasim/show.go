package wasim

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// show puts a message of someone into the phone's chat. It reports false when the phone shows that id already. s.mu is held.
func (p *Phone) show(from *Phone, id string, sent *sentMessage) bool {
	m := sent.body
	e := p.srv.describe(m)
	e.ID, e.State, e.At, e.raw = id, "received", sent.at, asSent(m)
	if p.deliver {
		e.State = "delivered"
	}
	if x := m.GetPollUpdateMessage(); x != nil {
		chosen, err := p.readVote(from, x)
		if err != nil {
			e.Text = err.Error()
		}
		e.Options = chosen
	}
	p.meets(from)
	if !p.add(from, e) {
		return false
	}
	p.keepPoll(from, false, id, m)
	return true
}

// asSent keeps a message for who wants to see it as it is; nil if it can't be written down.
func asSent(m *waE2E.Message) []byte {
	raw, _ := proto.MarshalOptions{AllowPartial: true}.Marshal(m)
	return raw
}

// showOwn puts what a linked device sent into the chat of its own phone. s.mu is held.
func (p *Phone) showOwn(with *Phone, id string, m *waE2E.Message) bool {
	e := p.srv.describe(m)
	e.ID, e.FromMe, e.State, e.raw = id, true, "sent", asSent(m)
	p.meets(with)
	if !p.add(with, e) {
		return false
	}
	p.keepPoll(with, true, id, m)
	return true
}

// isMessage tells whether a message is something to read, rather than a change of another message.
func isMessage(m *waE2E.Message) bool {
	return m.GetReactionMessage() == nil && m.GetProtocolMessage() == nil && m.GetPollUpdateMessage() == nil && m.GetEditedMessage() == nil
}

// unwrap opens the envelopes that WhatsApp puts around some messages.
func unwrap(m *waE2E.Message) *waE2E.Message {
	for range 4 {
		var inner *waE2E.Message
		for _, w := range []*waE2E.FutureProofMessage{m.GetEphemeralMessage(), m.GetViewOnceMessage(), m.GetViewOnceMessageV2(),
			m.GetViewOnceMessageV2Extension(), m.GetDocumentWithCaptionMessage(), m.GetEditedMessage()} {
			if w.GetMessage() != nil {
				inner = w.GetMessage()
			}
		}
		if inner == nil {
			return m
		}
		m = inner
	}
	return m
}

// describe says what a message looks like on a phone. s.mu is held.
func (s *Server) describe(m *waE2E.Message) Entry {
	m = unwrap(m)
	e := s.look(m)
	e.Stays = stays(m)
	if edited := m.GetProtocolMessage().GetEditedMessage(); edited != nil {
		e.Stays = stays(edited)
	}
	return e
}

// stays is how long a message says that it stays, whatever it is.
func stays(m *waE2E.Message) (seconds int) {
	m.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.Message() == nil || f.Message().Fields().ByName("contextInfo") == nil {
			return true
		}
		info, _ := v.Message().Get(f.Message().Fields().ByName("contextInfo")).Message().Interface().(*waE2E.ContextInfo)
		seconds = max(seconds, int(info.GetExpiration()))
		return true
	})
	return seconds
}

func (s *Server) look(m *waE2E.Message) Entry {
	switch {
	case m.Conversation != nil:
		return Entry{Kind: "text", Text: m.GetConversation()}
	case m.ExtendedTextMessage != nil:
		x := m.ExtendedTextMessage
		return Entry{Kind: "text", Text: x.GetText(), Quote: x.GetContextInfo().GetStanzaID()}
	case m.ReactionMessage != nil:
		return Entry{Kind: "reaction", Text: m.ReactionMessage.GetText(), Ref: m.ReactionMessage.GetKey().GetID()}
	case m.ProtocolMessage != nil:
		return describeProtocol(m.ProtocolMessage)
	case m.LocationMessage != nil:
		x := m.LocationMessage
		return Entry{Kind: "location", Text: x.GetName(), Lat: x.GetDegreesLatitude(), Lng: x.GetDegreesLongitude(), Quote: x.GetContextInfo().GetStanzaID()}
	case m.ContactMessage != nil:
		return Entry{Kind: "contact", Text: m.ContactMessage.GetDisplayName(), Quote: m.ContactMessage.GetContextInfo().GetStanzaID()}
	case m.ContactsArrayMessage != nil:
		return Entry{Kind: "contact", Text: m.ContactsArrayMessage.GetDisplayName()}
	case m.PollUpdateMessage != nil:
		return Entry{Kind: "vote", Ref: m.PollUpdateMessage.GetPollCreationMessageKey().GetID()}
	}
	if x := pollOf(m); x != nil {
		e := Entry{Kind: "poll", Text: x.GetName()}
		for _, o := range x.GetOptions() {
			e.Options = append(e.Options, o.GetOptionName())
		}
		return e
	}
	return s.describeMedia(m)
}

func describeProtocol(x *waE2E.ProtocolMessage) Entry {
	switch x.GetType() {
	case waE2E.ProtocolMessage_REVOKE:
		return Entry{Kind: "revoke", Ref: x.GetKey().GetID()}
	case waE2E.ProtocolMessage_MESSAGE_EDIT:
		m := unwrap(x.GetEditedMessage())
		return Entry{Kind: "edit", Ref: x.GetKey().GetID(), Text: firstText(m.GetConversation(), m.GetExtendedTextMessage().GetText(),
			m.GetImageMessage().GetCaption(), m.GetVideoMessage().GetCaption(), m.GetDocumentMessage().GetCaption())}
	}
	return Entry{Kind: strings.ToLower(x.GetType().String())}
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// mediaFile is what the five kinds of media messages have in common.
type mediaFile interface {
	GetMimetype() string
	GetDirectPath() string
	GetMediaKey() []byte
	GetFileSHA256() []byte
	GetFileLength() uint64
	GetContextInfo() *waE2E.ContextInfo
}

func (s *Server) describeMedia(m *waE2E.Message) Entry {
	var x mediaFile
	var e Entry
	var kind whatsmeow.MediaType
	switch {
	case m.ImageMessage != nil:
		x, kind, e = m.ImageMessage, whatsmeow.MediaImage, Entry{Kind: "image", Text: m.ImageMessage.GetCaption()}
	case m.VideoMessage != nil:
		x, kind, e = m.VideoMessage, whatsmeow.MediaVideo, Entry{Kind: "video", Text: m.VideoMessage.GetCaption()}
	case m.AudioMessage != nil:
		x, kind, e = m.AudioMessage, whatsmeow.MediaAudio, Entry{Kind: "audio"}
		if m.AudioMessage.GetPTT() {
			e.Kind = "voice"
		}
	case m.StickerMessage != nil:
		x, kind, e = m.StickerMessage, whatsmeow.MediaImage, Entry{Kind: "sticker"}
	case m.DocumentMessage != nil:
		x, kind, e = m.DocumentMessage, whatsmeow.MediaDocument, Entry{Kind: "document", Text: m.DocumentMessage.GetCaption()}
	default:
		return Entry{Kind: unknownKind(m)}
	}
	e.Quote = x.GetContextInfo().GetStanzaID()
	e.Media = &EntryMedia{MIME: x.GetMimetype(), Size: int(x.GetFileLength()), SHA256: hex.EncodeToString(x.GetFileSHA256()),
		Name: m.GetDocumentMessage().GetFileName(), Seconds: int(m.GetAudioMessage().GetSeconds()),
		path: x.GetDirectPath(), key: x.GetMediaKey(), kind: kind}
	data, err := s.download(x.GetDirectPath(), x.GetMediaKey(), kind)
	if err != nil {
		e.Media.Error = err.Error()
		return e
	}
	h := sha256.Sum256(data)
	e.Media.Size, e.Media.SHA256 = len(data), hex.EncodeToString(h[:])
	return e
}

// unknownKind names a message by its first field, for phones that don't know it.
func unknownKind(m *waE2E.Message) string {
	fields := m.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if f := fields.Get(i); m.ProtoReflect().Has(f) && f.Name() != "messageContextInfo" {
			return string(f.Name())
		}
	}
	return "empty"
}
