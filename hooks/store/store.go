// Package store: the database and its one writer: causes, rows, ids, what happened.
package store

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// Store is the database of one desk and its one writer. Set App and Now, then Start.
type Store struct {
	App        core.App
	Now        func() time.Time // the clock; nil: time.Now
	Seq        int64            // last number drawn; the writer's alone
	Jobs       chan *job
	entry      sync.RWMutex // to jobs: held shared to get in, exclusively to close
	closed     bool
	writerGone chan struct{}
	PublishTo  func(Event)                                      // nil: nobody listens
	Settle     func(*Tx) error                                  // at the end of each cause, inside its transaction: what it changed becomes events; nil: nobody is told
	Pending    func()                                           // after commit: the inbox has something to do; nil: no loop runs
	Queued     func(line string)                                // after commit: the line's outbox has something to do; nil: no loop runs
	KeepsWhole func(t *Tx, m *Message, bytes int) (bool, error) // whether there is room for all that a long message says; nil: there is
	Read       func(line string)                                // after commit: customers are to be told what was read
}
