package hooks

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// LineView is a line's status as GET /api/bot/status and the event session:status show it.
type LineView struct {
	Line        string `json:"line"`
	Name        string `json:"name"`
	State       string `json:"state"`  // stopped, connecting, waiting_scan… as whatsapp.State
	Reason      string `json:"reason"` // a code, empty where the state says it all
	Since       string `json:"since"`
	Until       string `json:"until,omitempty"`
	Phone       string `json:"phone,omitempty"` // E.164 with "+"; absent while not linked
	DisplayName string `json:"displayName"`
	Paused      bool   `json:"paused"`
	Waiting     int    `json:"waiting"` // messages that wait to be sent
}

// QRView is the code to draw.
type QRView struct {
	Line    string `json:"line"`
	QR      string `json:"qr"`
	Expires string `json:"expiresAt"`
}

// lineOf finds a line; empty names the standard one.
func (d *Desk) lineOf(ctx context.Context, id string) (*lineRow, error) {
	query := d.Store.App.ConcurrentDB().NewQuery(`SELECT * FROM lines WHERE standard ORDER BY id LIMIT 1`)
	if id != "" {
		query = d.Store.App.ConcurrentDB().NewQuery(`SELECT * FROM lines WHERE id = {:id}`).Bind(dbx.Params{"id": id})
	}
	row := new(lineRow)
	err := query.WithContext(ctx).One(row)
	if store.IsNone(err) {
		return nil, api.Refuse(404, api.CodeNoLine)
	}
	if err != nil {
		return nil, fmt.Errorf("read the line: %w", err)
	}
	return row, nil
}

// running finds a line that the desk holds; empty names the standard one.
func (d *Desk) running(ctx context.Context, id string) (*lineRun, error) {
	row, err := d.lineOf(ctx, id)
	if err != nil {
		return nil, err
	}
	run := d.lineRun(row.ID)
	if run == nil {
		return nil, api.Refuse(503, api.CodeStopping)
	}
	return run, nil
}

