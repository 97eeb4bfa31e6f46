package media_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/store"
	"mostrador/whatsapp/wasim"

	"github.com/pocketbase/dbx"
	"go.mau.fi/whatsmeow/proto/waE2E"
)

// TestWhatAHostilePhoneSaysOfItsFiles: what a hostile phone says about a file is checked against the file.
func TestWhatAHostilePhoneSaysOfItsFiles(t *testing.T) {
	s := desktest.NewShop(t)
	carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
	data := bytes.Repeat([]byte("contract"), 2500)
	if _, err := carla.Say(s.Owner, wasim.Say{Media: &wasim.SayMedia{Kind: "document", MIME: "application/pdf", Caption: "honest", Data: data}}); err != nil {
		t.Fatal(err)
	}
	type stored struct {
		State  string `db:"state"`
		Reason string `db:"reason"`
		Size   int64  `db:"size"`
		Ref    string `db:"ref"`
	}
	through := func(caption string) stored {
		m := s.Message(caption, func(m store.Message) bool { return m.Media != "" })
		return desktest.Row(s, caption+" is through", "SELECT state, reason, size, ref FROM media WHERE id = {:id}", dbx.Params{"id": m.Media},
			func(f stored) bool { return f.State != "pending" })
	}
	var ref struct {
		Path               string
		Key, Sealed, Plain []byte
	}
	if err := json.Unmarshal([]byte(through("honest").Ref), &ref); err != nil {
		t.Fatal(err)
	}
	for caption, tt := range map[string]struct {
		change        func(*waE2E.DocumentMessage)
		state, reason string
	}{
		"forwarded":           {func(*waE2E.DocumentMessage) {}, "ready", ""},
		"says one byte":       {func(d *waE2E.DocumentMessage) { *d.FileLength = 1 }, "ready", ""},
		"says a terabyte":     {func(d *waE2E.DocumentMessage) { *d.FileLength = 1 << 40 }, "failed", store.MediaLarge},
		"says all there is":   {func(d *waE2E.DocumentMessage) { *d.FileLength = 1<<64 - 1 }, "failed", store.MediaLarge},
		"another content":     {func(d *waE2E.DocumentMessage) { d.FileSHA256 = bytes.Repeat([]byte{7}, 32) }, "failed", store.MediaDamaged},
		"half a hash":         {func(d *waE2E.DocumentMessage) { d.FileSHA256 = d.FileSHA256[:16] }, "failed", store.MediaDamaged},
		"no hash":             {func(d *waE2E.DocumentMessage) { d.FileSHA256 = nil }, "failed", store.MediaDamaged},
		"another upload":      {func(d *waE2E.DocumentMessage) { d.FileEncSHA256 = bytes.Repeat([]byte{7}, 32) }, "failed", store.MediaDamaged},
		"another key":         {func(d *waE2E.DocumentMessage) { d.MediaKey = bytes.Repeat([]byte{7}, 32) }, "failed", store.MediaDamaged},
		"no key":              {func(d *waE2E.DocumentMessage) { d.MediaKey = nil }, "failed", store.MediaDamaged},
		"the hash and no key": {func(d *waE2E.DocumentMessage) { d.MediaKey, d.FileEncSHA256 = nil, nil }, "failed", store.MediaDamaged},
	} {
		length, mime := uint64(len(data)), "application/pdf"
		d := &waE2E.DocumentMessage{DirectPath: &ref.Path, MediaKey: ref.Key, FileEncSHA256: ref.Sealed, FileSHA256: ref.Plain, FileLength: &length,
			Mimetype: &mime, Caption: &caption}
		tt.change(d)
		if _, err := carla.Say(s.Owner, wasim.Say{Proto: &waE2E.Message{DocumentMessage: d}}); err != nil {
			t.Fatalf("%s: %v", caption, err)
		}
		got := through(caption)
		if got.State != tt.state || got.Reason != tt.reason || got.State == "ready" && got.Size != int64(len(data)) {
			t.Errorf("%s: got %s %s of %d bytes, want %s %s", caption, got.State, got.Reason, got.Size, tt.state, tt.reason)
		}
	}
	if got := s.Count("SELECT COUNT(DISTINCT hash) FROM media WHERE hash != ''"); got != 1 {
		t.Errorf("got %d contents, want the honest one", got)
	}
}
