package facts_test

import (
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/desktest"
	"mostrador/hooks/facts"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// TestFactsAreNotHalfRead: a flow that cannot be read at the moment is not one that is gone.
func TestFactsAreNotHalfRead(t *testing.T) {
	w, flow := desktest.NewWorldWithFlow(t)
	rename := func(from, to string) {
		t.Helper()
		if _, err := w.Desk.Store.App.NonconcurrentDB().NewQuery("ALTER TABLE " + from + " RENAME TO " + to).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	ref := flows.Ref{Flow: flow, Version: 1}
	need := func() error {
		return w.Desk.Store.Write(t.Context(), func(t *store.Tx) error {
			return w.Desk.Facts.Need(t, &facts.Facts{Flows: map[flows.Ref]flows.Flow{}}, []flows.Ref{ref, {Flow: flow, Version: 9}})
		})
	}
	rename("flow_versions", "elsewhere")
	if _, err := w.Desk.Facts.Last(); err == nil {
		t.Error("the desk takes a flow for gone that could not be read")
	}
	if err := need(); err == nil {
		t.Error("the customer would be handed over because of an error of the moment")
	}
	rename("elsewhere", "flow_versions")
	f, err := w.Desk.Facts.Last()
	if err != nil || f.Flows[ref].ID != flow {
		t.Errorf("afterwards: got flows %v, error %v", f, err)
	}
	if err := need(); err != nil {
		t.Errorf("a version that is gone: %v, want it left out", err)
	}
}

// TestFactsAreReadAgainWhenTheClockWasTurnedBack: what is saved then carries an older time than what was saved before.
func TestFactsAreReadAgainWhenTheClockWasTurnedBack(t *testing.T) {
	w := desktest.NewWorld(t)
	sales, support := w.Area("sales"), w.Area("support")
	for _, id := range []string{sales, support} {
		w.Insert("hours", dbx.Params{"area": id, "week": `{"monday":["09:00-18:00"]}`, "days": "{}", "updated": "2026-03-02 12:00:00.000Z"})
	}
	w.Exec("UPDATE areas SET updated = '2026-03-02 12:00:00.000Z'")
	if f, err := w.Desk.Facts.Last(); err != nil || f.Names()["sales"] == "" || len(f.Hours["sales"].Week[time.Monday]) != 1 {
		t.Fatalf("got %+v, %v", f, err)
	}
	w.Exec("UPDATE areas SET active = FALSE, updated = '2026-03-02 11:30:00.000Z' WHERE id = '" + sales + "'")
	if f, err := w.Desk.Facts.Last(); err != nil || f.Names()["sales"] != "" {
		t.Errorf("flows still know the area that was switched off: %v, %v", f.Names(), err)
	}
	w.Exec("UPDATE hours SET week = '{}', updated = '2026-03-02 11:30:00.000Z' WHERE area = '" + sales + "'")
	if f, err := w.Desk.Facts.Last(); err != nil || len(f.Hours["sales"].Week[time.Monday]) != 0 {
		t.Errorf("flows still know the hours of before: %v, %v", f.Hours["sales"], err)
	}
}
