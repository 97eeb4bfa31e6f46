package lines

import (
	"context"
	"fmt"
	"strings"

	"mostrador/hooks/api"
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

// lineOf finds a line; empty names the standard one.
func (l *Lines) lineOf(ctx context.Context, id string) (*LineRow, error) {
	query := l.Store.App.ConcurrentDB().NewQuery(`SELECT * FROM lines WHERE standard ORDER BY id LIMIT 1`)
	if id != "" {
		query = l.Store.App.ConcurrentDB().NewQuery(`SELECT * FROM lines WHERE id = {:id}`).Bind(dbx.Params{"id": id})
	}
	row := new(LineRow)
	err := query.WithContext(ctx).One(row)
	if store.IsNone(err) {
		return nil, errNoLine
	}
	if err != nil {
		return nil, fmt.Errorf("read the line: %w", err)
	}
	return row, nil
}

// running finds a line that the desk holds; empty names the standard one.
func (l *Lines) running(ctx context.Context, id string) (*LineRun, error) {
	row, err := l.lineOf(ctx, id)
	if err != nil {
		return nil, err
	}
	run := l.LineRun(row.ID)
	if run == nil {
		return nil, api.ErrStopping
	}
	return run, nil
}

// Status shows a line; empty names the standard one.
func (l *Lines) Status(ctx context.Context, id string) (LineView, error) {
	row, err := l.lineOf(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	s := whatsapp.Status{State: whatsapp.Stopped, Since: row.Since.Time()}
	if run := l.LineRun(row.ID); run != nil {
		s = run.Status() // fresher than the row
	}
	v := LineView{Line: row.ID, Name: row.Name, State: string(s.State), Reason: string(s.Reason), Since: store.ISOTime(s.Since), Until: store.ISOTime(s.Until),
		DisplayName: row.DisplayName, Paused: row.Paused}
	if phone := s.Phone; phone != "" {
		v.Phone = "+" + phone
	} else if row.Phone != "" {
		v.Phone = "+" + row.Phone
	}
	err = l.Store.App.ConcurrentDB().NewQuery(`SELECT COUNT(*) FROM messages WHERE outbox = TRUE AND line = {:line}`).
		Bind(dbx.Params{"line": row.ID}).WithContext(ctx).Row(&v.Waiting)
	if err != nil {
		return LineView{}, fmt.Errorf("count what waits to be sent: %w", err)
	}
	return v, nil
}

// All shows all lines, the standard one first.
func (l *Lines) All(ctx context.Context) ([]LineView, error) {
	var ids []string
	err := l.Store.App.ConcurrentDB().NewQuery(`SELECT id FROM lines ORDER BY standard DESC, id`).WithContext(ctx).Column(&ids)
	if err != nil {
		return nil, fmt.Errorf("read the lines: %w", err)
	}
	views := make([]LineView, 0, len(ids))
	for _, id := range ids {
		v, err := l.Status(ctx, id)
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

// Start switches a line on, now and at the next start of the desk.
func (l *Lines) Start(ctx context.Context, id string) (LineView, error) {
	run, err := l.running(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	if err := l.changeLine(ctx, run.ID, dbx.Params{"enabled": true}); err != nil {
		return LineView{}, err
	}
	if err := run.Line.Start(ctx); err != nil {
		return LineView{}, err
	}
	return l.Status(ctx, run.ID)
}

// Stop switches a line off until StartLine. The link stays.
func (l *Lines) Stop(ctx context.Context, id string) (LineView, error) {
	run, err := l.running(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	if err := l.changeLine(ctx, run.ID, dbx.Params{"enabled": false}); err != nil {
		return LineView{}, err
	}
	run.Line.Stop()
	return l.Status(ctx, run.ID)
}

// Logout removes the link, here and on the phone.
func (l *Lines) Logout(ctx context.Context, id string) (LineView, error) {
	run, err := l.running(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	if err := run.Line.Logout(ctx); err != nil {
		return LineView{}, err
	}
	return l.Status(ctx, run.ID)
}

// Pause silences the bot of a line, or lets it speak again. Customers who are with the bot get a person when they
// write next, or when the time comes for which their flow waits.
func (l *Lines) Pause(ctx context.Context, id string, paused bool) (LineView, error) {
	row, err := l.lineOf(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	if err := l.changeLine(ctx, row.ID, dbx.Params{"paused": paused}); err != nil {
		return LineView{}, err
	}
	l.Store.WakeInbox()
	return l.Status(ctx, row.ID)
}

// LineChange is what an admin may change about a line; nil leaves a field as it is.
type LineChange struct {
	DisplayName *string `json:"displayName"` // what the linked device is called on the phone, from the next link on
	Name        *string `json:"name"`
	Phone       *string `json:"phone"` // shown until the line is linked; then it is WhatsApp's to say
	Paused      *bool   `json:"paused"`
}

// Update changes a line's settings.
func (l *Lines) Update(ctx context.Context, id string, change LineChange) (LineView, error) {
	row, err := l.lineOf(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	fields := dbx.Params{}
	for name, value := range map[string]*string{"displayName": change.DisplayName, "name": change.Name} {
		if value != nil {
			if len([]rune(*value)) > 120 || name == "name" && *value == "" {
				return LineView{}, api.ErrBadValue.With("field", name)
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
		if err := l.changeLine(ctx, row.ID, fields); err != nil {
			return LineView{}, err
		}
	}
	if run := l.LineRun(row.ID); run != nil && change.DisplayName != nil {
		run.Line.Rename(*change.DisplayName)
	}
	return l.Status(ctx, row.ID)
}

// changeLine writes fields of a line and tells everybody.
func (l *Lines) changeLine(ctx context.Context, id string, fields dbx.Params) error {
	err := l.Store.Write(ctx, func(t *store.Tx) error {
		fields["updated"] = store.Stamp(t.Now)
		_, err := t.DB().Update("lines", fields, dbx.HashExp{"id": id}).Execute()
		return err
	})
	if err != nil {
		return fmt.Errorf("change line %s: %w", id, err)
	}
	l.publishStatus(ctx, id)
	return nil
}

// publishStatus tells every user how a line is.
func (l *Lines) publishStatus(ctx context.Context, id string) {
	v, err := l.Status(ctx, id)
	if err != nil {
		l.Store.App.Logger().Error("show the line's state", "line", id, "error", err)
		return
	}
	l.Store.Publish([]store.Event{{Name: "session:status", Data: v, All: true}})
}
