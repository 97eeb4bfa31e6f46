package runner

import (
	"time"

	"mostrador/flows"
	"mostrador/hooks/conversation"
	"mostrador/hooks/store"
)

// lookAgain is how soon a timer of a flow is looked at again while its line is down, or what the customer wrote waits.
const lookAgain = time.Minute

// silentUntil is when a customer who has not answered a flow counts as silent; zero: now. While the line is down nobody is:
// what they wrote waits at WhatsApp, and what they were asked may not have reached them. When it is up again they have as
// long as the flow gives them, from then on. Delays and requests go on by the clock, and a paused bot waits for nobody.
func (ru *Runner) silentUntil(t *store.Tx, c *store.Conversation) (time.Time, error) {
	s := c.FlowSession()
	if s.Wait != flows.WaitCustomer {
		return time.Time{}, nil
	}
	if line, err := readLineFacts(t, c.Line); err != nil || line.Paused {
		return time.Time{}, err
	}
	if unheard, err := conversation.Unheard(t, c); err != nil {
		return time.Time{}, err
	} else if unheard {
		return t.Now.Add(lookAgain), nil
	}
	heard, up := ru.Conversations.Hears(c.Line)
	if !up {
		return t.Now.Add(lookAgain), nil
	}
	if due := heard.Add(s.WakesAt.Sub(c.LastAt.Time())); heard.After(c.LastAt.Time()) && due.After(t.Now) {
		return due, nil
	}
	return time.Time{}, nil
}

// ringLater puts a timer off.
func ringLater(t *store.Tx, c *store.Conversation, at time.Time) error {
	before := *c
	c.WakeAt = store.Stamp(at)
	return t.SaveQuietly(c, before)
}
