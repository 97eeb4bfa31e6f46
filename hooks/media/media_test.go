package media_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/media"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// larder is a desk whose line gives files by hand: each download waits for a word on its channel.
type larder struct {
	*desktest.World
	f     *media.Fetcher
	mu    sync.Mutex
	asked map[string]chan []byte // by reference, once they are asked for
	most  map[string]int64       // that was allowed
}

func newLarder(t *testing.T, state whatsapp.State) *larder {
	s := &larder{World: desktest.NewWorld(t), asked: map[string]chan []byte{}, most: map[string]int64{}}
	s.lineIs(state)
	s.f = media.NewFetcher(&s.Desk.Files)
	t.Cleanup(s.f.Gets.Wait)
	return s
}

func (s *larder) lineIs(state whatsapp.State) {
	run := s.Line(whatsapp.Status{State: state})
	run.Download = func(ctx context.Context, ref json.RawMessage, most int64) ([]byte, error) {
		s.mu.Lock()
		c, known := s.asked[string(ref)]
		if !known {
			c = make(chan []byte, 1)
			s.asked[string(ref)] = c
		}
		s.most[string(ref)] = most
		s.mu.Unlock()
		var data []byte
		select {
		case data = <-c:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if int64(len(data)) > most {
			return nil, whatsapp.ErrTooLarge
		}
		return data, nil
	}
}

// sends is a customer who sends a file and says how large it is; it has a reference of that name.
func (s *larder) sends(name string, size int64) {
	s.Gets(whatsapp.Message{ID: name, Kind: whatsapp.Document, Text: name, Media: &whatsapp.Media{MIME: "application/pdf", Size: size, Ref: json.RawMessage(`"` + name + `"`)}})
}

// round lets the loop look once.
func (s *larder) round() {
	s.T.Helper()
	if err := s.f.Round(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
}

// under waits until the line was asked for a file.
func (s *larder) under(name string) {
	s.T.Helper()
	wait := desktest.Shop{World: s.World}
	wait.Until(name+" is on its way", func() bool { return s.gave(name) != nil })
}

func (s *larder) gave(name string) chan []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[`"`+name+`"`]
}

// arrives lets a file come in, and waits until it is stored or judged.
func (s *larder) arrives(name string, bytes []byte) {
	s.T.Helper()
	s.under(name)
	s.gave(name) <- bytes
	wait := desktest.Shop{World: s.World}
	wait.Until(name+" is through", func() bool {
		for i := range s.f.Sizes {
			s.f.Sizes[i].Mu.Lock()
			under := s.f.Sizes[i].Under[s.media(name).ID]
			s.f.Sizes[i].Mu.Unlock()
			if under {
				return false
			}
		}
		return true
	})
}

func (s *larder) media(name string) (row struct {
	ID    string `db:"id"`
	State string `db:"state"`
	DueAt string `db:"dueAt"`
	Size  int64  `db:"size"`
}) {
	s.T.Helper()
	if err := s.Desk.Store.App.DB().NewQuery("SELECT d.id, d.state, d.dueAt, d.size FROM media d JOIN messages m ON m.media = d.id WHERE m.text = '" + name + "'").One(&row); err != nil {
		s.T.Fatal(err)
	}
	return row
}

// A line that is off costs nothing: its files wait as they are.
func TestFilesOfALineThatIsOffWait(t *testing.T) {
	s := newLarder(t, whatsapp.Offline)
	s.sends("a", 3)
	for range 3 {
		s.round()
	}
	if got := s.f.Sizes[0].Free(); got != media.SmallFiles {
		t.Fatalf("got %d files on their way, want none", media.SmallFiles-got)
	}
	if got := s.media("a"); got.State != "pending" || got.DueAt != "" || s.gave("a") != nil {
		t.Errorf("got %+v, want it untouched", got)
	}
	s.lineIs(whatsapp.Connected)
	s.round()
	s.arrives("a", []byte("pdf"))
	if got := s.media("a"); got.State != "ready" {
		t.Errorf("got %s, want it here", got.State)
	}
}

// A large file is in memory alone, and in nobody's way.
func TestLargeFilesComeOneAtATime(t *testing.T) {
	s := newLarder(t, whatsapp.Connected)
	for i := range 3 {
		s.sends(fmt.Sprint("large", i), media.SmallMedia+1)
	}
	for i := range media.SmallFiles + 1 {
		s.sends(fmt.Sprint("small", i), media.SmallMedia)
	}
	s.round()
	for _, name := range []string{"large0", "small0", "small1", "small2"} {
		s.under(name)
	}
	s.round()
	if s.gave("large1") != nil || s.gave("small3") != nil {
		t.Error("more are on their way than may be in memory")
	}
	s.arrives("small1", []byte("pdf"))
	s.round()
	s.arrives("small3", []byte("pdf"))
	if got := s.media("large0").State; got != "pending" || s.gave("large1") != nil {
		t.Errorf("got the large one %s, want it on its way and the next behind it", got)
	}
	s.arrives("large0", []byte("pdf"))
	s.round()
	s.arrives("large1", []byte("pdf"))
	s.round()
	for _, name := range []string{"large2", "small0", "small2"} {
		s.arrives(name, []byte("pdf"))
	}
	if got := s.Count("media WHERE state = 'ready'"); got != 3+media.SmallFiles+1 {
		t.Errorf("got %d files, want all", got)
	}
}

// Who says that a file is small is held to it: it is fetched again as the large one that it is.
func TestFileThatIsLargerThanItsSenderSaid(t *testing.T) {
	s := newLarder(t, whatsapp.Connected)
	s.sends("a", 1)
	s.round()
	s.arrives("a", make([]byte, media.SmallMedia+1))
	if got := s.media("a"); got.State != "pending" || got.Size != media.SmallMedia+1 || s.most[`"a"`] != media.SmallMedia {
		t.Fatalf("got %+v of %d at most, want it put aside as a large one", got, s.most[`"a"`])
	}
	s.round()
	s.arrives("a", bytes.Repeat([]byte("x"), media.SmallMedia+1))
	if got := s.media("a"); got.State != "ready" || s.most[`"a"`] != media.MaxMedia {
		t.Errorf("got %+v of %d at most, want it here", got, s.most[`"a"`])
	}
}

// TestFilesOfADeletedMessage are not fetched for ever: somebody deleted it in the dashboard.
func TestFilesOfADeletedMessage(t *testing.T) {
	for _, failure := range []error{nil, whatsapp.ErrGone, whatsapp.ErrDamaged} {
		s := newLarder(t, whatsapp.Connected)
		s.sends("a", 3)
		row, err := store.One[media.Download](store.Execer(s.Desk.Store.App.ConcurrentDB()), "SELECT * FROM media")
		if err != nil {
			t.Fatal(err)
		}
		s.Exec("DELETE FROM messages")
		s.Desk.Lines.LineRun("line").Download = func(context.Context, json.RawMessage, int64) ([]byte, error) { return []byte("pdf"), failure }
		if err := s.Desk.Files.Fetch(t.Context(), *row); err != nil {
			t.Errorf("%v: got %v, want it through", failure, err)
		}
		if left := desktest.All[media.Download](s.World, "SELECT * FROM media WHERE state = 'pending'"); len(left) != 0 {
			t.Errorf("%v: got %+v, want nothing left to fetch", failure, left)
		}
	}
}

// TestEmptyFile: there is nothing to store, now or later.
func TestEmptyFile(t *testing.T) {
	s := newLarder(t, whatsapp.Connected)
	s.sends("a", 0)
	s.round()
	s.arrives("a", []byte{})
	if got := s.media("a"); got.State != "failed" {
		t.Errorf("got %s, want it given up", got.State)
	}
}

// TestFilesAreStoredUnderNoNameOfTheirs: where one lies stands in the log when something is wrong with it.
func TestFilesAreStoredUnderNoNameOfTheirs(t *testing.T) {
	s := newLarder(t, whatsapp.Connected)
	s.Gets(whatsapp.Message{ID: "N", Kind: whatsapp.Document, Text: "cv", Media: &whatsapp.Media{MIME: "application/x-cv",
		Name: "cv +5491122334455.docx", Size: 3, Ref: json.RawMessage(`"cv"`)}})
	sum := sha256.Sum256([]byte("doc"))
	key, err := s.Desk.Files.FileKey("", "", hex.EncodeToString(sum[:]))
	if err != nil {
		t.Fatal(err)
	}
	inTheWay := filepath.Join(s.Desk.Store.App.DataDir(), "storage", filepath.Dir(key))
	if err := errors.Join(os.MkdirAll(filepath.Dir(inTheWay), 0o700), os.WriteFile(inTheWay, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	row, err := store.One[media.Download](store.Execer(s.Desk.Store.App.ConcurrentDB()), "SELECT * FROM media")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Desk.Files.KeepFile(*row, []byte("doc")); err == nil || strings.Contains(err.Error(), "5491122334455") {
		t.Errorf("got %v, want an error without the customer's words", err)
	}
	if err := errors.Join(os.Remove(inTheWay), s.Desk.Files.KeepFile(*row, []byte("doc"))); err != nil {
		t.Fatal(err)
	}
	kept := desktest.All[media.MediaFile](s.World, "SELECT * FROM media")[0]
	if kept.Name != "cv +5491122334455.docx" || strings.Contains(kept.File, "549") || !strings.HasSuffix(kept.File, ".docx") {
		t.Errorf("got %q in %q, want the name beside the file only", kept.Name, kept.File)
	}
}

func TestDownloadThatPanics(t *testing.T) {
	s := newLarder(t, whatsapp.Connected)
	s.sends("a", 3)
	s.Desk.Lines.LineRun("line").Download = func(context.Context, json.RawMessage, int64) ([]byte, error) { panic("broken") }
	s.round()
	s.f.Gets.Wait()
	if got := s.media("a"); got.State != "pending" || got.DueAt == "" {
		t.Errorf("got %+v, want it to wait for the next attempt", got)
	}
}

// TestFileThatCannotBeStored is not downloaded again at once, and not given up: the disk may be full for hours.
func TestFileThatCannotBeStored(t *testing.T) {
	s := newLarder(t, whatsapp.Connected)
	s.sends("a", 3)
	storage := filepath.Join(s.Desk.Store.App.DataDir(), "storage")
	if err := errors.Join(os.RemoveAll(storage), os.WriteFile(storage, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	downloads := 0
	s.Desk.Lines.LineRun("line").Download = func(context.Context, json.RawMessage, int64) ([]byte, error) { downloads++; return []byte("pdf"), nil }
	for range 2 {
		s.round()
		s.f.Gets.Wait()
	}
	if got := s.media("a"); downloads != 1 || got.State != "pending" {
		t.Errorf("got %d downloads and %s, want one, and the file to wait", downloads, got.State)
	}
}
