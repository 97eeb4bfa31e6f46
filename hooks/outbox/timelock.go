package outbox

import (
	"fmt"

	"mostrador/hooks/store"
)

// WhatsApp sometimes locks a line out of writing to strangers. Their first messages wait in the outbox, each at the head of
// its chat, for the end that WhatsApp named; the lock may be lifted before, and a stranger who writes is none any more.

const TimelockedQuery = `UPDATE messages SET dueAt = '' WHERE outbox = TRUE AND line = ? AND reason = '` + WaitTimelock + `' AND dueAt != ''`

// EndTimelock lets the messages go that a time-lock held back: those to one contact, or all of the line when it is empty.
func (s *Outbox) EndTimelock(t *store.Tx, line, contact string) error {
	query, args := TimelockedQuery, []any{line}
	if contact != "" {
		query, args = query+" AND contact = ?", append(args, contact)
	}
	done, err := t.SQL().Exec(query, args...)
	if err != nil {
		return fmt.Errorf("let go what the time-lock held: %w", err)
	}
	if n, err := done.RowsAffected(); err == nil && n > 0 && s.Store.Queued != nil {
		t.After(func() { s.Store.Queued(line) })
	}
	return nil
}
