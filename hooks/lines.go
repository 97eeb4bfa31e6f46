package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// LineOptions are what every line of the desk is run with.
type LineOptions struct {
	Limit   whatsapp.Limit // what a line sends at most; zero fields: the defaults
	ScanFor time.Duration  // how long a QR code that nobody scans stays up; 0: for ever
}

// lineRow is a row of lines.
type lineRow struct {
	ID          string         `db:"id"`
	Name        string         `db:"name"`
	DisplayName string         `db:"displayName"`
	Phone       string         `db:"phone"`
	Device      string         `db:"device"`
	Enabled     bool           `db:"enabled"`
	Paused      bool           `db:"paused"`
	Standard    bool           `db:"standard"`
	State       string         `db:"state"`
	Reason      string         `db:"reason"`
	Since       types.DateTime `db:"since"`
	Until       types.DateTime `db:"until"`
}

// lineRun is one line while the desk runs: the connection and the loops that belong to it.
type lineRun struct {
	id   string
	desk *Desk
	line *whatsapp.Line
	log  chan func() // what the line told, to be written down in order by its keeper

	device atomic.Pointer[string] // what the line is linked as since it was loaded; nil: as before

	out   outbox.LineOutbox
	marks outbox.Marks

	status   func() whatsapp.Status
	download func(ctx context.Context, ref json.RawMessage, max int64) ([]byte, error)
	again    func(ctx context.Context, m whatsapp.MediaRequest) error
}

// up reports whether the line can send.
func (r *lineRun) up() bool {
	s := r.status()
	return s.State == whatsapp.Connected || s.State == whatsapp.Restricted && s.Reason == whatsapp.ReasonTimelock
}

// lineSet holds the lines that exist, on or off.
type lineSet struct {
	mu   sync.Mutex
	byID map[string]*lineRun
}

// lineRun is nil for a line that does not exist.
func (d *Desk) lineRun(id string) *lineRun {
	d.lines.mu.Lock()
	defer d.lines.mu.Unlock()
	return d.lines.byID[id]
}

func (d *Desk) allLines() []*lineRun {
	d.lines.mu.Lock()
	defer d.lines.mu.Unlock()
	all := make([]*lineRun, 0, len(d.lines.byID))
	for _, r := range d.lines.byID {
		all = append(all, r)
	}
	return all
}

const (
	keeperQueue = 1000            // things that a line told and nobody has written down yet
	deviceAgain = 2 * time.Second // after a link could not be written down
)

// newLineRun makes a line from its row; it is off until Start.
func (d *Desk) newLineRun(row lineRow) *lineRun {
	r := &lineRun{id: row.ID, desk: d, log: make(chan func(), keeperQueue)}
	r.line = whatsapp.New(whatsapp.Config{
		Store: d.store, Device: row.Device, DeviceName: row.DisplayName, Limit: d.LineOptions.Limit, ScanFor: d.LineOptions.ScanFor,
		Handler: r.handler(), Log: d.Store.App.Logger().With("line", row.ID), Now: d.Store.Now,
	})
	r.status, r.download, r.again = r.line.Status, r.line.Download, r.line.RequestAgain
	r.out = outbox.LineOutbox{Outbox: &d.Outbox, Line: row.ID, Send: r.line.Send, Up: r.up, Wake: make(chan struct{}, 1)}
	r.marks = outbox.Marks{Outbox: &d.Outbox, Line: row.ID, Tell: r.line.MarkRead, Up: r.up, Wake: make(chan struct{}, 1)}
	return r
}

