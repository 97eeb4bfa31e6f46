package whatsapp

import (
	"slices"
	"sync/atomic"
	"testing"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"mostrador/whatsapp/wasim"
)

// What is to be seen once has its place here and no content, however it comes; unless a setting says so, and then it is marked.
func TestContentToBeSeenOnce(t *testing.T) {
	var keeps atomic.Bool
	r := newDesk(t, func(c *Config) { c.KeepViewOnce = keeps.Load })
	carla := r.server.Phone(carlaNumber)
	image := &waE2E.Message{ImageMessage: &waE2E.ImageMessage{Caption: proto.String("secret"), DirectPath: proto.String("/v/x")}}
	flag := &waE2E.Message{ImageMessage: &waE2E.ImageMessage{Caption: proto.String("secret"), ViewOnce: proto.Bool(true)}}
	for _, c := range []struct {
		name string
		say  wasim.Say
		kind Kind
	}{
		{"envelope", wasim.Say{Proto: &waE2E.Message{ViewOnceMessage: wrapped(image)}}, Image},
		{"newest envelope", wasim.Say{Proto: &waE2E.Message{ViewOnceMessageV2Extension: wrapped(&waE2E.Message{AudioMessage: &waE2E.AudioMessage{PTT: proto.Bool(true)}})}}, Voice},
		{"disappearing too", wasim.Say{Proto: &waE2E.Message{EphemeralMessage: wrapped(&waE2E.Message{ViewOnceMessage: wrapped(image)})}}, Image},
		{"in an envelope of its own", wasim.Say{Proto: &waE2E.Message{AssociatedChildMessage: wrapped(&waE2E.Message{ViewOnceMessage: wrapped(image)})}}, Image},
		{"flag", wasim.Say{Proto: flag}, Image},
		{"flag of a film", wasim.Say{Proto: &waE2E.Message{VideoMessage: &waE2E.VideoMessage{ViewOnce: proto.Bool(true)}}}, Video},
		{"flag in an envelope", wasim.Say{Proto: &waE2E.Message{EphemeralMessage: wrapped(flag)}}, Image},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, keep := range []bool{false, true} {
				keeps.Store(keep)
				got := r.message(r.say(carla, c.say))
				want := Message{Kind: Undecryptable, What: WhatViewOnce}
				if keep {
					want = Message{Kind: c.kind, ViewOnce: true}
				}
				if got.Kind != want.Kind || got.What != want.What || got.ViewOnce != want.ViewOnce || (got.Media != nil) != want.ViewOnce {
					t.Errorf("kept %v: got %+v", keep, got)
				}
				if !keep && (got.Text != "" || got.Media != nil) {
					t.Errorf("got the content %+v", got)
				}
			}
		})
	}
	keeps.Store(false)
	passed := r.say(carla, wasim.Say{Media: &wasim.SayMedia{Kind: "image", MIME: "image/jpeg", Data: []byte("x")}, ViewOnce: true})
	r.until("what the phone passes on", func() bool { // after WhatsApp's word that there is something
		return len(slices.DeleteFunc(slices.Clone(r.messages), func(m Message) bool { return m.ID != passed })) == 2
	})
	if got := r.message(passed, Undecryptable); got.What != WhatViewOnce || slices.ContainsFunc(r.messages, func(m Message) bool { return m.ID == passed && m.Media != nil }) {
		t.Errorf("passed on by the phone: got %+v", got)
	}
	first := r.sayText(carla, "hola")
	revoke := &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_REVOKE.Enum(), Key: &waCommon.MessageKey{ID: &first}}
	if got := r.message(r.say(carla, wasim.Say{Proto: &waE2E.Message{ViewOnceMessage: wrapped(&waE2E.Message{ProtocolMessage: revoke})}})); got.Kind != Revoke {
		t.Errorf("a change in such an envelope: got %+v", got)
	}
	if got := r.message(r.say(carla, wasim.Say{Proto: &waE2E.Message{ImageMessage: &waE2E.ImageMessage{Caption: proto.String("hola")}}})); got.Kind != Image || got.ViewOnce {
		t.Errorf("any other picture: got %+v", got)
	}
}
