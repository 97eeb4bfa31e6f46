package media_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/hooks/desktest"
	"mostrador/hooks/media"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// depot is a desk whose line gives at once what its customers sent.
type depot struct {
	*desktest.World
	f     *media.Fetcher
	free  atomic.Int64 // of the disk, above the reserve
	mu    sync.Mutex
	files map[string][]byte // by reference; nil: gone
	took  int64             // bytes that came over the line
	tries map[string]int
}

func newDepot(t testing.TB) *depot {
	w := desktest.NewWorld(t)
	s := &depot{World: w, files: map[string][]byte{}, tries: map[string]int{}}
	s.free.Store(50 << 30)
	w.Desk.Files.Disk = func(string) (media.Space, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return media.Space{Free: s.free.Load() - s.took + w.Desk.Files.Reserve(), Total: 100 << 30}, nil
	}
	w.Desk.Lines.LineRun("line").Download = s.download
	w.Desk.Lines.LineRun("line").Again = func(context.Context, whatsapp.MediaRequest) error { return nil }
	s.f = media.NewFetcher(&w.Desk.Files)
	return s
}

func (s *depot) download(_ context.Context, ref json.RawMessage, most int64) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries[string(ref)]++
	data := s.files[string(ref)]
	s.took += min(int64(len(data)), most)
	switch {
	case data == nil:
		return nil, whatsapp.ErrGone
	case int64(len(data)) > most:
		return nil, whatsapp.ErrTooLarge
	}
	return data, nil
}

// sends is a customer who sends a file and says how large it is.
func (s *depot) sends(from whatsapp.Address, name string, said int64, data []byte) {
	s.T.Helper()
	ref := json.RawMessage(`"` + name + `"`)
	s.mu.Lock()
	s.files[string(ref)] = data
	s.mu.Unlock()
	s.Gets(whatsapp.Message{ID: name, Chat: from, Kind: whatsapp.Document, Text: name, Media: &whatsapp.Media{MIME: "application/pdf", Size: said, Ref: ref}})
}

// settle lets the loop look until it finds nothing to do.
func (s *depot) settle() {
	s.T.Helper()
	for range 2000 {
		before := s.state()
		if err := s.f.Round(s.T.Context()); err != nil {
			s.T.Fatal(err)
		}
		s.f.Gets.Wait()
		if s.state() == before && s.Count("media WHERE state = 'pending' AND dueAt <= '"+store.Stamp(s.Desk.Store.Now()).String()+"'") == 0 {
			return
		}
	}
	s.T.Fatalf("it does not come to rest: %s", s.state())
}

// state counts files by how they are.
func (s *depot) state() string {
	s.T.Helper()
	type group struct {
		State  string `db:"state"`
		Reason string `db:"reason"`
		N      int    `db:"n"`
	}
	var parts []string
	for _, g := range desktest.All[group](s.World, "SELECT state, reason, COUNT(*) AS n FROM media GROUP BY state, reason ORDER BY state DESC, reason") {
		parts = append(parts, strings.TrimSuffix(fmt.Sprintf("%d %s %s", g.N, g.State, g.Reason), " "))
	}
	return strings.Join(parts, ", ")
}

// stored counts what lies on the disk.
func (s *depot) stored() (files int, size int64) {
	s.T.Helper()
	err := filepath.WalkDir(filepath.Join(s.Desk.Store.App.DataDir(), "storage"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".attrs") {
			return err
		}
		info, err := e.Info()
		if err != nil { // it has gone meanwhile
			return err
		}
		files, size = files+1, size+info.Size()
		return nil
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.T.Fatal(err)
	}
	return files, size
}

func (s *depot) file(name string) view.MediaRow {
	s.T.Helper()
	var row view.MediaRow
	if err := s.Desk.Store.App.DB().NewQuery("SELECT d.* FROM media d JOIN messages m ON m.media = d.id WHERE m.text = {:name}").Bind(dbx.Params{"name": name}).One(&row); err != nil {
		s.T.Fatal(err)
	}
	return row
}

