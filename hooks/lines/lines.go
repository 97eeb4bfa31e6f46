// Package lines: the lines to WhatsApp as the desk runs them: link, state, QR.
package lines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"mostrador/hooks/contacts"
	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/receive"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Lines runs the lines to WhatsApp.
type Lines struct {
	Contacts *contacts.Contacts
	Files    *media.Files
	Outbox   *outbox.Outbox
	Receiver *receive.Receiver
	Store    *store.Store

	Options Options
	Set     lineSet
	Ready   chan struct{} // closed when lines is filled
	Links   *whatsapp.Store
}

// Options are what every line of the desk is run with.
type Options struct {
	Limit   whatsapp.Limit // what a line sends at most; zero fields: the defaults
	ScanFor time.Duration  // how long a QR code that nobody scans stays up; 0: for ever
}

// LineRow is a row of lines.
type LineRow struct {
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

// LineRun is one line while the desk runs: the connection and the loops that belong to it.
type LineRun struct {
	ID    string
	Lines *Lines
	Line  *whatsapp.Line
	log   chan func() // what the line told, to be written down in order by its keeper

	device atomic.Pointer[string] // what the line is linked as since it was loaded; nil: as before

	Out   outbox.LineOutbox
	Marks outbox.Marks

	Status   func() whatsapp.Status
	Download func(ctx context.Context, ref json.RawMessage, max int64) ([]byte, error)
	Again    func(ctx context.Context, m whatsapp.MediaRequest) error
}

// up reports whether the line can send.
func (r *LineRun) up() bool {
	s := r.Status()
	return s.State == whatsapp.Connected || s.State == whatsapp.Restricted && s.Reason == whatsapp.ReasonTimelock
}

// lineSet holds the lines that exist, on or off.
type lineSet struct {
	Mu   sync.Mutex
	ByID map[string]*LineRun
}

// LineRun is nil for a line that does not exist.
func (l *Lines) LineRun(id string) *LineRun {
	l.Set.Mu.Lock()
	defer l.Set.Mu.Unlock()
	return l.Set.ByID[id]
}

func (l *Lines) AllLines() []*LineRun {
	l.Set.Mu.Lock()
	defer l.Set.Mu.Unlock()
	all := make([]*LineRun, 0, len(l.Set.ByID))
	for _, r := range l.Set.ByID {
		all = append(all, r)
	}
	return all
}

const (
	keeperQueue = 1000            // things that a line told and nobody has written down yet
	deviceAgain = 2 * time.Second // after a link could not be written down
)

// newLineRun makes a line from its row; it is off until Start.
func (l *Lines) newLineRun(row LineRow) *LineRun {
	r := &LineRun{ID: row.ID, Lines: l, log: make(chan func(), keeperQueue)}
	r.Line = whatsapp.New(whatsapp.Config{
		Store: l.Links, Device: row.Device, DeviceName: row.DisplayName, Limit: l.Options.Limit, ScanFor: l.Options.ScanFor,
		Handler: r.handler(), Log: l.Store.App.Logger().With("line", row.ID), Now: l.Store.Now,
	})
	r.Status, r.Download, r.Again = r.Line.Status, r.Line.Download, r.Line.RequestAgain
	r.Out = outbox.LineOutbox{Outbox: l.Outbox, Line: row.ID, Send: r.Line.Send, Up: r.up, Wake: make(chan struct{}, 1)}
	r.Marks = outbox.Marks{Outbox: l.Outbox, Line: row.ID, Tell: r.Line.MarkRead, Up: r.up, Wake: make(chan struct{}, 1)}
	return r
}

// handler is what the line tells. Messages are stored before it goes on; everything else is only noted, because the line
// waits while it is called.
func (r *LineRun) handler() whatsapp.Handler {
	d := r.Lines
	return whatsapp.Handler{
		Accept:   func(m whatsapp.Message, done func(error)) { d.Receiver.Accept(r.ID, m, done) },
		Receipt:  func(x whatsapp.Receipt) { d.Outbox.Receipts.Add(r.ID, x) },
		Status:   func(s whatsapp.Status) { r.note(func() { r.showStatus(s) }) },
		QR:       func(q whatsapp.QR) { r.note(func() { d.publishQR(r.ID, q) }) },
		Linked:   func(device string) { r.KeepDevice(device) },
		Activity: func(a whatsapp.Activity) { r.note(func() { d.showActivity(r.ID, a) }) },
		Identity: func(a whatsapp.Address) { r.note(func() { r.keepPerson(a, "") }) },
		Name:     func(a whatsapp.Address, name string) { r.note(func() { r.keepPerson(a, name) }) },
		Again:    func(m whatsapp.MediaRequest, err error) { r.note(func() { r.keepRef(m, err) }) },
	}
}

// note hands something to the keeper. When it is far behind (the disk is full, say), what the line told is dropped:
// statuses are asked for anew, the rest comes again with the next message.
func (r *LineRun) note(fn func()) {
	select {
	case r.log <- fn:
	default:
		r.Lines.Store.App.Logger().Warn("the line told more than could be written down", "line", r.ID)
	}
}

// Keep writes down what the line told, in order, until ctx ends.
func (r *LineRun) Keep(ctx context.Context) {
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

// KeepDevice writes the link at once: without it a restart would ask for a new scan.
func (r *LineRun) KeepDevice(device string) {
	r.device.Store(&device)
	r.writeDevice()
}

// writeDevice writes down what keepDevice was told last. On a full disk it comes back until there is room.
func (r *LineRun) writeDevice() {
	err := r.Lines.Store.Write(context.Background(), func(t *store.Tx) error { return linked(t, r.ID, *r.device.Load()) })
	if err != nil && !errors.Is(err, store.ErrStopped) {
		r.Lines.Store.App.Logger().Error("keep the link", "line", r.ID, "error", err)
		time.AfterFunc(deviceAgain, r.writeDevice)
	}
}

// keepPerson takes note of who an address belongs to. A stranger is not made a contact by it.
func (r *LineRun) keepPerson(a whatsapp.Address, name string) {
	err := r.Lines.Store.Write(context.Background(), func(t *store.Tx) error {
		c, err := r.Lines.Contacts.At(t, a)
		if store.IsNone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return r.Lines.Contacts.Learn(t, c, a, name)
	})
	if err != nil {
		r.Lines.Store.App.Logger().Error("keep who is who", "line", r.ID, "error", err)
	}
}

func (r *LineRun) keepRef(m whatsapp.MediaRequest, failure error) {
	if err := r.Lines.Files.FreshRef(r.ID, m, failure); err != nil {
		r.Lines.Store.App.Logger().Error("keep the place of media", "line", r.ID, "error", err)
	}
}

// showStatus writes the line's state to its row and tells everybody. A line that can send again has its loops look.
func (r *LineRun) showStatus(s whatsapp.Status) {
	err := r.Lines.Store.Write(context.Background(), func(t *store.Tx) error {
		change := dbx.Params{"state": string(s.State), "reason": string(s.Reason), "since": store.Stamp(s.Since), "until": store.Stamp(s.Until),
			"updated": store.Stamp(t.Now)}
		if s.Phone != "" {
			change["phone"] = s.Phone
		}
		if _, err := t.DB().Update("lines", change, dbx.HashExp{"id": r.ID}).Execute(); err != nil {
			return err
		}
		if s.State == whatsapp.Connected { // and not restricted
			return r.Lines.Outbox.EndTimelock(t, r.ID, "")
		}
		return nil
	})
	if err != nil {
		r.Lines.Store.App.Logger().Error("keep the line's state", "line", r.ID, "error", err)
	}
	r.Lines.publishStatus(context.Background(), r.ID)
	if r.up() {
		store.Poke(r.Out.Wake)
		store.Poke(r.Marks.Wake)
		r.Lines.Files.Wake()
	}
}

// FirstLine gives a desk without any line one, switched off.
func (l *Lines) FirstLine(ctx context.Context) error {
	err := l.Store.Write(ctx, func(t *store.Tx) error {
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

// Load makes the lines of the database.
func (l *Lines) Load(ctx context.Context) error {
	if err := l.FirstLine(ctx); err != nil {
		return err
	}
	var rows []LineRow
	if err := l.Store.App.ConcurrentDB().NewQuery(`SELECT * FROM lines ORDER BY id`).WithContext(ctx).All(&rows); err != nil {
		return fmt.Errorf("read the lines: %w", err)
	}
	l.Set.Mu.Lock()
	defer l.Set.Mu.Unlock()
	l.Set.ByID = map[string]*LineRun{}
	for _, row := range rows {
		l.Set.ByID[row.ID] = l.newLineRun(row)
	}
	return nil
}

// StartAll switches on the lines that should run. One that cannot start shows why and holds up no other.
func (l *Lines) StartAll(ctx context.Context) error {
	var ids []string
	err := l.Store.App.ConcurrentDB().NewQuery(`SELECT id FROM lines WHERE enabled ORDER BY id`).WithContext(ctx).Column(&ids)
	if err != nil {
		return fmt.Errorf("read which lines should run: %w", err)
	}
	for _, id := range ids {
		if err := l.LineRun(id).Line.Start(ctx); err != nil && !errors.Is(err, context.Canceled) {
			l.Store.App.Logger().Error("start the line", "line", id, "error", err)
		}
	}
	return nil
}

// startLines makes the bell that rings when the lines are there.
func (l *Lines) Make() { l.Ready = make(chan struct{}) }

// Hears tells whether customers of a line can be heard now, and since when: who wrote while it was down is not silent.
// Zero: since a time that is still to come, because the clock was turned back; it says nothing then.
func (l *Lines) Hears(line string) (since time.Time, up bool) {
	run := l.LineRun(line)
	if run == nil || !run.up() {
		return time.Time{}, false
	}
	if since = run.Status().Since; since.After(l.Store.Now()) {
		return time.Time{}, true
	}
	return since, true
}

// Source is where files of a line come from; nil when there is no such line.
func (l *Lines) Source(id string) *media.Line {
	run := l.LineRun(id)
	if run == nil {
		return nil
	}
	return &media.Line{ID: run.ID, Up: run.up, Download: run.Download, Again: run.Again}
}

func (l *Lines) Sources() (all []*media.Line) {
	for _, run := range l.AllLines() {
		all = append(all, l.Source(run.ID))
	}
	return all
}

// OutboxOf is what sends for a line; nil when there is no such line.
func (l *Lines) OutboxOf(id string) *outbox.LineOutbox {
	run := l.LineRun(id)
	if run == nil {
		return nil
	}
	return &run.Out
}

// WakeOutbox tells a line that something waits to be sent.
func (l *Lines) WakeOutbox(line string) {
	if r := l.LineRun(line); r != nil {
		store.Poke(r.Out.Wake)
	}
}

// WakeMarks tells a line that customers are to be told what was read; what there is to tell stands in the database.
func (l *Lines) WakeMarks(line string) {
	if r := l.LineRun(line); r != nil {
		store.Poke(r.Marks.Wake)
	}
}

// typingFor is how long the customer's phone is tried to be told that somebody writes; later it is not true any more.
const typingFor = 5 * time.Second

// ShowTyping tells the customer's phone. A line that is not connected tells nobody, and that is all right.
func (l *Lines) ShowTyping(ctx context.Context, c *store.Conversation, on bool) {
	run := l.LineRun(c.Line)
	if run == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, typingFor)
	defer cancel()
	var to struct {
		Phone string `db:"phone"`
		LID   string `db:"lid"`
	}
	err := l.Store.App.ConcurrentDB().Select("phone", "lid").From("contacts").Where(dbx.HashExp{"id": c.Contact}).WithContext(ctx).One(&to)
	if err == nil {
		err = run.Line.Typing(ctx, whatsapp.Address{Phone: to.Phone, LID: to.LID}, false, on)
	}
	if err != nil && !errors.Is(err, whatsapp.ErrOffline) {
		l.Store.App.Logger().Debug("show typing", "conversation", c.ID, "error", err)
	}
}

// StoreName is the file in the data folder that holds the keys of the links to WhatsApp. It is no part of PocketBase's
// backups: keys that are rolled back make messages unreadable.
const StoreName = "whatsapp.db"

// Loaded is closed when Run has made the lines: from then on the API can be asked about them.
func (l *Lines) Loaded() <-chan struct{} { return l.Ready }

// StopAll disconnects all lines and forgets them. It returns when no handler of theirs runs any more.
func (l *Lines) StopAll() {
	var wg sync.WaitGroup
	for _, r := range l.AllLines() {
		wg.Go(r.Line.Stop)
	}
	wg.Wait()
	l.Set.Mu.Lock()
	l.Set.ByID = nil
	l.Set.Mu.Unlock()
}
