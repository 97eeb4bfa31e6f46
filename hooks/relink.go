package hooks

import (
	"fmt"

	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// linked writes down what a line is linked as; an empty device: not any more. Customers know a line by its number: what waits
// to be sent when it is linked with another one does not leave from there unless somebody says so.
func linked(t *Tx, line, device string) error {
	was, err := lastNumber(t, line, device == "")
	if err != nil {
		return err
	}
	change := dbx.Params{"device": device, "updated": stamp(t.Now)}
	if device == "" {
		change["phone"] = ""
	}
	if _, err := t.DB().Update("lines", change, dbx.HashExp{"id": line}).Execute(); err != nil {
		return fmt.Errorf("write down the link: %w", err)
	}
	switch {
	case was == "" || was == whatsapp.PhoneOf(device):
		return nil
	case device == "":
		return t.event(nil, "line_unlinked", bySystem, map[string]string{"line": line, "phone": was})
	}
	return holdBack(t, line)
}

const lastNumberQuery = `SELECT json_extract(data, '$.phone') FROM events WHERE kind = 'line_unlinked' AND json_extract(data, '$.line') = ?
	ORDER BY pos DESC LIMIT 1`

// lastNumber is the number that a line has, or (unless now) had before; empty for none.
func lastNumber(t *Tx, line string, now bool) (string, error) {
	var number string
	err := t.first(&number, `SELECT device FROM lines WHERE id = ?`, line)
	if number = whatsapp.PhoneOf(number); err == nil && number == "" && !now {
		err = t.first(&number, lastNumberQuery, line)
	}
	if err != nil && !isNone(err) {
		return "", fmt.Errorf("read the number of line %s: %w", line, err)
	}
	return number, nil
}

// holdBack fails what waits to be sent on a line, so that people see it and may send it all the same.
func holdBack(t *Tx, line string) error {
	waiting, err := many[Message](t.sql(), `SELECT * FROM messages WHERE outbox = TRUE AND line = ? ORDER BY id`, line)
	if err != nil {
		return fmt.Errorf("read what waits to be sent: %w", err)
	}
	for i := range waiting {
		m := &waiting[i]
		queued := m.SentAt
		result{permanent: true, reason: failOtherNumber}.apply(m, t.Now)
		if err := t.updateMessage(m); err != nil {
			return err
		}
		if err := settleSend(t, m, queued); err != nil {
			return err
		}
	}
	return nil
}
