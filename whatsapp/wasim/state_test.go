package wasim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types/events"
)

// withOwnRoot lets the client trust a server that has a root key of its own, for one test.
func withOwnRoot(t *testing.T, s *Server) {
	t.Helper()
	whatsmeow.WACertPubKey = s.RootKey()
	t.Cleanup(func() { whatsmeow.WACertPubKey = *sharedRoot().Pub })
}

func TestRestartKeepsTheLink(t *testing.T) {
	dir, db := t.TempDir(), filepath.Join(t.TempDir(), "w.db")
	s := newServer(t, Options{StateDir: dir})
	withOwnRoot(t, s)
	root := s.RootKey()
	owner, carla := s.Phone(ownerNumber, Name("Desk")), s.Phone(carlaNumber, Name("Carla"))
	d := openDesk(t, s, db)
	d.pair(owner)
	id, err := carla.SayText(owner, "antes")
	if err != nil {
		t.Fatal(err)
	}
	reply := d.send(d.message(id).Info.Chat, "respuesta")
	shown(t, carla, reply)
	image, err := carla.Say(owner, Say{Media: &SayMedia{Kind: "image", MIME: "image/png", Data: []byte("png")}})
	if err != nil {
		t.Fatal(err)
	}
	d.message(image)
	d.Disconnect()
	waiting, err := carla.SayText(owner, "mientras tanto")
	if err != nil {
		t.Fatal(err)
	}
	if err = s.Close(); err != nil {
		t.Fatal(err)
	}

	s = newServer(t, Options{StateDir: dir})
	if s.RootKey() != root {
		t.Fatal("the root key changed")
	}
	owner, carla = s.Phone(ownerNumber), s.Phone(carlaNumber)
	if got := carla.Chat(owner); len(got) != 4 || got[1].ID != reply || got[2].Media == nil {
		t.Errorf("Carla's phone shows %+v after the restart", got)
	}
	if data, mime, err := carla.Media(3); err != nil || string(data) != "png" || mime != "image/png" {
		t.Errorf("the picture is %q (%s) after the restart, error %v", data, mime, err)
	}
	d = openDesk(t, s, db)
	if err = d.Connect(); err != nil {
		t.Fatal(err)
	}
	await[*events.Connected](d, nil)
	if got := d.message(waiting).Message.GetConversation(); got != "mientras tanto" {
		t.Errorf("the queued message is %q", got)
	}
	id, err = carla.SayText(owner, "después")
	if err != nil {
		t.Fatal(err)
	}
	shown(t, carla, d.send(d.message(id).Info.Chat, "bien"))
	if got := s.Counters(); got.RetriesAsked+got.RetriesByPhones > 0 {
		t.Errorf("messages had to be asked for again after a clean restart: %+v", got)
	}
}

// A killed server comes back with a state that is up to a save older than what the client saw.
func TestKilledServerHeals(t *testing.T) {
	dir, db := t.TempDir(), filepath.Join(t.TempDir(), "w.db")
	s := newServer(t, Options{StateDir: dir})
	withOwnRoot(t, s)
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := openDesk(t, s, db)
	d.pair(owner)
	first, err := carla.SayText(owner, "uno")
	if err != nil {
		t.Fatal(err)
	}
	shown(t, carla, d.send(d.message(first).Info.Chat, "dos"))
	if err = s.saveState(false); err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 { // what happens after the save is lost with the server
		id, err := carla.SayText(owner, "perdido")
		if err != nil {
			t.Fatal(err)
		}
		shown(t, carla, d.send(d.message(id).Info.Chat, "perdido"))
	}
	d.Disconnect()
	if err = s.Close(); err != nil {
		t.Fatal(err)
	}
	if err = os.WriteFile(filepath.Join(dir, stateFile), old, 0o600); err != nil {
		t.Fatal(err)
	}

	s = newServer(t, Options{StateDir: dir})
	owner, carla = s.Phone(ownerNumber), s.Phone(carlaNumber)
	d = openDesk(t, s, db)
	if err = d.Connect(); err != nil {
		t.Fatal(err)
	}
	await[*events.Connected](d, nil)
	for range 3 {
		id, err := carla.SayText(owner, "de nuevo")
		if err != nil {
			t.Fatal(err)
		}
		shown(t, carla, d.send(d.message(id).Info.Chat, "bien"))
		shown(t, carla, id, inState("delivered"))
	}
}

func TestStateIsSavedByItself(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		s := newServer(t, Options{StateDir: dir})
		s.Phone("+5491100000077")
		time.Sleep(2 * saveEvery)
		raw, err := os.ReadFile(filepath.Join(dir, stateFile))
		if err != nil || !strings.Contains(string(raw), "5491100000077") {
			t.Errorf("the phone is not in the state file; error %v", err)
		}
	})
}

func TestStateFolderErrors(t *testing.T) {
	dir := t.TempDir()
	s := newServer(t, Options{StateDir: dir})
	if _, err := New(Options{StateDir: dir}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second server on the folder: %v, want that it is in use", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"half a file": `{"Version":1,"Ro`, "from the future": `{"Version":99}`, "without root key": `{"Version":1}`} {
		if err := os.WriteFile(filepath.Join(dir, stateFile), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Options{StateDir: dir}); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v, want one that names the folder", name, err)
		}
	}
}
