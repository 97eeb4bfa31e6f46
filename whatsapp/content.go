package whatsapp

import (
	"strings"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const maxWraps = 8 // envelopes around a message

// reader turns messages of the protocol into ours. It does nothing but read.
type reader struct{ ownPN, ownLID string } // the account's own user parts, to tell who wrote what is quoted

// message gives Kind and content; ID, chat and time are not in the protobuf. false: nothing that concerns people.
func (r reader) message(p *waE2E.Message) (m Message, ok bool) {
	p = unwrap(p)
	m, info, ok := simple(p)
	if !ok {
		m, info, ok = change(p)
	}
	if !ok {
		m, info, ok = interactive(p)
	}
	if !ok {
		m, ok = unsupported(p)
		return m.Bounded(), ok
	}
	m.Text = clean(m.Text)
	m.Quote = r.quote(info)
	return m.Bounded(), m.Kind != ""
}

// simple reads what people send to each other.
func simple(p *waE2E.Message) (m Message, info *waE2E.ContextInfo, ok bool) {
	switch {
	case p.Conversation != nil:
		return Message{Kind: Text, Text: p.GetConversation()}, nil, true
	case p.ExtendedTextMessage != nil:
		x := p.ExtendedTextMessage
		return Message{Kind: Text, Text: x.GetText()}, x.ContextInfo, true
	case p.LocationMessage != nil:
		x := p.LocationMessage
		return place(x, x.GetComment(), x.GetName(), x.GetAddress(), x.GetIsLive())
	case p.LiveLocationMessage != nil:
		x := p.LiveLocationMessage
		return place(x, x.GetCaption(), "", "", true)
	case p.ContactMessage != nil:
		return Message{Kind: Contact, Cards: cards(p.ContactMessage)}, p.ContactMessage.ContextInfo, true
	case p.ContactsArrayMessage != nil:
		x := p.ContactsArrayMessage
		return Message{Kind: Contact, Cards: cards(x.Contacts...)}, x.ContextInfo, true
	}
	if poll := pollIn(p); poll != nil {
		return Message{Kind: Poll, Text: poll.GetName(), Poll: question(poll)}, poll.ContextInfo, true
	}
	return media(p)
}

// change reads what refers to an earlier message.
func change(p *waE2E.Message) (m Message, info *waE2E.ContextInfo, ok bool) {
	if x := p.ReactionMessage; x != nil {
		return Message{Kind: Reaction, Text: x.GetText(), Target: known(x.GetKey().GetID())}, nil, true
	}
	x := p.ProtocolMessage
	if x == nil {
		return Message{}, nil, false
	}
	switch x.GetType() {
	case waE2E.ProtocolMessage_REVOKE:
		if x.Type == nil { // the zero value: not said
			return Message{}, nil, true
		}
		return Message{Kind: Revoke, Target: known(x.GetKey().GetID())}, nil, true
	case waE2E.ProtocolMessage_MESSAGE_EDIT:
		now, _, ok := simple(unwrap(x.GetEditedMessage())) // and no change in a change in a change
		if !ok {
			now, _, _ = interactive(unwrap(x.GetEditedMessage()))
		}
		return Message{Kind: Edit, Text: now.Text, Target: known(x.GetKey().GetID())}, nil, true
	}
	return Message{}, nil, true // between devices
}

// interactive reads answers to buttons and lists, and the text of what companies send with them.
func interactive(p *waE2E.Message) (m Message, info *waE2E.ContextInfo, ok bool) {
	text := ""
	switch {
	case p.ButtonsResponseMessage != nil:
		text, info = p.ButtonsResponseMessage.GetSelectedDisplayText(), p.ButtonsResponseMessage.ContextInfo
	case p.ListResponseMessage != nil:
		text, info = p.ListResponseMessage.GetTitle(), p.ListResponseMessage.ContextInfo
	case p.TemplateButtonReplyMessage != nil:
		text, info = p.TemplateButtonReplyMessage.GetSelectedDisplayText(), p.TemplateButtonReplyMessage.ContextInfo
	case p.InteractiveResponseMessage != nil:
		text, info = p.InteractiveResponseMessage.GetBody().GetText(), p.InteractiveResponseMessage.ContextInfo
	case p.ButtonsMessage != nil:
		text, info = p.ButtonsMessage.GetContentText(), p.ButtonsMessage.ContextInfo
	case p.ListMessage != nil:
		text, info = p.ListMessage.GetDescription(), p.ListMessage.ContextInfo
	case p.TemplateMessage != nil:
		text, info = p.TemplateMessage.GetHydratedTemplate().GetHydratedContentText(), p.TemplateMessage.ContextInfo
	case p.InteractiveMessage != nil:
		text, info = p.InteractiveMessage.GetBody().GetText(), p.InteractiveMessage.ContextInfo
	}
	return Message{Kind: Text, Text: text}, info, text != ""
}

// silent are the fields of a message that people do not see, or that announce messages which come by themselves.
var silent = map[protoreflect.Name]bool{
	"messageContextInfo": true, "senderKeyDistributionMessage": true, "fastRatchetKeySenderKeyDistributionMessage": true,
	"protocolMessage": true, "deviceSentMessage": true, "keepInChatMessage": true, "pinInChatMessage": true,
	"stickerSyncRmrMessage": true, "albumMessage": true, "callLogMesssage": true, "messageHistoryBundle": true,
	"messageHistoryNotice": true, "groupRootKeyShare": true, "rootSecretDistributeMessage": true,
}

// unsupported names what a message is that nothing else here knows; false: nothing for people is in it.
func unsupported(p *waE2E.Message) (Message, bool) {
	if p.GetPlaceholderMessage() != nil { // WhatsApp keeps it from linked devices
		return Message{Kind: Undecryptable, What: WhatUnavailable}, true
	}
	m := Message{Kind: Unsupported}
	reflected := p.ProtoReflect()
	fields := reflected.Descriptor().Fields()
	for i := range fields.Len() {
		if f := fields.Get(i); reflected.Has(f) && !silent[f.Name()] {
			m.What = string(f.Name())
			break
		}
	}
	if m.What == "" && len(reflected.GetUnknown()) > 0 {
		m.What = "unknown" // newer than whatsmeow
	}
	switch {
	case p.OrderMessage != nil:
		m.Text = clean(p.OrderMessage.GetMessage())
	case p.ProductMessage != nil:
		m.Text = clean(p.ProductMessage.GetProduct().GetTitle())
	case p.GroupInviteMessage != nil:
		m.Text = clean(p.GroupInviteMessage.GetCaption())
	}
	if m.What == "" {
		return Message{}, false
	}
	return m, true
}

// unwrap takes a message out of its envelopes. whatsmeow does so for most, in one fixed order; it misses the newest.
func unwrap(p *waE2E.Message) *waE2E.Message {
	for range maxWraps {
		inner := (*waE2E.Message)(nil)
		for _, envelope := range []*waE2E.FutureProofMessage{
			p.GetEphemeralMessage(), p.GetViewOnceMessage(), p.GetViewOnceMessageV2(), p.GetViewOnceMessageV2Extension(),
			p.GetDocumentWithCaptionMessage(), p.GetEditedMessage(), p.GetAssociatedChildMessage(), p.GetLottieStickerMessage(),
			p.GetPollCreationMessageV4(), p.GetBotInvokeMessage(), p.GetSpoilerMessage(), p.GetLimitSharingMessage(),
		} {
			if envelope.GetMessage() != nil {
				inner = envelope.GetMessage()
				break
			}
		}
		if inner == nil {
			break
		}
		p = inner
	}
	if p == nil {
		p = &waE2E.Message{}
	}
	return p
}

// quote reads which message is answered.
func (r reader) quote(info *waE2E.ContextInfo) *Quote {
	if info.GetStanzaID() == "" {
		return nil
	}
	author, _, _ := strings.Cut(info.GetParticipant(), "@")
	author, _, _ = strings.Cut(author, ":")
	q := &Quote{ID: known(info.GetStanzaID()), FromMe: author != "" && (author == r.ownPN || author == r.ownLID)}
	if info.QuotedMessage != nil {
		quoted, _, ok := simple(unwrap(info.QuotedMessage))
		if ok {
			q.Text = Cut(clean(quoted.Text), maxQuoted)
		}
	}
	return q
}

// clean makes a text safe to store and to show: valid UTF-8, without NUL.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}
