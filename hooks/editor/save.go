package editor

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// FlowChange is what is said about a flow; nil leaves a field as it is.
type FlowChange struct {
	Revision *int            `json:"revision"` // that was loaded: a save in between refuses this one; nil: whatever is there is replaced
	Draft    json.RawMessage `json:"draft"`    // a flow; it may have errors
	Name     *string         `json:"name"`
	Triggers json.RawMessage `json:"triggers"` // at once, without publishing
	Order    *int            `json:"order"`
	Active   *bool           `json:"active"`
	Archived *bool           `json:"archived"`
}

// Save changes a flow. What the customers meet changes only with its triggers and switches; a draft is published
// for that. A save that changes nothing leaves no trace, so that it may be tried again.
func (ed *Editor) Save(ctx context.Context, v rights.Viewer, id string, c FlowChange) error {
	definition, err := c.definition()
	if err != nil {
		return err
	}
	triggers, err := c.triggers()
	if err != nil {
		return err
	}
	return ed.Store.Write(ctx, func(t *store.Tx) error {
		row, err := flowRowOf(t, id)
		if err != nil {
			return err
		}
		before := *row
		if err := c.rewrite(row, definition, triggers); err != nil {
			return err
		}
		if fields := row.editedSince(before); len(fields) > 0 {
			if c.Revision != nil && *c.Revision != before.Revision {
				return ed.stale(t, &before)
			}
			row.revise(v, t)
		}
		c.turn(row, t)
		return keepFlow(t, v, row, before)
	})
}

// definition reads the draft, and answers it in this program's format; nil when there is none.
func (c FlowChange) definition() ([]byte, error) {
	if absent(c.Draft) {
		return nil, nil
	}
	var bare bytes.Buffer
	if err := json.Compact(&bare, c.Draft); err != nil {
		return nil, err
	}
	if _, err := flows.Parse(bare.Bytes()); err != nil {
		return nil, unreadable(err)
	}
	return flows.Upgrade(bare.Bytes())
}

// absent tells a field that was left out, or null.
func absent(field json.RawMessage) bool { return len(field) == 0 || string(field) == "null" }

// triggers reads them; nil when nothing is said about them.
func (c FlowChange) triggers() (types.JSONRaw, error) {
	if absent(c.Triggers) {
		return nil, nil
	}
	list, err := flows.ParseTriggers(c.Triggers)
	if err != nil {
		return nil, unreadable(err)
	}
	for i := range list {
		list[i].Flow, list[i].Order = "", 0 // they are the flow's own
	}
	if text := store.Raw(list); len(text) <= maxTriggerText {
		return text, nil
	}
	return nil, api.ErrTooBig
}

// rewrite changes what a revision is of.
func (c FlowChange) rewrite(row *flowRow, definition []byte, triggers types.JSONRaw) error {
	if triggers != nil {
		row.Triggers = triggers
	}
	name := row.Name
	if definition != nil {
		var head struct {
			Name string `json:"name"`
		}
		_ = json.Unmarshal(definition, &head) // it was a flow a moment ago
		name = cmp.Or(strings.TrimSpace(head.Name), name)
	} else {
		definition = row.Draft
	}
	if c.Name != nil {
		name = strings.TrimSpace(*c.Name)
	}
	if name == "" {
		return api.BadValue("name")
	}
	if bytes.Equal(definition, row.Draft) && name == row.Name {
		return nil
	}
	if !bytes.HasPrefix(definition, []byte("{")) {
		return api.BadValue("draft") // there is none to write the name into
	}
	return row.setDraft(definition, name)
}

// turn changes the switches.
func (c FlowChange) turn(row *flowRow, t *store.Tx) {
	if c.Order != nil {
		row.Order = *c.Order
	}
	if c.Active != nil {
		row.Active = *c.Active
	}
	switch {
	case c.Archived == nil || *c.Archived == !row.ArchivedAt.IsZero():
	case *c.Archived:
		row.ArchivedAt = store.Stamp(t.Now)
	default:
		row.ArchivedAt = types.DateTime{}
	}
}

// editedSince lists what is different of what a revision is of.
func (f *flowRow) editedSince(before flowRow) (fields []string) {
	for name, same := range map[string]bool{"draft": bytes.Equal(f.Draft, before.Draft), "name": f.Name == before.Name,
		"triggers": bytes.Equal(f.Triggers, before.Triggers)} {
		if !same {
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	return fields
}

func (f *flowRow) revise(v rights.Viewer, t *store.Tx) {
	f.Revision++
	f.DraftBy, f.DraftAt = v.ID, store.Stamp(t.Now)
}

// keepFlow writes a changed flow, with an event that tells what is different; nothing when nothing is.
func keepFlow(t *store.Tx, v rights.Viewer, row *flowRow, before flowRow) error {
	fields := row.editedSince(before)
	if row.Order != before.Order {
		fields = append(fields, "order")
	}
	if row.Active != before.Active {
		fields = append(fields, "active")
	}
	archived := row.ArchivedAt != before.ArchivedAt
	if len(fields) == 0 && !archived {
		return nil
	}
	if err := saveFlow(t, row, "Draft", "Name", "Lang", "Triggers", "Order", "Active", "ArchivedAt", "Revision", "DraftBy", "DraftAt"); err != nil {
		return err
	}
	about := flowEvent{Flow: row.ID, Name: row.Name}
	if archived {
		kind := "flow_archived"
		if row.ArchivedAt.IsZero() {
			kind = "flow_restored"
		}
		if err := t.Event(nil, kind, v.ID, about); err != nil {
			return err
		}
	}
	if len(fields) == 0 {
		return nil
	}
	about.Revision, about.Fields = row.Revision, fields
	return t.Event(nil, "flow_saved", v.ID, about)
}

// stale refuses a save over a newer one, naming whose and when.
func (ed *Editor) stale(t *store.Tx, row *flowRow) error {
	name, err := t.NameOf(row.DraftBy)
	if err != nil {
		return err
	}
	at := row.DraftAt.Time().In(ed.Settings.Get().Location())
	name = cmp.Or(name, "Mostrador")
	return errFlowChanged.With("name", name).With("at", at.Format("02/01 15:04")).Carrying(map[string]any{"revision": row.Revision, "by": row.DraftBy, "name": name, "at": store.ISO(row.DraftAt)})
}

// Archive takes a flow out of use: nothing begins in it any more and no flow leads into it. Conversations inside
// finish on their version.
func (ed *Editor) Archive(ctx context.Context, v rights.Viewer, id string) error {
	out := true
	return ed.Save(ctx, v, id, FlowChange{Archived: &out})
}
