package flows_test

import (
	"fmt"
	"time"

	"mostrador/flows"
)

// A flow is parsed once and shared; a session is stored between two messages.
func ExampleStep() {
	flow, err := flows.Parse([]byte(`{"spec":1,"lang":"en","start":"menu","nodes":{
		"menu":{"type":"menu","say":"How can we help?","options":[{"id":"sales","label":"Sales","next":"sales"}]},
		"sales":{"type":"redirect","say":"One moment, {{contact.name|please}}.","area":"sales"}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	var session flows.Session
	for _, said := range []string{"hello", "1"} {
		var actions []flows.Action
		session, actions = flows.Step(flow, session, flows.Text{Body: said}, flows.Env{Now: time.Now()})
		for _, a := range actions {
			switch a := a.(type) {
			case flows.Send:
				fmt.Println(a.Text)
			case flows.Handover:
				fmt.Println("to", a.Area)
			}
		}
	}
	// Output:
	// How can we help?
	// 1. Sales
	// One moment, please.
	// to sales
}
