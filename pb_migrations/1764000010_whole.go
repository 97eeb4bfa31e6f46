package pb_migrations

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What a message says beyond what is shown of it at once lies apart: no list reads it. Messages that were stored before are
// cut the same way.
func init() {
	m.Register(func(app core.App) error {
		whole := collection("message_texts", []core.Field{ // the id is the message's
			&core.TextField{Name: "text", Max: 1 << 20},
			&core.JSONField{Name: "quote", MaxSize: 1 << 20}, // whatsapp.Quote
			&core.JSONField{Name: "extra", MaxSize: 1 << 20}, // as in messages
		})
		if err := saveAll(app, whole); err != nil {
			return err
		}
		if err := cutMessages(app.DB()); err != nil {
			return err
		}
		return cutVotes(app.DB())
	}, func(app core.App) error {
		_, err := app.DB().NewQuery(`UPDATE messages SET text = w.text, quote = w.quote, extra = w.extra FROM message_texts w WHERE w.id = messages.id`).Execute()
		if err != nil {
			return fmt.Errorf("put the messages together again: %w", err)
		}
		return drop(app, "message_texts")
	})
}

// limits are how much of a text, of a list and of a vCard stays.
type limits struct{ text, letters, items, card int }

var (
	shownThen = limits{text: 4096, letters: 1024, items: 20, card: 4 << 10}
	keptThen  = limits{text: 65_536, letters: 4096, items: 100, card: 16 << 10}
)

// cutMessages moves what is too long to be shown at once. The lengths are read without the texts, so that this is one
// pass over the table and as many reads as there are such messages.
func cutMessages(db dbx.Builder) error {
	for last := ""; ; {
		var ids []string
		err := db.NewQuery(`SELECT id FROM messages WHERE id > {:last}
			AND (octet_length(text) > 4096 OR octet_length(quote) > 4096 OR octet_length(extra) > 16384) ORDER BY id LIMIT 1000`).
			Bind(dbx.Params{"last": last}).Column(&ids)
		if err != nil {
			return fmt.Errorf("look for long messages: %w", err)
		}
		for _, id := range ids {
			if err := cutMessage(db, id); err != nil {
				return fmt.Errorf("cut message %s: %w", id, err)
			}
		}
		if len(ids) == 0 {
			return nil
		}
		last = ids[len(ids)-1]
	}
}

func cutMessage(db dbx.Builder, id string) error {
	var text, quote, extra string
	if err := db.NewQuery("SELECT text, COALESCE(quote, ''), COALESCE(extra, '') FROM messages WHERE id = {:id}").Bind(dbx.Params{"id": id}).Row(&text, &quote, &extra); err != nil {
		return err
	}
	var quoted, more any
	_ = json.Unmarshal([]byte(quote), &quoted) // what is empty or broken says nothing
	_ = json.Unmarshal([]byte(extra), &more)
	shown, short, shortQuote := shownThen.cut("", more), letters(text, shownThen.text), plain(shownThen.cut("", quoted))
	cut := short != text || shortQuote != plain(quoted) || plain(shown) != plain(more)
	object, ok := shown.(map[string]any)
	if !cut {
		return nil
	}
	if !ok { // null
		object, more = map[string]any{}, map[string]any{}
	}
	keptText, keptQuote := letters(text, keptThen.text), plain(keptThen.cut("", quoted))
	whole, _ := keptThen.cut("", more).(map[string]any)
	if keptText != text || keptQuote != plain(quoted) || plain(whole) != plain(more) {
		object["dropped"], whole["dropped"] = true, true
	}
	kept := dbx.Params{"id": id, "text": keptText, "quote": keptQuote, "extra": plain(whole)}
	if _, err := db.Insert("message_texts", kept).Execute(); err != nil {
		return err
	}
	object["cut"] = true
	if quoted == nil {
		shortQuote = quote
	}
	_, err := db.Update("messages", dbx.Params{"text": short, "quote": shortQuote, "extra": plain(object)}, dbx.HashExp{"id": id}).Execute()
	return err
}

func cutVotes(db dbx.Builder) error {
	var rows []struct {
		ID    string `db:"id"`
		Votes string `db:"votes"`
	}
	if err := db.NewQuery("SELECT id, substr(votes, 1, 1000000) AS votes FROM reactions WHERE octet_length(votes) > 16384 LIMIT 1000").All(&rows); err != nil {
		return fmt.Errorf("look for long votes: %w", err)
	}
	for _, row := range rows {
		var votes any = []any{}
		_ = json.Unmarshal([]byte(row.Votes), &votes)
		text := plain(limits{letters: 128, items: 20}.cut("", votes))
		if _, err := db.Update("reactions", dbx.Params{"votes": text}, dbx.HashExp{"id": row.ID}).Execute(); err != nil {
			return fmt.Errorf("cut vote %s: %w", row.ID, err)
		}
	}
	return nil
}

// cut shortens every text and every list in a JSON value.
func (l limits) cut(field string, v any) any {
	switch v := v.(type) {
	case string:
		if field == "vcard" {
			return shortCard(v, l.card)
		}
		return letters(v, l.letters)
	case []any:
		list := make([]any, 0, min(len(v), l.items))
		for _, one := range v[:min(len(v), l.items)] {
			list = append(list, l.cut(field, one))
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name, one := range v {
			object[name] = l.cut(name, one)
		}
		return object
	}
	return v
}

// letters keeps the first characters of a text.
func letters(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

// shortCard leaves the short lines of a vCard, which are the names and numbers.
func shortCard(card string, most int) string {
	if len(card) <= most {
		return card
	}
	var kept strings.Builder
	for line := range strings.Lines(card) {
		if len(line) <= 300 && kept.Len()+len(line) <= most && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "END:") {
			kept.WriteString(line)
		}
	}
	return kept.String() + "END:VCARD"
}

func plain(v any) string {
	text, _ := json.Marshal(v) // it was JSON
	return string(text)
}
