package whatsapp

import (
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// part is what a field of a message is to people. Exactly one of its own is set.
type part struct {
	silent   bool                         // nobody sees it, or it announces messages that come by themselves
	envelope bool                         // a waE2E.FutureProofMessage: what counts is the message inside
	named    bool                         // people see something of it on the phone that cannot be told here: its name has to do
	read     func(*waE2E.Message) Message // an empty text of it says no more than the name does
}

var (
	silent   = part{silent: true}
	envelope = part{envelope: true}
	named    = part{named: true}
)

// kinds is every field that a message has. TestEveryKindIsInTheTable holds it against whatsmeow's type, so that a kind that
// comes with a later version is decided on before it reaches anybody.
var kinds = map[protoreflect.Name]part{
	// What people send to each other.
	"conversation":        {read: func(p *waE2E.Message) Message { return Message{Kind: Text, Text: p.GetConversation()} }},
	"extendedTextMessage": {read: func(p *waE2E.Message) Message { return Message{Kind: Text, Text: p.GetExtendedTextMessage().GetText()} }},
	"imageMessage":        {read: media},
	"videoMessage":        {read: media},
	"ptvMessage":          {read: media}, // the round kind
	"audioMessage":        {read: media},
	"documentMessage":     {read: media},
	"stickerMessage":      {read: media},
	"locationMessage":     {read: location},
	"liveLocationMessage": {read: location},
	"contactMessage":      {read: func(p *waE2E.Message) Message { return Message{Kind: Contact, Cards: cards(p.ContactMessage)} }},
	"contactsArrayMessage": {read: func(p *waE2E.Message) Message {
		return Message{Kind: Contact, Cards: cards(p.ContactsArrayMessage.Contacts...)}
	}},
	"pollCreationMessage":   {read: poll},
	"pollCreationMessageV2": {read: poll},
	"pollCreationMessageV3": {read: poll},
	"pollCreationMessageV5": {read: poll},
	"pollCreationMessageV6": {read: poll},
	"reactionMessage":       {read: reaction},
	"stickerPackMessage":    inWords(stickerPack),
	"musicMessage":          inWords(music),
	"groupInviteMessage":    inWords(groupInvite),
	"eventMessage":          inWords(gathering),
	"eventInviteMessage":    inWords(gatheringInvite),

	// What companies send, and the answers to it.
	"buttonsMessage":             {read: withButtons},
	"templateMessage":            {read: func(p *waE2E.Message) Message { return template(p.TemplateMessage) }},
	"highlyStructuredMessage":    {read: func(p *waE2E.Message) Message { return structured(p.HighlyStructuredMessage) }},
	"interactiveMessage":         {read: func(p *waE2E.Message) Message { return interactive(p.InteractiveMessage, 0) }},
	"productMessage":             {read: func(p *waE2E.Message) Message { return product(p.ProductMessage) }},
	"listMessage":                inWords(list),
	"orderMessage":               inWords(order),
	"richResponseMessage":        inWords(richResponse),
	"buttonsResponseMessage":     inWords(buttonsResponse),
	"listResponseMessage":        inWords(listResponse),
	"templateButtonReplyMessage": inWords(templateReply),
	"interactiveResponseMessage": inWords(interactiveResponse),

	// Money, calls, channels and the like.
	"sendPaymentMessage":                inWords(payment),
	"requestPaymentMessage":             inWords(paymentRequest),
	"paymentReminderMessage":            inWords(paymentReminder),
	"splitPaymentMessage":               inWords(splitPayment),
	"invoiceMessage":                    inWords(invoice),
	"scheduledCallCreationMessage":      inWords(scheduledCall),
	"bcallMessage":                      inWords(func(p *waE2E.Message) string { return p.BcallMessage.GetCaption() }),
	"newsletterAdminInviteMessage":      inWords(adminInvite),
	"newsletterFollowerInviteMessageV2": inWords(followerInvite),
	"pollResultSnapshotMessage":         inWords(func(p *waE2E.Message) string { return pollResult(p.PollResultSnapshotMessage) }),
	"pollResultSnapshotMessageV3":       inWords(func(p *waE2E.Message) string { return pollResult(p.PollResultSnapshotMessageV3) }),
	"pollAddOptionMessage":              inWords(func(p *waE2E.Message) string { return p.PollAddOptionMessage.GetAddOption().GetOptionName() }),
	"commentMessage":                    inWords(func(p *waE2E.Message) string { return note(p.CommentMessage.GetMessage()) }),
	"statusQuestionAnswerMessage":       inWords(func(p *waE2E.Message) string { return p.StatusQuestionAnswerMessage.GetText() }),
	"statusQuotedMessage":               inWords(func(p *waE2E.Message) string { return p.StatusQuotedMessage.GetText() }),
	"questionResponseMessage":           inWords(func(p *waE2E.Message) string { return p.QuestionResponseMessage.GetText() }),
	"placeholderMessage":                {read: masked},

	// What the phone shows in its own way, or has the only key to.
	"call": named, "chat": named, "declinePaymentRequestMessage": named, "cancelPaymentRequestMessage": named,
	"paymentInviteMessage": named, "splitPaymentUpdateMessage": named, "requestPhoneNumberMessage": named,
	"scheduledCallEditMessage": named, "pollUpdateMessage": named, "encReactionMessage": named, "encCommentMessage": named,
	"encEventResponseMessage": named, "secretEncryptedMessage": named, "conditionalRevealMessage": named,
	"statusNotificationMessage": named, "statusStickerInteractionMessage": named,

	"ephemeralMessage": envelope, "viewOnceMessage": envelope, "viewOnceMessageV2": envelope, "viewOnceMessageV2Extension": envelope,
	"documentWithCaptionMessage": envelope, "editedMessage": envelope, "associatedChildMessage": envelope, "lottieStickerMessage": envelope,
	"pollCreationMessageV4": envelope, "pollCreationOptionImageMessage": envelope, "eventCoverImage": envelope, "spoilerMessage": envelope,
	"limitSharingMessage": envelope, "groupMentionedMessage": envelope, "questionMessage": envelope, "questionReplyMessage": envelope,
	"statusMentionMessage": envelope, "groupStatusMentionMessage": envelope, "statusAddYours": envelope, "groupStatusMessage": envelope,
	"groupStatusMessageV2": envelope, "botInvokeMessage": envelope, "botTaskMessage": envelope, "botForwardedMessage": envelope,
	"newsletterAdminProfileMessage": envelope, "newsletterAdminProfileStatusMessage": envelope,
	"botPlatformRegistrationSuccessMessage": envelope,

	// A protocolMessage is read by reader.change: only an edit and a revoke in it concern people.
	"protocolMessage": silent, "messageContextInfo": silent, "senderKeyDistributionMessage": silent,
	"fastRatchetKeySenderKeyDistributionMessage": silent, "deviceSentMessage": silent, "keepInChatMessage": silent,
	"pinInChatMessage": silent, "stickerSyncRmrMessage": silent, "albumMessage": silent, "callLogMesssage": silent,
	"messageHistoryBundle": silent, "messageHistoryNotice": silent, "groupRootKeyShare": silent, "rootSecretDistributeMessage": silent,
	"statusLinkPreviewMetadata": silent,
}

// inWords is a kind of which a desk keeps nothing but what it says.
func inWords(say func(*waE2E.Message) string) part {
	return part{read: func(p *waE2E.Message) Message { return Message{Kind: Text, Text: say(p)} }}
}

// first is the first field of a message that is set and not silent; nil: nothing for people is in it.
func first(p protoreflect.Message) (protoreflect.FieldDescriptor, part) {
	fields := p.Descriptor().Fields()
	for i := range fields.Len() {
		if field := fields.Get(i); p.Has(field) {
			if part := kinds[field.Name()]; !part.silent {
				return field, part
			}
		}
	}
	return nil, part{}
}

// once are the envelopes of what WhatsApp shows one time only.
var once = map[protoreflect.Name]bool{"viewOnceMessage": true, "viewOnceMessageV2": true, "viewOnceMessageV2Extension": true}

// viewOnce tells whether a message is to be seen one time only: by its envelope, or by a word of its own.
func viewOnce(p *waE2E.Message) bool {
	for range maxWraps {
		if p == nil {
			return false
		}
		field, part := first(p.ProtoReflect())
		if field == nil || once[field.Name()] {
			return field != nil
		}
		if !part.envelope {
			flag := protoreflect.FieldDescriptor(nil)
			if field.Message() != nil {
				flag = field.Message().Fields().ByName("viewOnce")
			}
			return flag != nil && p.ProtoReflect().Get(field).Message().Get(flag).Bool()
		}
		p = inside(p, field)
	}
	return false
}

// unwrap takes a message out of its envelopes. whatsmeow does so for most, in one fixed order; it misses the newest.
func unwrap(p *waE2E.Message) *waE2E.Message {
	for range maxWraps {
		field, part := first(p.ProtoReflect())
		if field == nil || !part.envelope {
			break
		}
		p = inside(p, field)
	}
	if p == nil {
		p = &waE2E.Message{}
	}
	return p
}

// inside is what an envelope holds; nil: nothing.
func inside(p *waE2E.Message, envelope protoreflect.FieldDescriptor) *waE2E.Message {
	inner, _ := p.ProtoReflect().Get(envelope).Message().Interface().(*waE2E.FutureProofMessage)
	return inner.GetMessage()
}

// contextOf is what goes along with a field of a message: what it answers, what it came from, how long it stays.
func contextOf(p protoreflect.Message, field protoreflect.FieldDescriptor) *waE2E.ContextInfo {
	if field.Message() == nil {
		return nil
	}
	context := field.Message().Fields().ByName("contextInfo")
	if context == nil {
		return nil
	}
	info, _ := p.Get(field).Message().Get(context).Message().Interface().(*waE2E.ContextInfo)
	return info
}
