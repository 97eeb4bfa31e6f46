package commands

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mostrador/hooks"
	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/sample"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
	"mostrador/whatsapp/wasim"

	"github.com/pocketbase/pocketbase/core"
)

// The simulated phones that a new demo has. The numbers are from ranges that films use.
const demoOwner = "+5491155550100"

var demoCustomers = []struct {
	number, name string
	address      wasim.AddressMode // how WhatsApp names this customer to the desk: three of the ways that there are
}{
	{"+5491155550101", "Carla Gómez", wasim.LID},
	{"+5511955550102", "João Pereira", wasim.PN},
	{"+14155550103", "Emily Clark", wasim.LIDHidden},
}

// demoPeople sign in with the password of their folder; areas are named by key.
var demoPeople = []struct {
	username, name string
	role           rights.Role
	areas          []string
}{
	{"ana", "Ana Ruiz", rights.Admin, nil},
	{"bruno", "Bruno Díaz", rights.Supervisor, []string{"sales", "support"}},
	{"carmen", "Carmen Soto", rights.Operator, []string{"sales"}},
	{"diego", "Diego Luna", rights.Operator, []string{"support", "billing"}},
}

// demo is the emulated WhatsApp and the sample people of a demo folder.
type demo struct {
	dir      string
	lang     string
	password string // of all sample people; made for this folder and kept in it
	server   *wasim.Server
}

// halfMade is a file in a folder that a demo has begun to fill and not finished.
const halfMade = "half-made-demo"

// begin marks a folder that is empty, and empties one that an earlier start did not get done with: half of the past cannot be
// told from what people did since. A folder without the mark is somebody's, and nothing is taken out of it.
func (d *demo) begin(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read the demo's folder: %w", explain(err))
	}
	files = slices.DeleteFunc(files, func(f os.DirEntry) bool { return f.Name() == lockName })
	mark := filepath.Join(dir, halfMade)
	switch {
	case len(files) == 0:
		return explain(os.WriteFile(mark, nil, 0o600))
	case !slices.ContainsFunc(files, func(f os.DirEntry) bool { return f.Name() == halfMade }):
		return nil
	}
	for _, f := range files {
		if f.Name() != halfMade {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, f.Name())))
		}
	}
	return explain(err)
}

// open starts the emulated WhatsApp with the phones of this folder; every line of this process talks to it from then on.
func (d *demo) open() error {
	server, err := wasim.New(wasim.Options{StateDir: filepath.Join(d.dir, "whatsapp-server")})
	if err != nil {
		return fmt.Errorf("start the emulated WhatsApp: %w", err)
	}
	d.server = server
	if _, err := server.AddPhone(demoOwner, wasim.Owner(), wasim.Name("Mostrador")); err != nil {
		return fmt.Errorf("make the owner's phone: %w", err)
	}
	for _, c := range demoCustomers {
		if _, err := server.AddPhone(c.number, wasim.Name(c.name), wasim.Address(c.address)); err != nil {
			return fmt.Errorf("make a customer's phone: %w", err)
		}
	}
	whatsapp.UseServer(whatsapp.Server{RootKey: server.RootKey(), Dial: server.Dial})
	return nil
}

// prepare puts the samples, the people and something to remember into a new folder. The desk that serves it has not been
// started yet: this is done by others, one of which lives in the past.
func (d *demo) prepare(ctx context.Context, app core.App, now func() time.Time) error {
	fresh, err := d.furnish(ctx, &hooks.Desk{Store: store.Store{App: app, Now: now}})
	if err != nil || !fresh {
		return err
	}
	if now == nil {
		now = time.Now
	}
	past, err := sample.Past{App: app, Now: now(), Lang: d.lang}.Play(ctx)
	if err != nil {
		return err
	}
	if err := d.remember(past); err != nil {
		return err
	}
	data, err := json.Marshal(map[string]string{"Password": d.password})
	if err == nil {
		err = os.WriteFile(d.file(), data, 0o600)
	}
	if err != nil {
		return explain(err)
	}
	err = os.Remove(filepath.Join(d.dir, halfMade)) // last: what was interrupted begins again
	if errors.Is(err, fs.ErrNotExist) {             // the folder was not empty
		return nil
	}
	return explain(err)
}

