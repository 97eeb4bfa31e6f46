package hooks

import (
	"errors"
	"testing"
	"time"

	"mostrador/hooks/media"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
)

// TestUploadThatNobodySendsGoes: after a day, with its row and its file. What was sent stays, and so do a flow's files.
func TestUploadThatNobodySendsGoes(t *testing.T) {
	s := newSite(t)
	boss := s.user("boss", rights.Admin)
	c := s.conversation(store.StatusOpen, "", boss.ID)
	b := s.signIn(boss)
	path := "/api/conversations/" + c
	var sent view.Message
	b.form(path+"/messages", map[string]string{"clientId": "1", "sendAt": "2026-03-10T00:00:00Z"}, "image/png", "picture").want(201).into(&sent)
	s.insert("media", dbx.Params{"conversation": "aflow", "message": "aflow", "state": "ready", "file": "x.png", "created": store.Stamp(s.d.Store.Now())})
	var old, young view.Media
	b.form(path+"/media", nil, "image/png", "another picture").want(201).into(&old)
	s.pass(12 * time.Hour)
	b.form(path+"/media", nil, "image/png", "picture").want(201).into(&young)
	file := func(id string) error {
		_, err := s.d.Files.ReadFile(s.fileOf(id))
		return err
	}
	was := s.fileOf(old.ID)
	key, err := s.d.Files.FileKey(was.ID, was.File, was.Hash)
	if err != nil {
		t.Fatal(err)
	}
	s.tick()
	if got := s.count("media"); got != 4 {
		t.Errorf("after half a day: got %d files, want all 4", got)
	}
	s.pass(12*time.Hour + time.Second)
	s.tick()
	if got := s.count("media WHERE id = '" + old.ID + "'"); got != 0 || s.count("media") != 3 {
		t.Errorf("got %d of the old one and %d in all, want 0 and 3", got, s.count("media"))
	}
	fsys, err := s.d.Store.App.NewFilesystem()
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	if is, err := fsys.Exists(key); is || err != nil {
		t.Errorf("its file: got there %v (%v), want it gone", is, err)
	}
	for _, id := range []string{young.ID, sent.Media.ID} {
		if err := file(id); err != nil {
			t.Errorf("got %v, want the other files where they were", err)
		}
	}
	b.post(path+"/messages", map[string]string{"clientId": "2", "media": young.ID}).want(201)
}

func (w *world) fileOf(file string) *media.MediaFile {
	w.t.Helper()
	row, err := store.Find[media.MediaFile](w.d.Store.App.DB(), "media", file)
	if err != nil {
		w.t.Fatal(err)
	}
	return row
}

// TestUploadIsNotSentWhileItGoes: a stop may come between the steps; the next tick goes on.
func TestUploadIsNotSentWhileItGoes(t *testing.T) {
	s := newSite(t)
	s.setting("autoCloseMinutes", "0")
	boss := s.user("boss", rights.Admin)
	c := s.conversation(store.StatusOpen, "", boss.ID)
	b := s.signIn(boss)
	var file view.Media
	b.form("/api/conversations/"+c+"/media", nil, "image/png", "picture").want(201).into(&file)
	s.exec("CREATE TRIGGER stop BEFORE DELETE ON media BEGIN SELECT RAISE(ABORT, 'the process is gone'); END")
	s.pass(media.UnsentFor + time.Second)
	s.tick()
	s.signIn(boss).post("/api/conversations/"+c+"/messages", map[string]string{"clientId": "1", "media": file.ID}).want(400)
	if _, err := s.d.Files.ReadFile(s.fileOf(file.ID)); !errors.Is(err, media.ErrNoFile) {
		t.Errorf("got %v, want its file gone", err)
	}
	s.exec("DROP TRIGGER stop")
	s.tick()
	if got := s.count("media"); got != 0 {
		t.Errorf("got %d rows, want none", got)
	}
}