var dora = whatsapp.Address{Phone: "5491166667777", LID: "199999999999999"}

// content is a file of its own kind.
func content(n, size int) []byte { return bytes.Repeat([]byte(fmt.Sprintf("%08d", n)), size/8) }

// TestQuotaOfACustomer: what is over waits for the next day or a click; nobody else's files do.
func TestQuotaOfACustomer(t *testing.T) {
	s := newDepot(t)
	s.Setting("fileQuotaFiles", "3")
	boss := s.User("boss", rights.Admin)
	for i := range 10 {
		s.sends(desktest.Carla, fmt.Sprint("c", i), 800, content(i, 800))
	}
	s.sends(dora, "d", 800, content(99, 800))
	s.settle()
	if got := s.state(); got != "4 ready, 7 pending quota" {
		t.Fatalf("got %s, want three of hers, Dora's, and the others waiting", got)
	}
	if v := s.file("c9").View(); v.State != "waiting" || v.Reason != store.WaitQuota || v.URL != "" {
		t.Errorf("got %+v, want it to say that it waits for tomorrow", v)
	}
	m := s.messageOf("c9")
	for range 2 { // twice is once
		if _, err := s.Desk.Files.WantFile(t.Context(), boss, m.Conversation, m.ID); err != nil {
			t.Fatal(err)
		}
	}
	s.settle()
	if got := s.state(); got != "5 ready, 6 pending quota" || s.file("c9").State != "ready" {
		t.Errorf("got %s, want the one that somebody asked for", got)
	}
	s.Pass(11*time.Hour + 59*time.Minute)
	s.settle()
	if got := s.state(); got != "5 ready, 6 pending quota" {
		t.Errorf("before midnight: got %s", got)
	}
	for _, want := range []string{"8 ready, 3 pending quota", "11 ready"} {
		s.Pass(24 * time.Hour)
		s.settle()
		if got := s.state(); got != want {
			t.Errorf("the day after: got %s, want %s", got, want)
		}
	}
	if got := s.tries[`"c5"`]; got != 1 {
		t.Errorf("got %d downloads of a file that waited, want one", got)
	}
}

func (s *depot) messageOf(text string) store.Message {
	s.T.Helper()
	return desktest.All[store.Message](s.World, "SELECT * FROM messages WHERE text = '"+text+"'")[0]
}

// TestBiggerQuotaLetsFilesGoOn without waiting for the night, and so does none at all.
func TestBiggerQuotaLetsFilesGoOn(t *testing.T) {
	s := newDepot(t)
	boss := s.User("boss", rights.Admin)
	s.Setting("fileQuotaMB", "1")
	for i := range 5 {
		s.sends(desktest.Carla, fmt.Sprint("c", i), 600_000, content(i, 600_000))
	}
	for _, step := range []struct{ quota, want string }{{"1", "1 ready, 4 pending quota"}, {"2", "3 ready, 2 pending quota"}, {"0", "5 ready"}} {
		if _, err := s.Desk.Settings.Save(t.Context(), boss, map[string]json.RawMessage{"fileQuotaMB": json.RawMessage(step.quota)}); err != nil {
			t.Fatal(err)
		}
		s.settle()
		if got := s.state(); got != step.want {
			t.Errorf("%s MB: got %s, want %s", step.quota, got, step.want)
		}
	}
}

