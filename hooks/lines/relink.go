package lines

import (
	"fmt"

	"mostrador/hooks/conversation"
	"mostrador/hooks/outbox"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// linked writes down what a line is linked as; an empty device: not any more. Customers know a line by its number: what waits
// to be sent when it is linked with another one does not leave from there unless somebody says so.
func linked(t *store.Tx, line, device string) error {
	was, err := lastNumber(t, line, device == "")
	if err != nil {
		return err
	}
	change := dbx.Params{"device": device, "updated": store.Stamp(t.Now)}
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
		return t.Event(nil, "line_unlinked", store.BySystem, map[string]string{"line": line, "phone": was})
	}
	return holdBack(t, line)
}

const lastNumberQuery = `SELECT json_extract(data, '$.phone') FROM events WHERE kind = 'line_unlinked' AND json_extract(data, '$.line') = ?
	ORDER BY pos DESC LIMIT 1`

// lastNumber is the number that a line has, or (unless now) had before; empty for none.
func lastNumber(t *store.Tx, line string, now bool) (string, error) {
	var number string
	err := t.First(&number, `SELECT device FROM lines WHERE id = ?`, line)
	if number = whatsapp.PhoneOf(number); err == nil && number == "" && !now {
		err = t.First(&number, lastNumberQuery, line)
	}
	if err != nil && !store.IsNone(err) {
		return "", fmt.Errorf("read the number of line %s: %w", line, err)
	}
	return number, nil
}

// holdBack fails what waits to be sent on a line, so that people see it and may send it all the same.
func holdBack(t *store.Tx, line string) error {
	waiting, err := store.Many[store.Message](t.SQL(), `SELECT * FROM messages WHERE outbox = TRUE AND line = ? ORDER BY id`, line)
	if err != nil {
		return fmt.Errorf("read what waits to be sent: %w", err)
	}
	for i := range waiting {
		m := &waiting[i]
		queued := m.SentAt
		outbox.Result{Permanent: true, Reason: outbox.FailOtherNumber}.Apply(m, t.Now)
		if err := t.UpdateMessage(m); err != nil {
			return err
		}
		if err := conversation.SettleSend(t, m, queued); err != nil {
			return err
		}
	}
	return nil
}