// file is where a prepared folder keeps its password.
func (d *demo) file() string { return filepath.Join(d.dir, "demo.json") }

// furnish makes the samples and the people; not fresh: everybody was there already.
func (d *demo) furnish(ctx context.Context, desk *hooks.Desk) (fresh bool, err error) {
	if err := desk.Start(ctx); err != nil {
		return false, err
	}
	defer desk.Stop()
	if err := sample.Seed(ctx, desk, sample.Options{Lang: d.lang, AlwaysOpen: true}); err != nil {
		return false, err
	}
	var kept struct{ Password string }
	if data, err := os.ReadFile(d.file()); err == nil && json.Unmarshal(data, &kept) == nil && kept.Password != "" {
		d.password = kept.Password
		return false, nil
	}
	d.password = "demo-" + strings.ToLower(rand.Text()[:8])
	for _, p := range demoPeople {
		if err := d.addPerson(ctx, desk, p.username, p.name, p.role, p.areas); err != nil {
			return false, fmt.Errorf("make %s: %w", p.username, err)
		}
	}
	return true, nil
}

// remember gives the customers of the past their phones, with the chats on them.
func (d *demo) remember(past []sample.PastMessage) error {
	owner := d.server.Phone(demoOwner)
	for _, m := range past {
		phone, err := d.server.AddPhone(m.Phone, wasim.Name(m.Name), wasim.Address(wasim.PN))
		if err != nil {
			return fmt.Errorf("make a customer's phone: %w", err)
		}
		phone.Remember(owner, wasim.Entry{ID: m.ID, FromMe: !m.FromDesk, Kind: "text", Text: m.Text, State: m.State, At: m.At})
	}
	return nil
}

// addPerson makes a sample person, or gives one that an interrupted start left behind the password of this folder.
func (d *demo) addPerson(ctx context.Context, desk *hooks.Desk, username, name string, role rights.Role, keys []string) error {
	var areas []string
	for _, key := range keys {
		id, err := desk.Editor.AreaKeyed(ctx, key)
		if err != nil {
			return err
		}
		areas = append(areas, id)
	}
	if id, err := desk.Guard.UserNamed(ctx, username); err == nil {
		return desk.People.UpdateUser(ctx, id, people.Person{Password: &d.password})
	}
	email := username + "@example.com"
	_, _, err := desk.People.CreateUser(ctx, people.Person{Name: &name, Username: &username, Email: &email, Role: &role, Areas: &areas,
		Lang: &d.lang, Password: &d.password})
	return err
}

// handler gives the demo page the phones, and the code that the desk shows for scanning. Only pages of the demo itself
// may use it: any other site could type on the phones otherwise.
func (d *demo) handler(desk *hooks.Desk) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/api/qr", func(w http.ResponseWriter, r *http.Request) {
		qr, err := desk.Lines.QR(r.Context(), "")
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"message":"The desk shows no code to scan right now."}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"qr": qr.QR}) // the page went away: nobody to tell
	})
	mux.Handle("/demo/api/", http.StripPrefix("/demo/api", d.server.Control()))
	return http.NewCrossOriginProtection().Handler(mux)
}

// switchOn starts the line as soon as there is one, so that it shows its code.
func (d *demo) switchOn(ctx context.Context, desk *hooks.Desk) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := desk.Lines.Start(ctx, ""); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// welcome says where to click and whom to log in as.
func (d *demo) welcome(out io.Writer, url string) {
	names := make([]string, len(demoPeople))
	for i, p := range demoPeople {
		names[i] = fmt.Sprintf("%s (%s)", p.username, p.role)
	}
	fmt.Fprintf(out, `
  ==========================  D E M O  ==========================
   No real WhatsApp, no real customers. Everything is in
   %s
  ================================================================

   1. The desk:    %s/
      log in as    %s
      password     %s
   2. The phones:  %s/demo/
      let the owner's phone scan the code, then write as a customer.

`, d.dir, url, strings.Join(names, ", "), d.password, url)
}

// close ends the emulated WhatsApp and keeps its state.
func (d *demo) close() error { return d.server.Close() }