// handler is what the line tells. Messages are stored before it goes on; everything else is only noted, because the line
// waits while it is called.
func (r *lineRun) handler() whatsapp.Handler {
	d := r.desk
	return whatsapp.Handler{
		Accept:   func(m whatsapp.Message, done func(error)) { d.Receiver.Accept(r.id, m, done) },
		Receipt:  func(x whatsapp.Receipt) { d.Outbox.Receipts.Add(r.id, x) },
		Status:   func(s whatsapp.Status) { r.note(func() { r.showStatus(s) }) },
		QR:       func(q whatsapp.QR) { r.note(func() { d.publishQR(r.id, q) }) },
		Linked:   func(device string) { r.keepDevice(device) },
		Activity: func(a whatsapp.Activity) { r.note(func() { d.showActivity(r.id, a) }) },
		Identity: func(a whatsapp.Address) { r.note(func() { r.keepPerson(a, "") }) },
		Name:     func(a whatsapp.Address, name string) { r.note(func() { r.keepPerson(a, name) }) },
		Again:    func(m whatsapp.MediaRequest, err error) { r.note(func() { r.keepRef(m, err) }) },
	}
}

// note hands something to the keeper. When it is far behind (the disk is full, say), what the line told is dropped:
// statuses are asked for anew, the rest comes again with the next message.
func (r *lineRun) note(fn func()) {
	select {
	case r.log <- fn:
	default:
		r.desk.Store.App.Logger().Warn("the line told more than could be written down", "line", r.id)
	}
}

// keep writes down what the line told, in order, until ctx ends.
func (r *lineRun) keep(ctx context.Context) {
	for {
		select {
		case fn := <-r.log:
			fn()
		case <-ctx.Done():
			for {
				select {
				case fn := <-r.log:
					fn()
				default:
					return
				}
			}
		}
	}
}

// keepDevice writes the link at once: without it a restart would ask for a new scan.
func (r *lineRun) keepDevice(device string) {
	r.device.Store(&device)
	r.writeDevice()
}

// writeDevice writes down what keepDevice was told last. On a full disk it comes back until there is room.
func (r *lineRun) writeDevice() {
	err := r.desk.Store.Write(context.Background(), func(t *store.Tx) error { return linked(t, r.id, *r.device.Load()) })
	if err != nil && !errors.Is(err, store.ErrStopped) {
		r.desk.Store.App.Logger().Error("keep the link", "line", r.id, "error", err)
		time.AfterFunc(deviceAgain, r.writeDevice)
	}
}

// keepPerson takes note of who an address belongs to. A stranger is not made a contact by it.
func (r *lineRun) keepPerson(a whatsapp.Address, name string) {
	err := r.desk.Store.Write(context.Background(), func(t *store.Tx) error {
		c, err := r.desk.Contacts.At(t, a)
		if store.IsNone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return r.desk.Contacts.Learn(t, c, a, name)
	})
	if err != nil {
		r.desk.Store.App.Logger().Error("keep who is who", "line", r.id, "error", err)
	}
}

func (r *lineRun) keepRef(m whatsapp.MediaRequest, failure error) {
	if err := r.desk.Files.FreshRef(r.id, m, failure); err != nil {
		r.desk.Store.App.Logger().Error("keep the place of media", "line", r.id, "error", err)
	}
}

// showStatus writes the line's state to its row and tells everybody. A line that can send again has its loops look.
func (r *lineRun) showStatus(s whatsapp.Status) {
	err := r.desk.Store.Write(context.Background(), func(t *store.Tx) error {
		change := dbx.Params{"state": string(s.State), "reason": string(s.Reason), "since": store.Stamp(s.Since), "until": store.Stamp(s.Until),
			"updated": store.Stamp(t.Now)}
		if s.Phone != "" {
			change["phone"] = s.Phone
		}
		if _, err := t.DB().Update("lines", change, dbx.HashExp{"id": r.id}).Execute(); err != nil {
			return err
		}
		if s.State == whatsapp.Connected { // and not restricted
			return r.desk.Outbox.EndTimelock(t, r.id, "")
		}
		return nil
	})
	if err != nil {
		r.desk.Store.App.Logger().Error("keep the line's state", "line", r.id, "error", err)
	}
	r.desk.publishStatus(context.Background(), r.id)
	if r.up() {
		store.Poke(r.out.Wake)
		store.Poke(r.marks.Wake)
		r.desk.Files.Wake()
	}
}

