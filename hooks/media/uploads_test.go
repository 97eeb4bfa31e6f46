package media_test

import (
	"errors"
	"testing"
	"time"

	"mostrador/hooks/desktest"
	"mostrador/hooks/media"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
)

// TestUploadThatNobodySendsGoes: after a day, with its row and its file. What was sent stays, and so do a flow's files.
func TestUploadThatNobodySendsGoes(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	c := s.Conversation(store.StatusOpen, "", boss.ID)
	b := s.SignIn(boss)
	path := "/api/conversations/" + c
	var sent view.Message
	b.Form(path+"/messages", map[string]string{"clientId": "1", "sendAt": "2026-03-10T00:00:00Z"}, "image/png", "picture").Want(201).Into(&sent)
	s.Insert("media", dbx.Params{"conversation": "aflow", "message": "aflow", "state": "ready", "file": "x.png", "created": store.Stamp(s.Desk.Store.Now())})
	var old, young view.Media
	b.Form(path+"/media", nil, "image/png", "another picture").Want(201).Into(&old)
	s.Pass(12 * time.Hour)
	b.Form(path+"/media", nil, "image/png", "picture").Want(201).Into(&young)
	file := func(id string) error {
		_, err := s.Desk.Files.ReadFile(s.FileOf(id))
		return err
	}
	was := s.FileOf(old.ID)
	key, err := s.Desk.Files.FileKey(was.ID, was.File, was.Hash)
	if err != nil {
		t.Fatal(err)
	}
	s.Tick()
	if got := s.Count("media"); got != 4 {
		t.Errorf("after half a day: got %d files, want all 4", got)
	}
	s.Pass(12*time.Hour + time.Second)
	s.Tick()
	if got := s.Count("media WHERE id = '" + old.ID + "'"); got != 0 || s.Count("media") != 3 {
		t.Errorf("got %d of the old one and %d in all, want 0 and 3", got, s.Count("media"))
	}
	fsys, err := s.Desk.Store.App.NewFilesystem()
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
	b.Post(path+"/messages", map[string]string{"clientId": "2", "media": young.ID}).Want(201)
}

// TestUploadIsNotSentWhileItGoes: a stop may come between the steps; the next tick goes on.
func TestUploadIsNotSentWhileItGoes(t *testing.T) {
	s := desktest.NewSite(t)
	s.Setting("autoCloseMinutes", "0")
	boss := s.User("boss", rights.Admin)
	c := s.Conversation(store.StatusOpen, "", boss.ID)
	b := s.SignIn(boss)
	var file view.Media
	b.Form("/api/conversations/"+c+"/media", nil, "image/png", "picture").Want(201).Into(&file)
	s.Exec("CREATE TRIGGER stop BEFORE DELETE ON media BEGIN SELECT RAISE(ABORT, 'the process is gone'); END")
	s.Pass(media.UnsentFor + time.Second)
	s.Tick()
	s.SignIn(boss).Post("/api/conversations/"+c+"/messages", map[string]string{"clientId": "1", "media": file.ID}).Want(400)
	if _, err := s.Desk.Files.ReadFile(s.FileOf(file.ID)); !errors.Is(err, media.ErrNoFile) {
		t.Errorf("got %v, want its file gone", err)
	}
	s.Exec("DROP TRIGGER stop")
	s.Tick()
	if got := s.Count("media"); got != 0 {
		t.Errorf("got %d rows, want none", got)
	}
}
