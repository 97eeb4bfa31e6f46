package whatsapp

import (
	"strings"

	"go.mau.fi/whatsmeow/proto/waE2E"
)

const maxWraps = 8 // envelopes around a message

// reader turns messages of the protocol into ours. It does nothing but read.
type reader struct{ ownPN, ownLID string } // the account's own user parts, to tell who wrote what is quoted

// message gives Kind and content; ID, chat and time are not in the protobuf. false: nothing that concerns people.
func (r reader) message(p *waE2E.Message) (m Message, ok bool) {
	once := viewOnce(p)
	p = unwrap(p)
	m, info := seen(p)
	if m.Kind == "" {
		m = change(p.GetProtocolMessage())
	}
	m.Text = clean(m.Text)
	m.Quote, m.Ad, m.ViewOnce = r.quote(info), ad(info), once
	return m.Bounded(), m.Kind != ""
}

// seen reads what people see of a message that is out of its envelopes, by the table of kinds; no Kind: nothing.
func seen(p *waE2E.Message) (m Message, info *waE2E.ContextInfo) {
	reflected := p.ProtoReflect()
	field, part := first(reflected)
	if field == nil {
		if len(reflected.GetUnknown()) > 0 {
			return Message{Kind: Unsupported, What: "unknown"}, nil // newer than whatsmeow
		}
		return Message{}, nil
	}
	name, info := string(field.Name()), contextOf(reflected, field)
	if part.read != nil {
		m = part.read(p)
		if m.Kind == Text && m.Text == "" && !written(p) {
			m.Kind, m.What = Unsupported, name
		}
		return m, info
	}
	return Message{Kind: Unsupported, What: name}, info
}

// written tells whether a message is a text that somebody wrote, if only an empty one.
func written(p *waE2E.Message) bool { return p.Conversation != nil || p.ExtendedTextMessage != nil }

// change reads what refers to an earlier message; everything else in a protocol message is between devices.
func change(x *waE2E.ProtocolMessage) Message {
	if x == nil || x.Type == nil { // the zero value is a revoke, and was not said
		return Message{}
	}
	switch x.GetType() {
	case waE2E.ProtocolMessage_REVOKE:
		return Message{Kind: Revoke, Target: known(x.GetKey().GetID())}
	case waE2E.ProtocolMessage_MESSAGE_EDIT:
		now, _ := seen(unwrap(x.GetEditedMessage())) // and no change in a change in a change
		return Message{Kind: Edit, Text: now.Text, Target: known(x.GetKey().GetID())}
	}
	return Message{}
}

func reaction(p *waE2E.Message) Message {
	return Message{Kind: Reaction, Text: p.ReactionMessage.GetText(), Target: known(p.ReactionMessage.GetKey().GetID())}
}

// masked is what WhatsApp keeps from linked devices.
func masked(*waE2E.Message) Message { return Message{Kind: Undecryptable, What: WhatUnavailable} }

// quote reads which message is answered.
func (r reader) quote(info *waE2E.ContextInfo) *Quote {
	if info.GetStanzaID() == "" {
		return nil
	}
	author, _, _ := strings.Cut(info.GetParticipant(), "@")
	author, _, _ = strings.Cut(author, ":")
	q := &Quote{ID: known(info.GetStanzaID()), FromMe: author != "" && (author == r.ownPN || author == r.ownLID)}
	if info.QuotedMessage != nil {
		quoted, _ := seen(unwrap(info.QuotedMessage))
		q.Text = Cut(clean(quoted.Text), maxQuoted)
	}
	return q
}

// note is the text that goes along with something else.
func note(p *waE2E.Message) string {
	return words(p.GetConversation(), p.GetExtendedTextMessage().GetText(), p.GetImageMessage().GetCaption(),
		p.GetVideoMessage().GetCaption(), p.GetDocumentMessage().GetCaption())
}

// clean makes a text safe to store and to show: valid UTF-8, without NUL.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}
