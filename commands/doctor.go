package commands

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"mostrador/hooks"
	"mostrador/whatsapp"

	_ "github.com/mattn/go-sqlite3"
	"github.com/spf13/cobra"
)

// finding is one thing that doctor looked at.
type finding struct {
	what string
	said string // what it is like
	todo string // what to do about it; empty: it is in order
	bad  bool   // the desk does not work like this; with todo but not bad, it is worth a look
}

// doctor looks at what the desk needs.
type doctor struct {
	version  string
	dir      string
	whatsapp string // address of WhatsApp's page, or of an emulated server
	now      func() time.Time
	client   *http.Client
}

const (
	whatsappPage = "https://web.whatsapp.com"
	diskWanted   = 1 << 30          // bytes free
	clockWanted  = 60 * time.Second // how far the clock may be off
)

func (m *Main) doctorCommand() *cobra.Command {
	d := &doctor{version: m.version(), now: m.Now, client: &http.Client{Timeout: 10 * time.Second}}
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Check the folder, the databases, the clock, the way to WhatsApp and its version",
		Long:    "Looks at everything the desk needs and says what to do. It changes nothing and may run beside the desk.",
		Example: "  mostrador doctor\n  mostrador doctor --dir /var/lib/mostrador",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			bad := 0
			for _, f := range d.examine(cmd.Context()) {
				mark := "ok  "
				switch {
				case f.bad:
					mark = "BAD "
					bad++
				case f.todo != "":
					mark = "note"
				}
				fmt.Fprintf(m.Stdout, "%s  %-12s %s\n", mark, f.what, f.said)
				if f.todo != "" {
					fmt.Fprintf(m.Stdout, "                    %s\n", f.todo)
				}
			}
			if bad > 0 {
				return fmt.Errorf("%d of the things above keep the desk from working; each says what to do", bad)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&d.dir, "dir", filepath.Join(m.Dir, "pb_data"), "data folder")
	cmd.Flags().StringVar(&d.whatsapp, "whatsapp", whatsappPage, "where WhatsApp is; another address for an emulated one")
	return cmd
}

func (d *doctor) examine(ctx context.Context) []finding {
	all := []finding{d.build(), d.folder(), d.disk()}
	for _, name := range []string{"data.db", "auxiliary.db", "whatsapp.db"} {
		if _, err := os.Stat(filepath.Join(d.dir, name)); err == nil {
			all = append(all, d.database(ctx, name))
		}
	}
	if names := hooks.OpenToOthers(d.dir); len(names) > 0 {
		all = append(all, finding{what: "privacy", said: "others on this machine can read " + strings.Join(names, ", "),
			todo: "Run chmod 600 on them: they hold customers' messages, or the keys to them."})
	}
	return append(all, d.network(ctx)...)
}

func (d *doctor) build() finding {
	var sqlite string
	db, err := sql.Open("sqlite3", ":memory:")
	if err == nil {
		defer db.Close()
		err = db.QueryRow("SELECT sqlite_version()").Scan(&sqlite)
	}
	if err != nil {
		return finding{what: "program", said: "SQLite is not in this binary: " + err.Error(), todo: "Build it with a C compiler and CGO_ENABLED=1.", bad: true}
	}
	return finding{what: "program", said: fmt.Sprintf("mostrador %s, %s, SQLite %s", d.version, runtime.Version(), sqlite)}
}