// TestLyingSizesDoNotPassTheQuota: whatever is said, no more comes over the line than one day's quota, and no more is kept.
func TestLyingSizesDoNotPassTheQuota(t *testing.T) {
	quota := 40
	if testing.Short() {
		quota = 4
	}
	part := quota << 20 / 40
	for _, said := range []int64{0, 1, 1000, int64(part), media.MaxMedia} {
		s := newDepot(t)
		s.Setting("fileQuotaMB", fmt.Sprint(quota))
		for i := range 30 {
			s.sends(desktest.Carla, fmt.Sprint("c", i), said, content(i, 3*part))
		}
		s.sends(desktest.Carla, "huge", said, make([]byte, 60<<20))
		s.settle()
		_, size := s.stored()
		if most := int64(quota) << 20; size > most || s.took > most+3 {
			t.Errorf("who says %d: got %d bytes stored and %d over the line, want the quota at most", said, size, s.took)
		}
		if got := s.file("huge"); got.State != "pending" || got.Reason != store.WaitQuota {
			t.Errorf("who says %d: got the huge one %s %s, want it to wait", said, got.State, got.Reason)
		}
	}
	s := newDepot(t)
	s.sends(desktest.Carla, "impossible", media.MaxMedia+1, []byte("pdf"))
	s.settle()
	if got := s.file("impossible"); got.State != "failed" || got.Reason != store.MediaLarge || s.took != 0 {
		t.Errorf("got %+v, want what nobody may send refused unseen", got)
	}
}

// TestFilesWaitForTheDisk: none takes the reserve; they follow, the small ones first, when there is room.
func TestFilesWaitForTheDisk(t *testing.T) {
	s := newDepot(t)
	boss := s.User("boss", rights.Admin)
	s.free.Store(0)
	for i := range 5 {
		s.sends(desktest.Carla, fmt.Sprint("c", i), int64(i+1)<<20, content(i, (i+1)<<20))
	}
	s.settle()
	if got := s.state(); got != "5 pending disk" || s.took != 0 {
		t.Fatalf("got %s and %d bytes, want all to wait", got, s.took)
	}
	m := s.messageOf("c0")
	if _, err := s.Desk.Files.WantFile(t.Context(), boss, m.Conversation, m.ID); desktest.CodeOf(err) != media.ErrDiskFull.Code {
		t.Errorf("a click: got %v, want it said that the disk is full", err)
	}
	s.free.Store(s.Desk.Files.Reserve()/10 + 3<<20)
	s.settle()
	if got := s.state(); got != "2 ready, 3 pending disk" {
		t.Errorf("room for two: got %s", got)
	}
	s.free.Store(50 << 30)
	s.settle()
	if got := s.state(); got != "5 ready" {
		t.Errorf("room for all: got %s", got)
	}
}

// TestBlockedContactsFilesStay at WhatsApp until somebody asks for one, or nobody blocks them any more.
func TestBlockedContactsFilesStay(t *testing.T) {
	s := newDepot(t)
	boss := s.User("boss", rights.Admin)
	s.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	contact := s.messageOf("hola").Contact
	s.Block(contact)
	for i := range 4 {
		s.sends(desktest.Carla, fmt.Sprint("c", i), 800, content(i, 800))
	}
	s.settle()
	if got := s.state(); got != "4 pending blocked" || s.took != 0 {
		t.Fatalf("got %s and %d bytes, want nothing fetched", got, s.took)
	}
	m := s.messageOf("c2")
	shown, err := s.Desk.Files.WantFile(t.Context(), boss, m.Conversation, m.ID)
	if err != nil || shown.Media.State != "pending" {
		t.Fatalf("got %+v, %v, want it on its way", shown.Media, err)
	}
	s.Pass(48 * time.Hour)
	s.settle()
	if got := s.state(); got != "1 ready, 3 pending blocked" {
		t.Errorf("after a click: got %s", got)
	}
	s.SetBlocked(contact, false)
	s.settle()
	if got := s.state(); got != "4 ready" {
		t.Errorf("unblocked: got %s", got)
	}
}

