package whatsapp

import (
	"testing"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"mostrador/whatsapp/wasim"
)

// silentMessages is each part of a message that nobody sees, alone in a message: every silent field, every protocol message
// that is no change of another message, and what goes along with every message without anything beside it.
func silentMessages(t *testing.T) map[string]*waE2E.Message {
	all := map[string]*waE2E.Message{
		"nothing": {}, "protocol without type": {ProtocolMessage: &waE2E.ProtocolMessage{}},
		"pin as phones send it": {
			MessageContextInfo: &waE2E.MessageContextInfo{MessageAddOnDurationInSecs: proto.Uint32(86400)},
			PinInChatMessage:   &waE2E.PinInChatMessage{Type: waE2E.PinInChatMessage_PIN_FOR_ALL.Enum()},
		},
	}
	for _, field := range silentFields(t) {
		m := &waE2E.Message{}
		m.ProtoReflect().Mutable(field)
		all[string(field.Name())] = m
	}
	types := waE2E.ProtocolMessage_REVOKE.Descriptor().Values()
	for i := range types.Len() {
		kind := waE2E.ProtocolMessage_Type(types.Get(i).Number())
		if kind != waE2E.ProtocolMessage_REVOKE && kind != waE2E.ProtocolMessage_MESSAGE_EDIT {
			all[kind.String()] = &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: kind.Enum()}}
		}
	}
	return all
}

func silentFields(t *testing.T) (fields []protoreflect.FieldDescriptor) {
	all := (&waE2E.Message{}).ProtoReflect().Descriptor().Fields()
	for i := range all.Len() {
		if kinds[all.Get(i).Name()].silent {
			fields = append(fields, all.Get(i))
		}
	}
	if len(fields) < 15 {
		t.Errorf("%d silent fields", len(fields))
	}
	return fields
}

// What nobody sees on the phone is nothing here, whoever sends it; a text that is there and empty is a message.
func TestSilentParts(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	first := r.sayText(carla, "hola")
	r.message(first)
	for name, m := range silentMessages(t) {
		t.Run(name, func(t *testing.T) {
			before := r.stored()
			r.say(carla, wasim.Say{Proto: m})
			if _, err := r.owner.Say(carla, wasim.Say{Proto: m}); err != nil {
				t.Fatal(err)
			}
			after := r.message(r.say(carla, wasim.Say{Proto: &waE2E.Message{Conversation: proto.String("")}}), Text)
			if got := r.stored() - before; got != 1 || after.Text != "" {
				t.Errorf("%d messages, the last %+v; want the empty text alone", got, after)
			}
		})
	}
}

// stored is how many messages the desk was given.
func (r *rig) stored() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.messages)
}
