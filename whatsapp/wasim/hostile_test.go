package wasim

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
)

// lies are what only a hostile phone may be told to say about the desk's message %[1]s, or about one that never was.
var lies = map[string]string{
	"edit of another's":     `"edit":{"id":"%[1]s","text":"x"}`,
	"edit of nothing":       `"edit":{"id":"NEVER","text":"x"}`,
	"revoke of another's":   `"revoke":{"id":"%[1]s"}`,
	"reaction to nothing":   `"reaction":{"id":"NEVER","emoji":"👍"}`,
	"quote of nothing":      `"text":"x","quote":{"id":"NEVER","text":"we owe you 100","by":"+5491155555555"}`,
	"quote in other words":  `"text":"x","quote":{"id":"%[1]s","text":"we owe you 100"}`,
	"vote on nothing":       `"vote":{"id":"NEVER","options":["x"]}`,
	"an id again":           `"text":"x","id":"%[1]s"`,
	"everybody":             `"text":"x","mentions":["all","+5491155555555","1@lid"]`,
	"a file that is larger": `"media":{"kind":"image","mime":"image/png","base64":"eA==","size":9223372036854775807}`,
	"another hash":          `"media":{"kind":"image","mime":"image/png","base64":"eA==","sha256":"00ff","encSha256":"00ff"}`,
	"the future":            `"text":"x","at":"8h"`,
	"stanza":                `"text":"x","attrs":{"sender_pn":"+5491155555555","type":"poll"}`,
}

func TestOnlyHostilePhonesLie(t *testing.T) {
	s := newServer(t, Options{})
	a := api{t, s.HTTPClient(), "http://wasim"}
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	var made phoneJSON
	a.ok("POST", "/phones", `{"number":"+5491166666666","name":"Mallory","hostile":true}`, &made)
	d := newDesk(t, s, owner)
	ours := d.send(carla.LID(), "ours")
	shown(t, carla, ours)
	theirs := d.send(s.Phone(made.Number).LID(), "ours")
	shown(t, s.Phone(made.Number), theirs)
	if !made.Hostile {
		t.Error("the phone is not hostile")
	}
	for name, lie := range lies {
		var refused struct{ Message string }
		if code := a.call("POST", "/phones/"+carlaNumber+"/say", `{"to":"`+ownerNumber+`",`+strings.ReplaceAll(lie, "%[1]s", ours)+`}`, &refused); code != 400 || refused.Message == "" {
			t.Errorf("%s: an ordinary phone got %d %s, want 400 with a reason", name, code, refused.Message)
		}
		var said struct{ ID string }
		a.ok("POST", "/phones/"+made.Number+"/say", `{"to":"`+ownerNumber+`",`+strings.ReplaceAll(lie, "%[1]s", theirs)+`}`, &said)
		if m := d.message(said.ID); m.Info.Sender.User != s.Phone(made.Number).LID().User && name != "stanza" {
			t.Errorf("%s: came from %s", name, m.Info.Sender)
		}
	}
	a.ok("POST", "/phones", `{"number":"+5491166666666","hostile":false}`, &made)
	if made.Hostile {
		t.Error("the phone is still hostile")
	}
	var state struct{ Unknown map[string]int }
	if a.ok("GET", "/state", nil, &state); len(state.Unknown) != 0 {
		t.Errorf("the client answered lies with stanzas that nobody knows: %v", state.Unknown)
	}
}

// Any message at all, on any phone, as it is; and what arrived as it is.
func TestProtoAndRaw(t *testing.T) {
	s := newServer(t, Options{StateDir: t.TempDir()})
	a := api{t, s.HTTPClient(), "http://wasim"}
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	withOwnRoot(t, s)
	d := openDesk(t, s, filepath.Join(t.TempDir(), "w.db"))
	d.pair(owner)
	var said struct{ ID string }
	a.ok("POST", "/phones/"+carlaNumber+"/say", `{"to":"`+ownerNumber+`","proto":{"ephemeralMessage":{"message":{"conversation":"hola"}}}}`, &said)
	if got := d.message(said.ID).RawMessage.GetEphemeralMessage().GetMessage().GetConversation(); got != "hola" {
		t.Errorf("got %q, want hola in its envelope", got)
	}
	reply, err := d.SendMessage(context.Background(), carla.LID(), &waE2E.Message{ViewOnceMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{}}})
	if err != nil {
		t.Fatal(err)
	}
	shown(t, carla, reply.ID)
	if _, err := carla.Say(owner, Say{Text: "bad \xff"}); err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		var chat struct {
			Messages []struct {
				ID    string
				Proto map[string]any
			}
		}
		a.ok("GET", "/phones/"+carlaNumber+"/chat?raw=1", nil, &chat)
		if len(chat.Messages) != 3 || chat.Messages[0].Proto["ephemeralMessage"] == nil || chat.Messages[1].Proto["viewOnceMessage"] == nil ||
			chat.Messages[2].Proto["base64"] == nil {
			t.Errorf("got %+v, want three messages as they were sent", chat.Messages)
		}
		var plain struct{ Messages []map[string]any }
		if a.ok("GET", "/phones/"+carlaNumber+"/chat", nil, &plain); plain.Messages[0]["proto"] != nil {
			t.Error("the messages came without being asked for")
		}
	}
	check()
	d.Disconnect()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = newServer(t, Options{StateDir: s.opts.StateDir})
	a.client = s.HTTPClient()
	check()
}

func TestAt(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	s := newServer(t, Options{})
	a := api{t, s.HTTPClient(), "http://wasim"}
	d := newDesk(t, s, s.Phone(ownerNumber))
	s.Phone(carlaNumber)
	for text, want := range map[string]time.Time{
		"-8h": time.Now().Add(-8 * time.Hour), "2026-01-31T09:30:00-03:00": time.Date(2026, 1, 31, 12, 30, 0, 0, time.UTC),
	} {
		var said struct{ ID string }
		a.ok("POST", "/phones/"+carlaNumber+"/say", fmt.Sprintf(`{"to":"%s","text":"x","at":"%s"}`, ownerNumber, text), &said)
		if got := d.message(said.ID).Info.Timestamp; got.Sub(want).Abs() > time.Minute {
			t.Errorf("%s: the client was told %s, want %s", text, got, want)
		}
		if got := shown(t, s.Phone(ownerNumber), said.ID).At; got.Sub(want).Abs() > time.Minute {
			t.Errorf("%s: the phone shows %s, want %s", text, got, want)
		}
	}
	if _, err := written("yesterday", now); err == nil || !strings.Contains(err.Error(), "-8h") {
		t.Errorf("got %v, want a sentence that says how", err)
	}
	var b sayBody
	b.Proto = []byte(`{"conversation":1}`)
	if _, err := b.say(now); err == nil {
		t.Error("took what is no message")
	}
}
