package hooks

import (
	"testing"

	"mostrador/flows"
)

// TestFactsAreNotHalfRead: a flow that cannot be read at the moment is not one that is gone.
func TestFactsAreNotHalfRead(t *testing.T) {
	w, flow := newWorldWithFlow(t)
	rename := func(from, to string) {
		t.Helper()
		if _, err := w.d.App.NonconcurrentDB().NewQuery("ALTER TABLE " + from + " RENAME TO " + to).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	ref := flows.Ref{Flow: flow, Version: 1}
	need := func() error {
		return w.d.Write(t.Context(), func(t *Tx) error {
			return t.need(&facts{flows: map[flows.Ref]flows.Flow{}}, []flows.Ref{ref, {Flow: flow, Version: 9}})
		})
	}
	rename("flow_versions", "elsewhere")
	if _, err := w.d.lastFacts(); err == nil {
		t.Error("the desk takes a flow for gone that could not be read")
	}
	if err := need(); err == nil {
		t.Error("the customer would be handed over because of an error of the moment")
	}
	rename("elsewhere", "flow_versions")
	f, err := w.d.lastFacts()
	if err != nil || f.flows[ref].ID != flow {
		t.Errorf("afterwards: got flows %v, error %v", f, err)
	}
	if err := need(); err != nil {
		t.Errorf("a version that is gone: %v, want it left out", err)
	}
}