// TestFileThatIsGoneIsSaid: a click on what WhatsApp has no more asks the sender's phone, and then says so.
func TestFileThatIsGoneIsSaid(t *testing.T) {
	s := newDepot(t)
	boss := s.User("boss", rights.Admin)
	s.sends(desktest.Carla, "gone", 800, nil)
	s.settle()
	if v := s.file("gone").View(); v.State != "pending" || v.Reason != store.MediaAsking {
		t.Fatalf("got %+v, want the phone asked", v)
	}
	s.Pass(media.MediaAsked)
	s.settle()
	if v := s.file("gone").View(); v.State != "failed" || v.Reason != store.MediaGone {
		t.Fatalf("got %+v, want it given up", v)
	}
	m := s.messageOf("gone")
	if v, err := s.Desk.Files.WantFile(t.Context(), boss, m.Conversation, m.ID); err != nil || v.Media.State != "pending" {
		t.Errorf("got %+v, %v, want it asked for again", v.Media, err)
	}
	s.settle()
	if v := s.file("gone").View(); v.Reason != store.MediaAsking {
		t.Errorf("got %+v, want the phone asked again", v)
	}
	for reason, want := range map[string]string{store.MediaLarge: media.ErrFileLarge.Code, store.MediaDamaged: media.ErrFileDamaged.Code, "unsent": media.ErrFileGone.Code} {
		s.Exec("UPDATE media SET state = 'failed', reason = '" + reason + "'")
		if _, err := s.Desk.Files.WantFile(t.Context(), boss, m.Conversation, m.ID); desktest.CodeOf(err) != want {
			t.Errorf("%s: got %v, want %s", reason, err, want)
		}
	}
	s.Exec("UPDATE media SET state = 'failed', reason = 'gone', ref = 'null'")
	if _, err := s.Desk.Files.WantFile(t.Context(), boss, m.Conversation, m.ID); desktest.CodeOf(err) != media.ErrFileGone.Code {
		t.Errorf("without a place to fetch from: got %v, want %s", err, media.ErrFileGone.Code)
	}
}

// TestCrashCountsAFileOnce: the process ends between storing and writing down; what it lent is forgotten with it.
func TestCrashCountsAFileOnce(t *testing.T) {
	s := newDepot(t)
	s.Setting("fileQuotaFiles", "2")
	s.Exec("CREATE TRIGGER stop BEFORE UPDATE ON media WHEN NEW.state = 'ready' BEGIN SELECT RAISE(ABORT, 'the process is gone'); END")
	for i := range 4 {
		s.sends(desktest.Carla, fmt.Sprint("c", i), 800, content(i, 800))
	}
	s.settle()
	if files := s.Count("contacts WHERE filesCount != 0"); files != 0 {
		t.Errorf("got files counted that are not there")
	}
	s.Exec("DROP TRIGGER stop")
	s.Desk.Files.Loans = media.Loans{}
	s.Pass(2 * media.MediaUnstored)
	s.settle()
	if got := s.state(); got != "2 ready, 2 pending quota" {
		t.Errorf("got %s, want two and each counted once", got)
	}
	if files, _ := s.stored(); files > 4 {
		t.Errorf("got %d files on the disk, want no second copies", files)
	}
	if got := s.Count("contacts WHERE filesCount = 2 AND filesBytes = 1600"); got != 1 {
		t.Errorf("got another account than two files of 800 bytes: %+v", desktest.All[media.Sender](s.World, "SELECT * FROM contacts"))
	}
}

// TestMergedContactsHaveOneAccount: a customer does not get a second quota by being known by two addresses.
func TestMergedContactsHaveOneAccount(t *testing.T) {
	s := newDepot(t)
	s.sends(whatsapp.Address{Phone: desktest.Carla.Phone}, "a", 800, content(1, 800))
	s.sends(whatsapp.Address{LID: desktest.Carla.LID}, "b", 1600, content(2, 1600))
	s.settle()
	s.Gets(whatsapp.Message{ID: "both", Text: "hola", Chat: desktest.Carla})
	if got := s.Count("contacts WHERE mergedInto = '' AND filesCount = 2 AND filesBytes = 2400"); got != 1 {
		t.Errorf("got %+v, want one account of both", desktest.All[media.Sender](s.World, "SELECT * FROM contacts"))
	}
}

