package whatsapp

import (
	"context"
	"testing"

	"go.mau.fi/whatsmeow/types"

	"mostrador/whatsapp/wasim"
)

// Groups, status and channels are acknowledged, so that they do not come again, and nothing else.
func TestNotForTheDesk(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"waiting": func(*Config) {},
		"overlapping": func(c *Config) {
			store := c.Handler.Message
			c.Handler.Accept = func(m Message, done func(error)) { done(store(m)) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newDesk(t, change)
			carla := r.server.Phone(carlaNumber)
			for _, where := range []string{"120363000000000001@g.us", "status@broadcast", "120363000000000002@newsletter"} {
				for range 3 {
					r.say(carla, wasim.Say{Text: "hello everybody", In: where})
				}
			}
			last := r.sayText(carla, "only for you")
			r.message(last)
			if r.times(last) != 1 || len(r.messages) != 1 {
				t.Errorf("the desk was given %+v, want one message", r.messages)
			}
			eventually(t, "an empty queue", func() bool { return r.owner.Companions()[0].State().Queue == 0 })
		})
	}
}

func TestWhoIsNoCustomer(t *testing.T) {
	r := newDesk(t)
	k := r.current()
	for _, chat := range []types.JID{
		types.NewJID("123-456", types.GroupServer), types.StatusBroadcastJID, types.NewJID("789", types.NewsletterServer),
		types.MetaAIJID, types.NewMetaAIJID, types.PSAJID, k.own().pn.ToNonAD(), k.own().lid.ToNonAD(), types.NewJID("1", types.BroadcastServer), {},
	} {
		if a, ok := r.chat(context.Background(), k, chat, types.EmptyJID); ok {
			t.Errorf("%v counts as %+v", chat, a)
		}
		if !r.handle(k, textEvent(chat, "hello everybody")) {
			t.Errorf("%v: a message was not acknowledged", chat)
		}
	}
	for _, chat := range []types.JID{types.NewJID("5", types.HostedServer), types.NewJID("5", types.LegacyUserServer), types.NewADJID("5", 0, 7)} {
		if a, ok := r.chat(context.Background(), k, chat, types.EmptyJID); !ok || a != (Address{Phone: "5"}) {
			t.Errorf("%v: got %+v, %v; want the number 5", chat, a, ok)
		}
	}
}

// WhatsApp gives a view-once picture to the phone only. What the desk hears of it has the same ID as the picture, should
// the phone pass it on and the desk keep it.
func TestViewOnce(t *testing.T) {
	r := newDesk(t, func(c *Config) { c.KeepViewOnce = func() bool { return true } })
	carla := r.server.Phone(carlaNumber)
	id := r.say(carla, wasim.Say{Media: &wasim.SayMedia{Kind: "image", MIME: "image/png", Data: []byte("once")}, ViewOnce: true})
	if m := r.message(id, Undecryptable); m.What != WhatViewOnce || m.Chat != addressOfPhone(carla) {
		t.Errorf("got %+v", m)
	}
	picture := r.message(id, Image) // which this phone did
	if !picture.ViewOnce {
		t.Error("the picture is not marked")
	}
	if data, err := r.Download(context.Background(), picture.Media.Ref, 0); err != nil || string(data) != "once" {
		t.Errorf("got %q, %v", data, err)
	}
}

// A customer with several devices is one customer; one that installs WhatsApp anew stays one.
func TestSeveralDevicesAndNewPhones(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber, wasim.Devices(3))
	m := r.message(r.sayText(carla, "hola"))
	reply := r.send(Outgoing{To: m.Chat, Kind: Text, Text: "to all three"})
	r.shows(carla, reply)
	r.receipt(reply, Delivered)
	if err := carla.SetDevices(1); err != nil {
		t.Fatal(err)
	}
	if err := carla.Reinstall(); err != nil {
		t.Fatal(err)
	}
	again := r.message(r.sayText(carla, "new phone"), Text)
	if again.Chat != m.Chat {
		t.Errorf("the address was %+v and is %+v", m.Chat, again.Chat)
	}
	r.shows(carla, r.send(Outgoing{To: again.Chat, Kind: Text, Text: "welcome back"}))
}
