package wasim

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// maxText is what WhatsApp's own apps let people write, in bytes; longer texts are refused.
const maxText = 128 << 10

// compose turns what a phone writes into a message and into what the phone itself shows. s.mu is held.
func (p *Phone) compose(to *Phone, what Say) (*waE2E.Message, Entry, error) {
	if len(what.Text) > maxText {
		return nil, Entry{}, fmt.Errorf("the text has %d bytes, at most %d are possible", len(what.Text), maxText)
	}
	context, err := p.quote(to, what.Quote, what.Lie)
	if err == nil {
		context, err = p.mention(context, what.Lie)
	}
	if err != nil {
		return nil, Entry{}, err
	}
	switch {
	case what.Proto != nil:
		return what.Proto, p.srv.describe(what.Proto), nil
	case what.Media != nil:
		return p.composeMedia(to, what, context)
	case what.Poll != nil:
		return composePoll(what.Poll)
	case what.Vote != nil:
		return p.composeVote(to, what.Vote)
	}
	m, err := p.composePlain(to, what, context)
	if err != nil {
		return nil, Entry{}, err
	}
	return m, p.srv.describe(m), nil
}

// composePlain makes the messages that describe themselves. s.mu is held.
func (p *Phone) composePlain(to *Phone, what Say, context *waE2E.ContextInfo) (*waE2E.Message, error) {
	now := proto.Int64(p.srv.now().UnixMilli())
	switch {
	case what.Location != nil:
		x := what.Location
		return &waE2E.Message{LocationMessage: &waE2E.LocationMessage{DegreesLatitude: &x.Lat, DegreesLongitude: &x.Lng, Name: &x.Name,
			Address: &x.Address, ContextInfo: context}}, nil
	case what.Contact != nil:
		x := what.Contact
		card := firstText(x.VCard, fmt.Sprintf("BEGIN:VCARD\nVERSION:3.0\nFN:%s\nTEL;type=CELL:%s\nEND:VCARD", x.Name, x.Phone))
		return &waE2E.Message{ContactMessage: &waE2E.ContactMessage{DisplayName: &x.Name, Vcard: &card, ContextInfo: context}}, nil
	case what.Reaction != nil:
		key, err := p.key(to, what.Reaction.ID)
		return &waE2E.Message{ReactionMessage: &waE2E.ReactionMessage{Key: key, Text: &what.Reaction.Emoji, SenderTimestampMS: now}}, err
	case what.Edit != nil:
		key, err := p.ownKey(to, what.Edit.ID)
		return &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), Key: key,
			EditedMessage: &waE2E.Message{Conversation: &what.Edit.Text}, TimestampMS: now}}, err
	case what.Revoke != "":
		key, err := p.ownKey(to, what.Revoke)
		return &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_REVOKE.Enum(), Key: key}}, err
	case context != nil:
		return &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: &what.Text, ContextInfo: context}}, nil
	}
	return &waE2E.Message{Conversation: &what.Text}, nil
}

// quote makes the context of an answer: the id, the author and what the message said. s.mu is held.
func (p *Phone) quote(to *Phone, id string, lie *Lie) (*waE2E.ContextInfo, error) {
	if id == "" {
		return nil, nil
	}
	e := p.chat.find(to, id)
	if e == nil && p.hostile {
		return p.misquote(to, id, nil, lie)
	}
	if e == nil {
		return nil, fmt.Errorf("there is no message %s to quote in the chat with %s", id, to.Number())
	}
	author := to.addressFor(p)
	if e.FromMe {
		author = p.from(nil)
	}
	said := e.Text
	context := &waE2E.ContextInfo{StanzaID: &id, Participant: proto.String(author.String()), QuotedMessage: &waE2E.Message{Conversation: &said}}
	return p.misquote(to, id, context, lie)
}

// addressFor is how another phone names this account inside messages: in the kind of address that phone itself uses.
func (p *Phone) addressFor(other *Phone) types.JID {
	if other.address == PN || other.address == PNWithLID {
		return p.pn
	}
	return p.lid
}

// key names a message of the chat with someone. s.mu is held.
func (p *Phone) key(to *Phone, id string) (*waCommon.MessageKey, error) {
	e := p.chat.find(to, id)
	if e == nil && p.hostile {
		return p.claimed(to, id, false), nil
	}
	if e == nil {
		return nil, fmt.Errorf("there is no message %s in the chat with %s", id, to.Number())
	}
	return &waCommon.MessageKey{RemoteJID: proto.String(to.addressFor(p).String()), FromMe: proto.Bool(e.FromMe), ID: &id}, nil
}

func (p *Phone) ownKey(to *Phone, id string) (*waCommon.MessageKey, error) {
	key, err := p.key(to, id)
	if p.hostile && p.chat.find(to, id) == nil {
		return p.claimed(to, id, true), nil
	}
	if err == nil && !key.GetFromMe() && !p.hostile {
		err = fmt.Errorf("message %s was not written by this phone", id)
	}
	return key, err
}