// firstLine gives a desk without any line one, switched off.
func (d *Desk) firstLine(ctx context.Context) error {
	err := d.Store.Write(ctx, func(t *store.Tx) error {
		_, err := t.DB().NewQuery(`INSERT INTO lines (id, name, enabled, standard, state, created, updated)
			SELECT {:id}, 'WhatsApp', FALSE, TRUE, 'stopped', {:now}, {:now} WHERE NOT EXISTS (SELECT 1 FROM lines)`).
			Bind(dbx.Params{"id": store.NewID(t.Now), "now": store.Stamp(t.Now)}).Execute()
		return err
	})
	if err != nil {
		return fmt.Errorf("make the first line: %w", err)
	}
	return nil
}

// loadLines makes the lines of the database.
func (d *Desk) loadLines(ctx context.Context) error {
	if err := d.firstLine(ctx); err != nil {
		return err
	}
	var rows []lineRow
	if err := d.Store.App.ConcurrentDB().NewQuery(`SELECT * FROM lines ORDER BY id`).WithContext(ctx).All(&rows); err != nil {
		return fmt.Errorf("read the lines: %w", err)
	}
	d.lines.mu.Lock()
	defer d.lines.mu.Unlock()
	d.lines.byID = map[string]*lineRun{}
	for _, row := range rows {
		d.lines.byID[row.ID] = d.newLineRun(row)
	}
	return nil
}

// startLines switches on the lines that should run. One that cannot start shows why and holds up no other.
func (d *Desk) startLines(ctx context.Context) error {
	var ids []string
	err := d.Store.App.ConcurrentDB().NewQuery(`SELECT id FROM lines WHERE enabled ORDER BY id`).WithContext(ctx).Column(&ids)
	if err != nil {
		return fmt.Errorf("read which lines should run: %w", err)
	}
	for _, id := range ids {
		if err := d.lineRun(id).line.Start(ctx); err != nil && !errors.Is(err, context.Canceled) {
			d.Store.App.Logger().Error("start the line", "line", id, "error", err)
		}
	}
	return nil
}

// startLines makes the bell that rings when the lines are there.
func (d *Desk) makeLines() { d.loaded = make(chan struct{}) }

// hears tells whether customers of a line can be heard now, and since when: who wrote while it was down is not silent.
// Zero: since a time that is still to come, because the clock was turned back; it says nothing then.
func (d *Desk) hears(line string) (since time.Time, up bool) {
	run := d.lineRun(line)
	if run == nil || !run.up() {
		return time.Time{}, false
	}
	if since = run.status().Since; since.After(d.Store.Now()) {
		return time.Time{}, true
	}
	return since, true
}

// lineSource is where files of a line come from; nil when there is no such line.
func (d *Desk) lineSource(id string) *media.Line {
	run := d.lineRun(id)
	if run == nil {
		return nil
	}
	return &media.Line{ID: run.id, Up: run.up, Download: run.download, Again: run.again}
}

func (d *Desk) lineSources() (all []*media.Line) {
	for _, run := range d.allLines() {
		all = append(all, d.lineSource(run.id))
	}
	return all
}

// lineOutbox is what sends for a line; nil when there is no such line.
func (d *Desk) lineOutbox(id string) *outbox.LineOutbox {
	run := d.lineRun(id)
	if run == nil {
		return nil
	}
	return &run.out
}

// wakeOutbox tells a line that something waits to be sent.
func (d *Desk) wakeOutbox(line string) {
	if r := d.lineRun(line); r != nil {
		store.Poke(r.out.Wake)
	}
}

// wakeMarks tells a line that customers are to be told what was read; what there is to tell stands in the database.
func (d *Desk) wakeMarks(line string) {
	if r := d.lineRun(line); r != nil {
		store.Poke(r.marks.Wake)
	}
}
