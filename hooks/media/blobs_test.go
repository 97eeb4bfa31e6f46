package media_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/media"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// TestSameContentIsStoredOnce however many messages carry it, and stays until the last of them is gone.
func TestSameContentIsStoredOnce(t *testing.T) {
	s := newDepot(t)
	picture := content(7, 1<<20)
	for i := range 100 {
		s.sends(desktest.Carla, fmt.Sprint("c", i), 1<<20, picture)
	}
	s.settle()
	files, size := s.stored()
	t.Logf("100 times the same megabyte: %d files, %d bytes on the disk", files, size)
	if got := s.state(); got != "100 ready" || files != 1 || size != 1<<20 {
		t.Fatalf("got %s, %d files, %d bytes, want one megabyte", got, files, size)
	}
	forget := func(id string) {
		r, err := s.Desk.Store.App.FindRecordById("media", id)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Desk.Store.App.Delete(r); err != nil {
			t.Fatal(err)
		}
	}
	all := desktest.All[media.MediaFile](s.World, "SELECT * FROM media ORDER BY id")
	for _, row := range all[:99] {
		forget(row.ID)
	}
	s.Desk.Files.Blobs.Lock() // the releases of the others are before this one or find it named
	data, err := s.Desk.Files.ReadFile(&all[99])
	s.Desk.Files.Blobs.Unlock()
	if err != nil || len(data) != 1<<20 {
		t.Fatalf("got %d bytes, %v, want the file of the last message", len(data), err)
	}
	forget(all[99].ID)
	s.Until(func() bool { files, _ := s.stored(); return files == 0 })
}

// upload is a reference as WhatsApp gives it.
func upload(key, sealed, plain string) json.RawMessage {
	b, _ := json.Marshal(map[string]any{"type": "WhatsApp Document Keys", "path": "/" + key, "key": []byte(key), "sealed": []byte(sealed), "plain": []byte(plain)})
	return b
}

// TestForwardedUploadIsNotFetchedAgain; who only knows the hash of a file has to send it.
func TestForwardedUploadIsNotFetchedAgain(t *testing.T) {
	sum, err := media.ContentOf(noClose("picture"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, key, sealed string
		downloads         int
	}{{"the same upload", "key", "sealed", 1}, {"another key", "other", "sealed", 2}, {"another upload", "key", "again", 2}} {
		s := newDepot(t)
		plain := unhex(t, sum)
		first, second := upload("key", "sealed", plain), upload(tt.key, tt.sealed, plain)
		s.files[string(first)], s.files[string(second)] = []byte("picture"), []byte("picture")
		for i, ref := range []json.RawMessage{first, second} {
			s.Gets(whatsapp.Message{ID: fmt.Sprint(i), Chat: []whatsapp.Address{desktest.Carla, dora}[i], Kind: whatsapp.Document, Text: fmt.Sprint("m", i),
				Media: &whatsapp.Media{MIME: "application/pdf", Size: 7, Ref: ref}})
			s.settle()
		}
		downloads := 0
		for _, n := range s.tries {
			downloads += n
		}
		if got := s.state(); got != "2 ready" || downloads != tt.downloads {
			t.Errorf("%s: got %s after %d downloads, want %d", tt.name, got, downloads, tt.downloads)
		}
		if files, _ := s.stored(); files != 1 {
			t.Errorf("%s: got %d files, want one", tt.name, files)
		}
	}
}

// TestDamagedContentIsStoredAnew: a power cut left a file of the right name.
func TestDamagedContentIsStoredAnew(t *testing.T) {
	s := newDepot(t)
	s.sends(desktest.Carla, "a", 800, content(1, 800))
	s.settle()
	row := desktest.All[media.MediaFile](s.World, "SELECT * FROM media")[0]
	key, err := s.Desk.Files.FileKey("", "", row.Hash)
	if err != nil {
		t.Fatal(err)
	}
	truncate(t, filepath.Join(s.Desk.Store.App.DataDir(), "storage", key))
	s.sends(desktest.Carla, "b", 800, content(1, 800))
	s.settle()
	if data, err := s.Desk.Files.ReadFile(&row); err != nil || len(data) != 800 {
		t.Errorf("got %d bytes, %v, want it whole again", len(data), err)
	}
}

// TestSharedContentIsNotSharedSight: two areas have the same file, and each sees its own message's only.
func TestSharedContentIsNotSharedSight(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	ana, bea := s.User("ana", rights.Operator, sales), s.User("bea", rights.Operator, help)
	boss := s.User("boss", rights.Admin)
	paths := map[string]string{}
	for area, who := range map[string]rights.Viewer{sales: ana, help: bea} {
		c := s.Conversation(store.StatusOpen, area, who.ID)
		id := s.Attachment(c, who.ID, "application/pdf", "x.pdf", "the same")
		paths[who.ID] = "/api/files/" + id
	}
	if hashes := s.Count("(SELECT DISTINCT hash FROM media)"); hashes != 1 {
		t.Fatalf("got %d contents, want one", hashes)
	}
	for _, me := range []rights.Viewer{ana, bea, boss} {
		for owner, path := range paths {
			want := 404
			if owner == me.ID || me.Role == rights.Admin {
				want = 200
			}
			s.SignIn(me).Get(path).Want(want)
		}
	}
	for _, path := range paths {
		s.Guest().Get(path).Want(401)
	}
}

// TestWhoMayHaveAFileFetched: whoever sees the message, also who may not answer it.
func TestWhoMayHaveAFileFetched(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	users := map[string]rights.Viewer{"owner": s.User("owner", rights.Operator, sales), "colleague": s.User("colleague", rights.Operator, sales), "other area": s.User("other", rights.Operator, help),
		"supervisor": s.User("sup", rights.Supervisor, sales), "other supervisor": s.User("sup2", rights.Supervisor, help), "admin": s.User("boss", rights.Admin)}
	c := s.Conversation(store.StatusOpen, sales, users["owner"].ID)
	other := s.Conversation(store.StatusOpen, sales, users["owner"].ID)
	want := map[string]int{"owner": 200, "colleague": 404, "other area": 404, "supervisor": 200, "other supervisor": 404, "admin": 200}
	for who, v := range users {
		id := s.Insert("media", dbx.Params{"conversation": c, "line": "line", "state": "pending", "reason": store.WaitQuota, "dueAt": media.Parked, "ref": `"x"`})
		m := &store.Message{Direction: "in", Author: store.ByContact, Kind: "document", State: "received", Media: id}
		s.Add(c, m)
		var got view.Message
		answer := s.SignIn(v).Post("/api/conversations/"+c+"/messages/"+m.ID+"/fetch", nil).Want(want[who])
		if answer.Status == 200 {
			answer.Into(&got)
			if got.Media.State != "pending" || got.Media.Reason != "" {
				t.Errorf("%s: got %+v, want it on its way", who, got.Media)
			}
		}
		s.SignIn(users["admin"]).Post("/api/conversations/"+other+"/messages/"+m.ID+"/fetch", nil).Want(404) // by another conversation
		if wanted := s.Count("media WHERE id = '" + id + "' AND wanted"); wanted != map[int]int{200: 1}[want[who]] {
			t.Errorf("%s: got wanted %d", who, wanted)
		}
	}
}

func noClose(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

func unhex(t *testing.T, text string) string {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func truncate(t *testing.T, path string) {
	t.Helper()
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
}