// mediaKinds are the media that people send, with the name that their keys are derived under.
var mediaKinds = map[string]whatsmeow.MediaType{
	"image": whatsmeow.MediaImage, "sticker": whatsmeow.MediaImage, "video": whatsmeow.MediaVideo,
	"audio": whatsmeow.MediaAudio, "voice": whatsmeow.MediaAudio, "document": whatsmeow.MediaDocument,
}

func (p *Phone) composeMedia(to *Phone, what Say, context *waE2E.ContextInfo) (*waE2E.Message, Entry, error) {
	x := what.Media
	kind, ok := mediaKinds[x.Kind]
	if !ok {
		return nil, Entry{}, fmt.Errorf("media kind %q: want image, video, audio, voice, document or sticker", x.Kind)
	}
	if len(x.Data) == 0 {
		return nil, Entry{}, errors.New("the file is empty")
	}
	if x.MIME == "" {
		return nil, Entry{}, errors.New("the file has no MIME type")
	}
	f, path, err := p.srv.uploadWith(randomBytes(32), x.Data, kind, to)
	if err != nil {
		return nil, Entry{}, err
	}
	caption := x.Caption
	if caption == "" {
		caption = what.Text
	}
	what.Lie.about(&f)
	m := mediaMessage(x, caption, f, context)
	if what.ViewOnce {
		m = &waE2E.Message{ViewOnceMessageV2: &waE2E.FutureProofMessage{Message: m}}
	}
	entry := Entry{Kind: x.Kind, Text: caption, Quote: what.Quote,
		Media: &EntryMedia{MIME: x.MIME, Size: len(x.Data), SHA256: hex.EncodeToString(f.plain), Name: x.Name, path: f.path, key: f.key, kind: kind}}
	if fault := to.takeFault(FaultExpireMedia); fault != nil {
		p.srv.media.blobs[path].gone = fault.code
	}
	return m, entry, nil
}

func mediaMessage(x *SayMedia, caption string, f file, context *waE2E.ContextInfo) *waE2E.Message {
	m := &waE2E.Message{}
	switch x.Kind {
	case "image":
		m.ImageMessage = &waE2E.ImageMessage{URL: &f.url, DirectPath: &f.path, MediaKey: f.key, FileEncSHA256: f.sealed, FileSHA256: f.plain,
			FileLength: &f.size, Mimetype: &x.MIME, Caption: &caption, ContextInfo: context}
	case "video":
		m.VideoMessage = &waE2E.VideoMessage{URL: &f.url, DirectPath: &f.path, MediaKey: f.key, FileEncSHA256: f.sealed, FileSHA256: f.plain,
			FileLength: &f.size, Mimetype: &x.MIME, Caption: &caption, Seconds: proto.Uint32(7), ContextInfo: context}
	case "audio", "voice":
		m.AudioMessage = &waE2E.AudioMessage{URL: &f.url, DirectPath: &f.path, MediaKey: f.key, FileEncSHA256: f.sealed, FileSHA256: f.plain,
			FileLength: &f.size, Mimetype: &x.MIME, PTT: proto.Bool(x.Kind == "voice"), Seconds: proto.Uint32(7), ContextInfo: context}
	case "sticker":
		m.StickerMessage = &waE2E.StickerMessage{URL: &f.url, DirectPath: &f.path, MediaKey: f.key, FileEncSHA256: f.sealed, FileSHA256: f.plain,
			FileLength: &f.size, Mimetype: &x.MIME, ContextInfo: context}
	case "document":
		m.DocumentMessage = &waE2E.DocumentMessage{URL: &f.url, DirectPath: &f.path, MediaKey: f.key, FileEncSHA256: f.sealed, FileSHA256: f.plain,
			FileLength: &f.size, Mimetype: &x.MIME, FileName: &x.Name, Title: &x.Name, Caption: &caption, ContextInfo: context}
		if caption != "" { // as phones send it
			m = &waE2E.Message{DocumentWithCaptionMessage: &waE2E.FutureProofMessage{Message: m}}
		}
	}
	return m
}

// options lists a poll's choices.
func options(texts []string) (out []*waE2E.PollCreationMessage_Option) {
	for i := range texts {
		out = append(out, &waE2E.PollCreationMessage_Option{OptionName: &texts[i]})
	}
	return out
}

func composePoll(x *SayPoll) (*waE2E.Message, Entry, error) {
	if len(x.Options) < 2 || len(x.Options) > 12 {
		return nil, Entry{}, errors.New("a poll has 2 to 12 options")
	}
	m := &waE2E.Message{
		MessageContextInfo: &waE2E.MessageContextInfo{MessageSecret: randomBytes(32)},
		PollCreationMessageV3: &waE2E.PollCreationMessage{Name: &x.Question, Options: options(slices.Clone(x.Options)),
			SelectableOptionsCount: proto.Uint32(uint32(max(x.Max, 0)))},
	}
	return m, Entry{Kind: "poll", Text: x.Question, Options: x.Options}, nil
}
