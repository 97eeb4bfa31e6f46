package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Rig is what every benchmark runs on: an emulated WhatsApp server in a process of its own, an owner's phone for each
// client under test, customers' phones, and a folder that is removed at the end.
type Rig struct {
	Program Program
	Phones  Phones
	Dir     string

	server *Process
	stop   []func()
}

// The numbers of the simulated phones; the national part is from a range that is not given to anybody.
const (
	bareOwner = "+5491155550001"
	deskOwner = "+5491155550002"
)

// The one person of the desk under test; the folder lives as long as the benchmark.
const (
	adminName     = "admin"
	adminPassword = "only-for-this-run-9417"
)

// NewRig starts the emulated server.
func NewRig(ctx context.Context, p Program) (*Rig, error) {
	dir, err := os.MkdirTemp("", "mostrador-bench-")
	if err != nil {
		return nil, err
	}
	r := &Rig{Program: p, Dir: dir}
	if r.server, err = p.Serve(ctx, dir, "wasim", "--listen", "127.0.0.1:0"); err != nil {
		r.Close()
		return nil, err
	}
	r.Phones = Phones{URL: r.server.URL}
	return r, nil
}

// Close ends every process and removes the folder.
func (r *Rig) Close() {
	for i := len(r.stop) - 1; i >= 0; i-- {
		r.stop[i]()
	}
	if r.server != nil {
		r.server.Kill()
	}
	_ = os.RemoveAll(r.Dir) // a temporary folder: the system removes what is left
}

// Customers makes n customers' phones and returns their numbers.
func (r *Rig) Customers(ctx context.Context, n int) ([]string, error) {
	numbers := make([]string, n)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("+54911560%05d", i)
	}
	return numbers, each(numbers, func(i int, number string) error {
		return r.Phones.Add(ctx, PhoneOptions{Number: number, Name: fmt.Sprintf("Customer %d", i), Read: "off"})
	})
}

// Bare starts the baseline and links it.
func (r *Rig) Bare(ctx context.Context, echo string) (*BareUnderTest, error) {
	if err := r.Phones.Add(ctx, PhoneOptions{Number: bareOwner, Name: "Bare", Owner: true}); err != nil {
		return nil, err
	}
	p, err := r.Program.Serve(ctx, r.Dir, "bench", "bare", "--whatsapp", r.server.URL, "--dir", r.Dir, "--echo", echo)
	if err != nil {
		return nil, err
	}
	r.stop = append(r.stop, p.Kill)
	b := &BareUnderTest{Process: p}
	var s BareStatus
	err = until(ctx, "the bare client's QR code", func() bool { s, err = b.Status(ctx); return err == nil && s.QR != "" })
	if err == nil {
		err = r.Phones.Scan(ctx, bareOwner, s.QR)
	}
	if err != nil {
		return nil, fmt.Errorf("link the bare client: %w", err)
	}
	return b, b.waitConnected(ctx)
}

// BareUnderTest is a running baseline.
type BareUnderTest struct{ *Process }

// Status asks for it.
func (b *BareUnderTest) Status(ctx context.Context) (s BareStatus, err error) {
	return s, callJSON(ctx, nil, "GET", b.URL, nil, nil, &s)
}

// Reset starts counting anew.
func (b *BareUnderTest) Reset(ctx context.Context) error {
	return callJSON(ctx, nil, "DELETE", b.URL, nil, nil, nil)
}

func (b *BareUnderTest) waitConnected(ctx context.Context) error {
	return until(ctx, "the bare client to be connected", func() bool {
		s, err := b.Status(ctx)
		return err == nil && s.State == "connected"
	})
}

// DeskUnderTest is a running desk with its line linked and its admin signed in.
type DeskUnderTest struct {
	*Process
	Admin *Desk
}

// Desk starts the desk on a new folder, links its line and signs the admin in. prepare runs before the start, with the
// folder's name; nil: nothing.
func (r *Rig) Desk(ctx context.Context, prepare func(dir string) error) (*DeskUnderTest, error) {
	dir := filepath.Join(r.Dir, "pb_data")
	_, err := r.Program.Do(ctx, r.Dir, adminPassword+"\n", "admin", "create", "--dir", dir,
		"--email", "admin@example.com", "--username", adminName, "--role", "ADMIN", "--password-stdin")
	if err == nil && prepare != nil {
		err = prepare(dir)
	}
	if err == nil {
		err = r.Phones.Add(ctx, PhoneOptions{Number: deskOwner, Name: "Desk", Owner: true})
	}
	if err != nil {
		return nil, err
	}
	d, err := r.Restart(ctx)
	if err != nil {
		return nil, err
	}
	return d, d.Admin.Link(ctx, r.Phones, deskOwner)
}

// Restart starts the desk on the folder that Desk made and signs the admin in.
func (r *Rig) Restart(ctx context.Context) (*DeskUnderTest, error) {
	p, err := r.Program.Serve(ctx, r.Dir, "serve", "--http", "127.0.0.1:0", "--dir", filepath.Join(r.Dir, "pb_data"), "--whatsapp", r.server.URL, "--no-limit")
	if err != nil {
		return nil, err
	}
	r.stop = append(r.stop, p.Kill)
	admin, err := SignIn(ctx, p.URL, adminName, adminPassword)
	return &DeskUnderTest{Process: p, Admin: admin}, err
}

// each runs f for every number, eight at a time.
func each(numbers []string, f func(i int, number string) error) error {
	next := make(chan int)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for worker := range errs {
		wg.Go(func() {
			for i := range next {
				if errs[worker] == nil {
					errs[worker] = f(i, numbers[i])
				}
			}
		})
	}
	for i := range numbers {
		next <- i
	}
	close(next)
	wg.Wait()
	return errors.Join(errs...)
}

// settle waits until a count stops moving: it is asked every 50 ms and must reach want, at the latest after limit.
func settle(ctx context.Context, want int64, limit time.Duration, count func() int64) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for got := count(); got < want; got = count() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			return fmt.Errorf("got %d of %d within %s", got, want, limit)
		case <-tick.C:
		}
	}
	return nil
}

func say(w io.Writer, format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
