package sample

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

//go:embed past
var scripts embed.FS

// scene is one chat of the past.
type scene struct{ name, phone string }

// digits is the phone as contacts have it.
func (s *scene) digits() string { return strings.TrimPrefix(s.phone, "+") }

// beat is one thing that happens in it.
type beat struct {
	at   time.Time
	chat *scene
	who  string // user name; empty: the customer
	do   string // note, tag, close, "transfer AREA", quiet, nobody; empty: writes
	text string
}

// How long everybody takes, unless the script says more.
const (
	customerTakes = 40 * time.Second
	personTakes   = 90 * time.Second
	aBlink        = 5 * time.Second // for a tag, a note, a handover
	quietTakes    = 31 * time.Minute
)

// script reads past/LANG.txt into what happens, in the order in which it does:
//
//	== NAME PHONE, 76h       a chat that begins so long ago
//	> text                   the customer writes
//	carmen: text             somebody answers
//	carmen note: text        also tag, close (with a reason), transfer AREA (with a note)
//	... 25m                  time goes by
//	quiet                    nobody writes until the clock closes it
//	nobody                   everybody has gone home
func (p Past) script() ([]beat, error) {
	text, err := scripts.ReadFile("past/" + p.Lang + ".txt")
	if err != nil {
		return nil, fmt.Errorf("there is no past in %q: choose es, pt-BR or en", p.Lang)
	}
	var beats []beat
	b := beat{}
	for n, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		happens, err := b.read(line, p.Now)
		if err != nil {
			return nil, fmt.Errorf("past/%s.txt:%d: %w", p.Lang, n+1, err)
		}
		if happens {
			beats = append(beats, b)
		}
	}
	slices.SortStableFunc(beats, func(a, b beat) int { return a.at.Compare(b.at) })
	return beats, nil
}

// read makes the beat before into that of a line; false when the line only sets the stage.
func (b *beat) read(line string, now time.Time) (happens bool, err error) {
	if title, ok := strings.CutPrefix(line, "== "); ok {
		who, ago, _ := strings.Cut(title, ", ")
		began, err := time.ParseDuration(ago)
		name, phone, found := strings.Cut(who, " +")
		if err != nil || !found {
			return false, fmt.Errorf("want == NAME PHONE, 76h: %q", line)
		}
		*b = beat{at: now.Add(-began), chat: &scene{name, "+" + phone}}
		return false, nil
	}
	if pause, ok := strings.CutPrefix(line, "... "); ok {
		d, err := time.ParseDuration(pause)
		b.at = b.at.Add(d)
		return false, err
	}
	b.who, b.do, b.text = "", "", ""
	takes := customerTakes
	if text, ok := strings.CutPrefix(line, "> "); ok {
		b.text = text
	} else if line == "quiet" || line == "nobody" {
		b.do = line
		takes = map[string]time.Duration{"quiet": quietTakes}[line]
	} else {
		who, text, found := strings.Cut(line, ": ")
		if !found {
			return false, fmt.Errorf("nobody does this: %q", line)
		}
		b.who, b.do, _ = strings.Cut(who, " ")
		b.text, takes = text, personTakes
		if b.do != "" {
			takes = aBlink
		}
	}
	b.at = b.at.Add(takes)
	return true, nil
}

// remember reads what was written, in order. Notes are the desk's own.
func (s *stagehand) remember(ctx context.Context) ([]PastMessage, error) {
	var rows []struct {
		Name      string         `db:"name"`
		Phone     string         `db:"phone"`
		ID        string         `db:"waId"`
		Direction string         `db:"direction"`
		Text      string         `db:"text"`
		State     string         `db:"state"`
		Told      bool           `db:"told"`
		SentAt    types.DateTime `db:"sentAt"`
	}
	err := s.desk.Store.App.ConcurrentDB().NewQuery(`SELECT p.pushName AS name, p.phone, m.waId, m.direction, m.text, m.state, m.pos <= c.toldPos AS told, m.sentAt
		FROM messages m JOIN conversations c ON c.id = m.conversation JOIN contacts p ON p.id = m.contact
		WHERE m.line = {:line} AND m.waId != '' ORDER BY m.pos`).Bind(dbx.Params{"line": s.line}).WithContext(ctx).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read the past: %w", err)
	}
	messages := make([]PastMessage, len(rows))
	for i, r := range rows {
		messages[i] = PastMessage{Name: r.Name, Phone: "+" + r.Phone, ID: r.ID, FromDesk: r.Direction == store.Outbound, Text: r.Text, State: r.State, At: r.SentAt.Time()}
		if !messages[i].FromDesk {
			messages[i].State = map[bool]string{true: "read", false: "delivered"}[r.Told]
		}
	}
	return messages, nil
}
