package desktest

import (
	"os"
	"path/filepath"

	"mostrador/hooks/media"
	"mostrador/hooks/rights"
	"mostrador/hooks/secrets"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
)

// State is what the database says of a person.
func (w *World) State(v rights.Viewer) string {
	w.T.Helper()
	var state string
	if err := w.Desk.Store.App.ConcurrentDB().NewQuery("SELECT availability FROM users WHERE id = '" + v.ID + "'").Row(&state); err != nil {
		w.T.Fatal(err)
	}
	return state
}

// Block is what a superuser does in the dashboard.
func (w *World) Block(contact string) { w.T.Helper(); w.SetBlocked(contact, true) }

func (w *World) SetBlocked(contact string, blocked bool) {
	w.T.Helper()
	c, err := w.Desk.Store.App.FindRecordById("contacts", contact)
	if err != nil {
		w.T.Fatal(err)
	}
	c.Set("blocked", blocked)
	if err := w.Desk.Store.App.Save(c); err != nil {
		w.T.Fatal(err)
	}
	w.Write(func(*store.Tx) error { return nil }) // what the dashboard's change brings with it is a cause of its own, before this one
}

func (w *World) Kept(kind whatsapp.Kind) (n int) {
	w.T.Helper()
	if err := w.Desk.Store.App.DB().Select("COUNT(*)").From("events").Where(Hash("kind", "unknown_"+string(kind))).Row(&n); err != nil {
		w.T.Fatal(err)
	}
	return n
}

func (w *World) Contacts() []store.ContactRow {
	w.T.Helper()
	return All[store.ContactRow](w, "SELECT * FROM contacts WHERE mergedInto = '' ORDER BY id")
}

func (w *World) Counted() []string {
	w.T.Helper()
	if err := w.Desk.Editor.CountVisits(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	var rows []string
	err := w.Desk.Store.App.DB().NewQuery(`SELECT day || ' v' || version || ' ' || node || ' ' || what || ' ' || port || ' ' || n FROM flow_counts ORDER BY day, node, what, port`).Column(&rows)
	if err != nil {
		w.T.Fatal(err)
	}
	return rows
}

// Story tells every conversation in one line: whose, how it is, where, with whom, why it ended, its tags.
func (w *World) Story() (told []string) {
	w.T.Helper()
	err := w.Desk.Store.App.ConcurrentDB().NewQuery(`SELECT p.pushName || ': ' || c.status || ' ' || a.key || ' ' || COALESCE(u.name, 'nobody') || ' ' || c.unread
			|| ' ' || (CASE c.closeReason WHEN '' THEN '-' WHEN 'quiet' THEN 'quiet' ELSE 'by hand' END) || ' ' || json_array_length(COALESCE(NULLIF(c.tags, ''), '[]'))
		FROM conversations c JOIN contacts p ON p.id = c.contact JOIN areas a ON a.id = c.area LEFT JOIN users u ON u.id = c.assignee ORDER BY c.id`).Column(&told)
	if err != nil {
		w.T.Fatal(err)
	}
	return told
}

const Hunter = "hunter2-äß"

// Secret saves one, as an admin.
func (w *World) Secret(name, value string, hosts ...string) {
	w.T.Helper()
	if _, err := w.Desk.Secrets.Save(w.T.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, name, value, hosts); err != nil {
		w.T.Fatal(err)
	}
}

// LoseKey is a restored database without its key.
func (w *World) LoseKey() {
	w.T.Helper()
	if err := os.Remove(filepath.Join(w.Desk.Store.App.DataDir(), secrets.KeyName)); err != nil {
		w.T.Fatal(err)
	}
}

func (w *World) FileOf(file string) *media.MediaFile {
	w.T.Helper()
	row, err := store.Find[media.MediaFile](w.Desk.Store.App.DB(), "media", file)
	if err != nil {
		w.T.Fatal(err)
	}
	return row
}

func (w *World) Retry(m view.Message) {
	w.T.Helper()
	if _, err := w.Desk.Outbox.Retry(w.T.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, m.Conversation, m.ID); err != nil {
		w.T.Fatal(err)
	}
}
