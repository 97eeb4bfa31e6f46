package lines

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"mostrador/hooks/outbox"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

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
