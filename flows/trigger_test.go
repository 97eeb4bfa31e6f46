package flows_test

import (
	"testing"

	"mostrador/flows"
)

func TestChoose(t *testing.T) {
	triggers := []flows.Trigger{
		{Flow: "welcome", On: flows.OnFirst, Order: 2},
		{Flow: "welcome-b", On: flows.OnFirst, Order: 1, Line: "b"},
		{Flow: "night", On: flows.OnClosed},
		{Flow: "order", On: flows.OnWord, Words: []string{"mi pedido", "🚚"}, Contains: true},
		{Flow: "exact", On: flows.OnWord, Words: []string{"Mi Pedido"}},
		{Flow: "order-sales", On: flows.OnWord, Words: []string{"pedido"}, Contains: true, Area: "sales", Order: 9},
		{Flow: "by-hand", On: flows.OnHand},
		{Flow: "empty", On: flows.OnWord, Words: []string{"", " ?"}, Contains: true},
		{Flow: "survey", On: flows.OnEnd},
	}
	for name, c := range map[string]struct {
		facts flows.Facts
		want  string
	}{
		"first message":             {flows.Facts{Text: "hola", First: true, Open: true}, "welcome"},
		"of another line":           {flows.Facts{Text: "hola", First: true, Open: true, Line: "b"}, "welcome-b"},
		"out of hours":              {flows.Facts{Text: "hola", First: true, Line: "b"}, "night"},
		"second message":            {flows.Facts{Text: "hola", Open: true}, ""},
		"word in a sentence":        {flows.Facts{Text: "¿Dónde está mi PEDIDO?", First: true}, "order"},
		"word and nothing else":     {flows.Facts{Text: "mi pedido!", First: true}, "exact"},
		"word in another word":      {flows.Facts{Text: "mis pedidos"}, ""},
		"an area before any":        {flows.Facts{Text: "un pedido", Area: "sales"}, "order-sales"},
		"the named area before all": {flows.Facts{Text: "es mi pedido", Area: "sales"}, "order-sales"},
		"in a flow or with people":  {flows.Facts{Text: "mi pedido", First: true, Busy: true}, ""},
		"closed":                    {flows.Facts{Ended: true, Busy: true}, "survey"},
		"empty message":             {flows.Facts{Open: true}, ""},
	} {
		got, ok := flows.Choose(triggers, c.facts)
		if got.Flow != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %q, %v, want %q", name, got.Flow, ok, c.want)
		}
	}
}

func TestChooseDoesNotDependOnTheOrderOfTheList(t *testing.T) {
	a, b := flows.Trigger{Flow: "a", On: flows.OnFirst}, flows.Trigger{Flow: "b", On: flows.OnFirst}
	for _, list := range [][]flows.Trigger{{a, b}, {b, a}} {
		if got, _ := flows.Choose(list, flows.Facts{First: true, Open: true}); got.Flow != "a" {
			t.Errorf("%+v: got %q, want a", list, got.Flow)
		}
	}
}