// TestThousandFiles is the flood: a thousand files of a megabyte from one customer, and what the desk takes of it.
func TestThousandFiles(t *testing.T) {
	s := newDepot(t)
	many := 1000
	if testing.Short() {
		many = 400
	}
	for i := range many {
		s.sends(desktest.Carla, fmt.Sprint("c", i), 100_000, content(i, 100_000))
	}
	s.settle()
	files, size := s.stored()
	t.Logf("%d files of 100 kB: %s; %d stored, %d bytes over the line, %d on the disk", many, s.state(), files, s.took, size)
	if got := s.state(); got != fmt.Sprintf("300 ready, %d pending quota", many-300) || files != 300 || s.took != 300*100_000 {
		t.Errorf("got %s, %d stored, %d bytes, want 300 files", got, files, s.took)
	}
}

// TestFileThatArrivesTwiceCountsOnce: two downloads of one row may end one after the other.
func TestFileThatArrivesTwiceCountsOnce(t *testing.T) {
	s := newDepot(t)
	s.sends(desktest.Carla, "a", 800, content(1, 800))
	row := desktest.All[media.Download](s.World, "SELECT * FROM media")[0]
	for range 2 {
		if err := s.Desk.Files.Keep(row, content(1, 800), true); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Count("contacts WHERE filesCount = 1 AND filesBytes = 800"); got != 1 {
		t.Errorf("got %+v, want one file of 800 bytes", desktest.All[media.Sender](s.World, "SELECT * FROM contacts"))
	}
	if data, err := s.Desk.Files.ReadFile(s.FileOf(row.ID)); err != nil || len(data) != 800 {
		t.Errorf("got %d bytes, %v, want the file", len(data), err)
	}
}

// TestLongTextsAreOnTheAccount: what a stranger writes fills no disk either. The beginning of each message is kept, whatever is left.
func TestLongTextsAreOnTheAccount(t *testing.T) {
	s := newDepot(t)
	s.Setting("fileQuotaMB", "1")
	long := strings.Repeat("ñandú ", 10_000) // 80,000 bytes
	write := func(n int) (kept, dropped int) {
		t.Helper()
		s.Exec("DELETE FROM messages")
		s.Exec("DELETE FROM message_texts")
		for i := range n {
			s.Receives("5491123456789", whatsapp.Message{ID: fmt.Sprint("m", n, i), Kind: whatsapp.Text, Text: long})
		}
		for _, m := range desktest.All[store.Message](s.World, "SELECT * FROM messages") {
			var x store.Extra
			store.Decode(m.Extra, &x)
			if !strings.HasPrefix(long, m.Text) || len(m.Text) < 4000 || x.Cut == x.Dropped {
				t.Errorf("got %d bytes of a message, cut %v, dropped %v", len(m.Text), x.Cut, x.Dropped)
			}
			kept, dropped = kept+b2i(x.Cut), dropped+b2i(x.Dropped)
		}
		if whole := s.Count("message_texts"); whole != kept {
			t.Errorf("got %d whole texts for %d messages that have one", whole, kept)
		}
		return kept, dropped
	}
	if kept, dropped := write(20); kept != 13 || dropped != 7 {
		t.Errorf("got %d whole and %d without, want 13 of 80,000 bytes in a megabyte", kept, dropped)
	}
	s.Pass(24 * time.Hour)
	if kept, _ := write(3); kept != 3 {
		t.Errorf("the day after: got %d whole, want all", kept)
	}
	s.free.Store(0)
	if kept, dropped := write(2); kept != 0 || dropped != 2 {
		t.Errorf("on a full disk: got %d whole and %d without", kept, dropped)
	}
	s.free.Store(10 << 30)
	var contact string
	if err := s.Desk.Store.App.DB().NewQuery("SELECT id FROM contacts").Row(&contact); err != nil {
		t.Fatal(err)
	}
	s.Block(contact)
	if kept, _ := write(2); kept != 0 {
		t.Errorf("of a blocked contact: got %d whole, want none", kept)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