// LineStatus shows a line; empty names the standard one.
func (d *Desk) LineStatus(ctx context.Context, id string) (LineView, error) {
	row, err := d.lineOf(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	s := whatsapp.Status{State: whatsapp.Stopped, Since: row.Since.Time()}
	if run := d.lineRun(row.ID); run != nil {
		s = run.status() // fresher than the row
	}
	v := LineView{Line: row.ID, Name: row.Name, State: string(s.State), Reason: string(s.Reason), Since: store.ISOTime(s.Since), Until: store.ISOTime(s.Until),
		DisplayName: row.DisplayName, Paused: row.Paused}
	if phone := s.Phone; phone != "" {
		v.Phone = "+" + phone
	} else if row.Phone != "" {
		v.Phone = "+" + row.Phone
	}
	err = d.Store.App.ConcurrentDB().NewQuery(`SELECT COUNT(*) FROM messages WHERE outbox = TRUE AND line = {:line}`).
		Bind(dbx.Params{"line": row.ID}).WithContext(ctx).Row(&v.Waiting)
	if err != nil {
		return LineView{}, fmt.Errorf("count what waits to be sent: %w", err)
	}
	return v, nil
}

// Lines shows all lines, the standard one first.
func (d *Desk) Lines(ctx context.Context) ([]LineView, error) {
	var ids []string
	err := d.Store.App.ConcurrentDB().NewQuery(`SELECT id FROM lines ORDER BY standard DESC, id`).WithContext(ctx).Column(&ids)
	if err != nil {
		return nil, fmt.Errorf("read the lines: %w", err)
	}
	views := make([]LineView, 0, len(ids))
	for _, id := range ids {
		v, err := d.LineStatus(ctx, id)
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

// StartLine switches a line on, now and at the next start of the desk.
func (d *Desk) StartLine(ctx context.Context, id string) (LineView, error) {
	run, err := d.running(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	if err := d.changeLine(ctx, run.id, dbx.Params{"enabled": true}); err != nil {
		return LineView{}, err
	}
	if err := run.line.Start(ctx); err != nil {
		return LineView{}, err
	}
	return d.LineStatus(ctx, run.id)
}

// StopLine switches a line off until StartLine. The link stays.
func (d *Desk) StopLine(ctx context.Context, id string) (LineView, error) {
	run, err := d.running(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	if err := d.changeLine(ctx, run.id, dbx.Params{"enabled": false}); err != nil {
		return LineView{}, err
	}
	run.line.Stop()
	return d.LineStatus(ctx, run.id)
}

// LogoutLine removes the link, here and on the phone.
func (d *Desk) LogoutLine(ctx context.Context, id string) (LineView, error) {
	run, err := d.running(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	if err := run.line.Logout(ctx); err != nil {
		return LineView{}, err
	}
	return d.LineStatus(ctx, run.id)
}

// PauseLine silences the bot of a line, or lets it speak again. Customers who are with the bot get a person when they
// write next, or when the time comes for which their flow waits.
func (d *Desk) PauseLine(ctx context.Context, id string, paused bool) (LineView, error) {
	row, err := d.lineOf(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	if err := d.changeLine(ctx, row.ID, dbx.Params{"paused": paused}); err != nil {
		return LineView{}, err
	}
	d.Store.WakeInbox()
	return d.LineStatus(ctx, row.ID)
}

// LineChange is what an admin may change about a line; nil leaves a field as it is.
type LineChange struct {
	DisplayName *string `json:"displayName"` // what the linked device is called on the phone, from the next link on
	Name        *string `json:"name"`
	Phone       *string `json:"phone"` // shown until the line is linked; then it is WhatsApp's to say
	Paused      *bool   `json:"paused"`
}

// UpdateLine changes a line's settings.
func (d *Desk) UpdateLine(ctx context.Context, id string, change LineChange) (LineView, error) {
	row, err := d.lineOf(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	fields := dbx.Params{}
	for name, value := range map[string]*string{"displayName": change.DisplayName, "name": change.Name} {
		if value != nil {
			if len([]rune(*value)) > 120 || name == "name" && *value == "" {
				return LineView{}, &api.Refusal{Status: 400, Code: api.CodeBadValue, Args: map[string]any{"field": name}}
			}
			fields[name] = *value
		}
	}
	if change.Phone != nil {
		digits := strings.TrimPrefix(strings.NewReplacer(" ", "", "-", "").Replace(*change.Phone), "+")
		if len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
			return LineView{}, api.BadValue("phone")
		}
		if row.Device == "" {
			fields["phone"] = digits
		}
	}
	if change.Paused != nil {
		fields["paused"] = *change.Paused
	}
	if len(fields) > 0 {
		if err := d.changeLine(ctx, row.ID, fields); err != nil {
			return LineView{}, err
		}
	}
	if run := d.lineRun(row.ID); run != nil && change.DisplayName != nil {
		run.line.Rename(*change.DisplayName)
	}
	return d.LineStatus(ctx, row.ID)
}

// LineQR is the code to scan now.
func (d *Desk) LineQR(ctx context.Context, id string) (QRView, error) {
	run, err := d.running(ctx, id)
	if err != nil {
		return QRView{}, err
	}
	qr, ok := run.line.QR()
	if !ok {
		return QRView{}, api.Refuse(409, api.CodeNoScan)
	}
	return QRView{Line: run.id, QR: qr.Text, Expires: store.ISOTime(qr.Expires)}, nil
}

// PairCode is a code that the owner types into the phone instead of scanning.
func (d *Desk) PairCode(ctx context.Context, id, phone string) (string, error) {
	run, err := d.running(ctx, id)
	if err != nil {
		return "", err
	}
	code, err := run.line.PairPhone(ctx, phone)
	switch {
	case errors.Is(err, whatsapp.ErrNotWaiting):
		return "", api.Refuse(409, api.CodeNoScan)
	case errors.Is(err, whatsapp.ErrBadNumber):
		return "", &api.Refusal{Status: 400, Code: api.CodeBadValue, Args: map[string]any{"field": "phone"}}
	}
	return code, err
}

// changeLine writes fields of a line and tells everybody.
func (d *Desk) changeLine(ctx context.Context, id string, fields dbx.Params) error {
	err := d.Store.Write(ctx, func(t *store.Tx) error {
		fields["updated"] = store.Stamp(t.Now)
		_, err := t.DB().Update("lines", fields, dbx.HashExp{"id": id}).Execute()
		return err
	})
	if err != nil {
		return fmt.Errorf("change line %s: %w", id, err)
	}
	d.publishStatus(ctx, id)
	return nil
}

// publishStatus tells every user how a line is.
func (d *Desk) publishStatus(ctx context.Context, id string) {
	v, err := d.LineStatus(ctx, id)
	if err != nil {
		d.Store.App.Logger().Error("show the line's state", "line", id, "error", err)
		return
	}
	d.Store.Publish([]store.Event{{Name: "session:status", Data: v, All: true}})
}

// publishQR shows a new code to the admins.
func (d *Desk) publishQR(line string, qr whatsapp.QR) {
	d.Store.Publish([]store.Event{{Name: "session:qr", Data: QRView{Line: line, QR: qr.Text, Expires: store.ISOTime(qr.Expires)}, Role: rights.Admin}})
}

// ActivityView is what a customer does in a conversation right now.
type ActivityView struct {
	Conversation string `json:"conversation"`
	Contact      string `json:"contact"`
	State        string `json:"state"`            // composing, recording, paused; online, offline
	Seen         string `json:"seen,omitempty"`   // offline: last time online, if told
	Author       string `json:"author,omitempty"` // contact
}

// showActivity tells those who see the conversation that its customer types, or is there.
func (d *Desk) showActivity(line string, a whatsapp.Activity) {
	var c sightOf
	err := d.Store.App.ConcurrentDB().NewQuery(`SELECT c.id, c.contact, c.area, c.assignee FROM conversations c WHERE c.line = {:line} AND c.status != 'closed'
		AND c.contact IN (SELECT id FROM contacts WHERE phone = {:phone} AND phone != '' UNION SELECT id FROM contacts WHERE lid = {:lid} AND lid != '')
		LIMIT 1`).Bind(dbx.Params{"line": line, "phone": a.Chat.Phone, "lid": a.Chat.LID}).One(&c)
	if err != nil {
		if !store.IsNone(err) {
			d.Store.App.Logger().Warn("show typing", "error", err)
		}
		return
	}
	name := "typing"
	if a.State == "online" || a.State == "offline" {
		name = "presence"
	}
	d.Store.Publish([]store.Event{{Name: name, Conversation: true, ID: c.ID, Area: c.Area, Assignee: c.Assignee,
		Data: ActivityView{Conversation: c.ID, Contact: c.Contact, State: a.State, Seen: store.ISOTime(a.Seen), Author: store.ByContact}}})
}

type sightOf struct {
	ID       string `db:"id"`
	Contact  string `db:"contact"`
	Area     string `db:"area"`
	Assignee string `db:"assignee"`
}
