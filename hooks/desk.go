package hooks

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"mostrador/hooks/fetch"
	"mostrador/hooks/rights"

	"github.com/pocketbase/pocketbase/core"
)

// Desk is the running product: one database, its lines, its loops.
//
// Start makes the writer, loads what must be in memory and watches who may do what; Run starts lines, loops and clocks; Stop ends them in the
// reverse order. Register binds the routes. Tests that need no line call Start alone.
type Desk struct {
	App core.App
	Now func() time.Time // the clock; nil: time.Now
	Web Web              // what the environment says about sessions

	Outside fetch.Client // how flows reach other systems; the zero Client: public addresses only

	Disk func(dir string) (Space, error) // the disk that a folder is on; nil: the real one

	TickEvery time.Duration // how often to look for what is due by the clock: auto-close and the like; 0: a minute

	seq        int64 // last number drawn; the writer's alone
	jobs       chan *job
	entry      sync.RWMutex // to jobs: held shared to get in, exclusively to close
	closed     bool
	writerGone chan struct{}
	publishTo  func(Event) // nil: nobody listens

	onSettle  func(*Tx) error   // at the end of each cause, inside its transaction: what it changed becomes events; nil: nobody is told
	onPending func()            // after commit: the inbox has something to do; nil: no loop runs
	onQueued  func(line string) // after commit: the line's outbox has something to do; nil: no loop runs
	onRead    func(line string) // after commit: customers are to be told what was read

	blobs sync.RWMutex // stored content: held shared from looking for it until a row names it, exclusively to delete it
	loans loans        // of room for files that are being fetched

	settings atomic.Pointer[Settings]
	reload   sync.Mutex // of the settings: what was read first is stored first

	accounts    *accounts
	sessions    *sessions
	Hub         hub
	attendance  *attendance
	viewers     viewers
	logins      *limiter
	door        door
	shares      shares
	hashing     *turns
	proxied     proxied
	crossOrigin http.CrossOriginProtection
	own         map[string]bool // patterns of our routes
	probe       probe
	flowStates  flowStates
	parsed      parsedFlows

	LineOptions LineOptions
	traffic     // between the lines and the database: run.go
}

// Event is one realtime event: the same JSON as the REST resource, for those who may see it.
type Event struct {
	Name   string // contracts: conversation:update, message:new…
	Cursor int64
	Data   any

	// Who hears it. A conversation's events go to everybody whose Viewer.Sees(Area, Assignee).
	Conversation   bool
	Area, Assignee string
	// When the conversation moved: who saw it before and does not any more hears {"id","removed":true}.
	Moved                  bool
	FromArea, FromAssignee string
	ID                     string // the conversation's id

	User string      // only this user
	Role rights.Role // only this role
	All  bool        // every signed-in user
}

// Start loads what must be in memory and starts the writer. The database must be migrated.
func (d *Desk) Start(ctx context.Context) error {
	d.join()
	if err := d.startStore(ctx); err != nil {
		return err
	}
	if err := d.ReloadSettings(ctx); err != nil {
		return err
	}
	d.Hub.begin(d.LastSeq())
	d.startGuard() // also where no routes are: the command line changes people, too
	d.startPresence()
	d.startCalls()
	d.startRunner()
	d.startFiles()
	d.startOutbox()
	d.makeLines()
	d.bindContacts()
	return nil
}

// Stop serves the causes that are already waiting and ends the writer.
func (d *Desk) Stop() { d.stopStore() }

func (d *Desk) publish(es []Event) {
	if d.publishTo == nil {
		return
	}
	resumable(es)
	for _, e := range es {
		d.publishTo(e)
	}
}

// resumable makes the cursors of one cause's events safe to resume from: a browser that loses its stream after one of
// them asks for what came after that cursor, and must not skip the ones that it did not get. So none is above what
// follows it, and the last stands for all of them.
func resumable(es []Event) {
	if len(es) == 0 {
		return
	}
	var highest int64
	for _, e := range es {
		highest = max(highest, e.Cursor)
	}
	next := highest + 1
	for i := len(es) - 1; i >= 0; i-- {
		own := es[i].Cursor
		es[i].Cursor = next - 1
		if own != 0 {
			next = min(next, own)
		}
	}
}