func (d *doctor) folder() finding {
	f := finding{what: "folder", said: d.dir}
	info, err := os.Stat(d.dir)
	if errors.Is(err, os.ErrNotExist) {
		f.said += " does not exist yet"
		f.todo = "mostrador serve makes it; name another one with --dir."
		return f
	}
	if err != nil || !info.IsDir() {
		return finding{what: "folder", said: d.dir + " is not a folder that can be read", todo: "Name the data folder with --dir.", bad: true}
	}
	probe, err := os.CreateTemp(d.dir, ".doctor-")
	if err != nil {
		return finding{what: "folder", said: d.dir + " cannot be written to", todo: "Give it to the user that runs mostrador (chown), or make room on the disk.", bad: true}
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	return f
}

// disk looks at the folder's disk, or at that of the nearest folder that exists.
func (d *doctor) disk() finding {
	dir, _ := filepath.Abs(d.dir)
	var fs syscall.Statfs_t
	for err := syscall.Statfs(dir, &fs); err != nil; err = syscall.Statfs(dir, &fs) {
		if dir == filepath.Dir(dir) {
			return finding{what: "disk", said: "cannot be asked: " + err.Error(), todo: "Look at it by hand."}
		}
		dir = filepath.Dir(dir)
	}
	free := fs.Bavail * uint64(fs.Bsize)
	f := finding{what: "disk", said: fmt.Sprintf("%.1f GB free", float64(free)/1e9)}
	if free < diskWanted {
		f.todo = "Make room: on a full disk the desk stops taking messages until there is some."
		f.bad = free < diskWanted/20
	}
	return f
}

func (d *doctor) database(ctx context.Context, name string) finding {
	path := filepath.Join(d.dir, name)
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=ro&_busy_timeout=5000"}
	db, err := sql.Open("sqlite3", dsn.String())
	var answer string
	if err == nil {
		defer db.Close()
		err = db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer)
	}
	if err != nil {
		answer = err.Error()
	}
	if answer != "ok" {
		return finding{what: name, said: answer, todo: "Stop the desk, keep a copy of the folder, and restore the last backup.", bad: true}
	}
	size := int64(0)
	if info, err := os.Stat(path); err == nil {
		size = info.Size()
	}
	return finding{what: name, said: fmt.Sprintf("whole, %.1f MB", float64(size)/1e6)}
}

// network asks WhatsApp's page, and takes its clock for the right one.
func (d *doctor) network(ctx context.Context) []finding {
	f := finding{what: "WhatsApp", said: d.whatsapp + " answers"}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, d.whatsapp, nil)
	var res *http.Response
	if err == nil {
		res, err = d.client.Do(req)
	}
	if err != nil {
		f.said, f.bad = d.whatsapp+" does not answer: "+err.Error(), true
		f.todo = "The machine needs to reach web.whatsapp.com on port 443: look at its name server, firewall and proxy."
		return []finding{f}
	}
	_ = res.Body.Close()
	clock := finding{what: "clock", said: "cannot be compared: WhatsApp's answer has no date", todo: "Look at it by hand."}
	if theirs, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		off := d.now().Sub(theirs).Round(time.Second)
		clock = finding{what: "clock", said: fmt.Sprintf("%s off", off.Abs())}
		if off.Abs() > clockWanted {
			clock.todo, clock.bad = "Set the machine's clock (NTP): WhatsApp refuses links made by a wrong one.", true
		}
	}
	return []finding{f, clock, d.clientVersion(ctx)}
}

// clientVersion compares the version that lines claim with the one that WhatsApp's page names.
func (d *doctor) clientVersion(ctx context.Context) finding {
	builtIn, latest, err := whatsapp.Versions(ctx, &http.Client{Transport: at{d.whatsapp}})
	if err != nil {
		return finding{what: "version", said: "WhatsApp Web " + builtIn + "; what its page names cannot be read",
			todo: "If a line says that it is outdated, take a newer mostrador: " + err.Error()}
	}
	if latest == builtIn {
		return finding{what: "version", said: "WhatsApp Web " + latest}
	}
	return finding{what: "version", said: fmt.Sprintf("WhatsApp Web %s is built in, its page names %s: lines ask for the newer one", builtIn, latest)}
}

// at sends every request to one address, whatever host it names.
type at struct{ address string }

func (a at) RoundTrip(req *http.Request) (*http.Response, error) {
	to, err := url.Parse(a.address)
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host = to.Scheme, to.Host, to.Host
	return http.DefaultTransport.RoundTrip(req)
}
