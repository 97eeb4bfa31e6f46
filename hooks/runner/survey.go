package runner

import (
	"time"

	"mostrador/flows"
	"mostrador/hooks/conversation"
	"mostrador/hooks/store"
)

// beginSurvey asks the first question, unless the customer has come back meanwhile, the bot is paused, the
// customer is blocked, or it is too late for it.
func (ru *Runner) beginSurvey(t *store.Tx, c *store.Conversation) error {
	f, err := ru.Facts.Of(t)
	if err != nil {
		return err
	}
	first, ok := f.Begin(c, "", t.Now)
	_, err = t.Live(c.Contact, c.Line)
	if err != nil && !store.IsNone(err) {
		return err
	}
	live := err == nil
	line, err := readLineFacts(t, c.Line)
	if err != nil {
		return err
	}
	blocked, err := conversation.Blocked(t, c.Contact)
	if err != nil {
		return err
	}
	if !ok || live || line.Paused || blocked || t.Now.Sub(c.WakeAt.Time()) > conversation.SurveyStale {
		return conversation.EndSurvey(t, c)
	}
	return ru.step(t, c, f, line, first, flows.Start{})
}

// Patience is how long a customer may be silent in a flow that says nothing of it: as long as with a person. Where nobody is
// ever closed for silence it is a day, because a flow must not wait for ever.
func (ru *Runner) Patience() time.Duration {
	if minutes := ru.Settings.Get().AutoCloseMinutes; minutes > 0 {
		return time.Duration(minutes) * time.Minute
	}
	return 24 * time.Hour
}
