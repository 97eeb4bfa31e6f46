package presence

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/store"
)

const (
	GoneAfter = time.Minute            // without a stream before somebody is offline: a reload or another network takes less
	LookEvery = 5 * time.Second        // how often is looked who is gone
	Breath    = 250 * time.Millisecond // between two looks: those who come in one moment share a commit and an event
)

// attendance is who is there: whoever has an open stream. Being there makes available who was offline, and having been gone
// for goneAfter makes offline who was available. Away is a person's own word, which coming and going do not change.
//
// The hub tells it of every stream. One loop writes down what follows; it starts in Run.
type attendance struct {
	presence *Presence
	wake     chan struct{}
	mu       sync.Mutex
	seats    map[string]*seat // by user: who is there, and who was a minute ago
}

// seat is one person's place.
type seat struct {
	streams int
	left    time.Time // when the last stream ended; zero: they signed out
	told    bool      // the database knows that they came
}

func newAttendance(d *Presence) *attendance {
	return &attendance{presence: d, wake: make(chan struct{}, 1), seats: map[string]*seat{}}
}

// Arrive counts a stream that was opened. Who comes back within goneAfter was never gone.
func (a *attendance) Arrive(user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.seats[user]
	if s == nil {
		s = &seat{}
		a.seats[user] = s
	}
	s.streams++
	if !s.told {
		store.Poke(a.wake)
	}
}

// Leave counts a stream that ended.
func (a *attendance) Leave(user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.seats[user]; s != nil {
		s.streams--
		s.left = a.presence.Store.Now()
	}
}

// Expect gives somebody who is available by their own word, or was before a restart, goneAfter to open a stream.
func (a *attendance) Expect(user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.seats[user]
	if s == nil || s.streams == 0 {
		a.seats[user] = &seat{told: true, left: a.presence.Store.Now()}
	}
}

// SignedOut makes offline, without the minute, whose last stream ended because they signed out.
func (a *attendance) SignedOut(user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.seats[user]; s != nil && s.streams > 0 {
		return // still signed in, and there, in another browser
	}
	a.seats[user] = &seat{told: true}
	store.Poke(a.wake)
}

// Begin gives those who were available when the desk stopped goneAfter to come back: nobody is routed to a ghost.
func (a *attendance) Begin(ctx context.Context) error {
	var users []string
	err := a.presence.Store.App.ConcurrentDB().NewQuery("SELECT id FROM users WHERE availability = 'available'").WithContext(ctx).Column(&users)
	for _, user := range users {
		a.Expect(user)
	}
	if err != nil {
		return fmt.Errorf("read who was there: %w", err)
	}
	return nil
}

// Run writes down who comes and who is gone until ctx ends.
func (a *attendance) Run(ctx context.Context) {
	look := time.NewTicker(LookEvery)
	defer look.Stop()
	for ctx.Err() == nil {
		select {
		case <-a.wake:
		case <-look.C:
		case <-ctx.Done():
			return
		}
		a.WriteDown(ctx)
		select {
		case <-time.After(Breath):
		case <-ctx.Done():
		}
	}
}

// WriteDown makes available and offline whoever is due, all in one commit. What fails is tried again at the next look.
func (a *attendance) WriteDown(ctx context.Context) {
	came, gone := a.Due()
	if len(came)+len(gone) == 0 {
		return
	}
	var long map[string]bool
	err := a.presence.Store.Write(ctx, func(t *store.Tx) (err error) {
		came, gone = a.Confirm(came, gone)
		long, err = attend(t, came, gone)
		return err
	})
	if err != nil {
		a.takeBack(came, gone)
	}
	for err == nil && len(long) > 0 { // more waited there than one run looks at
		err = a.presence.Store.Write(ctx, func(t *store.Tx) (err error) {
			long, err = conversation.RunQueues(t, long, "")
			return err
		})
	}
	if err != nil && ctx.Err() == nil {
		a.presence.Store.App.Logger().Error("write down who is there", "error", err)
	}
}

// Due is who came, and who is gone for good.
func (a *attendance) Due() (came, gone []string) {
	now := a.presence.Store.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for user, s := range a.seats {
		switch {
		case s.streams > 0 && !s.told:
			came = append(came, user)
		case s.streams == 0 && now.Sub(s.left) >= GoneAfter:
			gone = append(gone, user)
		}
	}
	slices.Sort(came)
	slices.Sort(gone)
	return came, gone
}

// Confirm leaves out of what was due what is not true any more, and counts the rest as written.
func (a *attendance) Confirm(came, gone []string) (here, away []string) {
	now := a.presence.Store.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, user := range came {
		if s := a.seats[user]; s != nil && s.streams > 0 {
			s.told = true
			here = append(here, user)
		}
	}
	for _, user := range gone {
		if s := a.seats[user]; s != nil && s.streams == 0 && now.Sub(s.left) >= GoneAfter {
			delete(a.seats, user)
			away = append(away, user)
		}
	}
	return here, away
}

// takeBack is for what could not be written.
func (a *attendance) takeBack(came, gone []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, user := range came {
		if s := a.seats[user]; s != nil {
			s.told = false
		}
	}
	for _, user := range gone {
		if a.seats[user] == nil { // else they came back meanwhile
			a.seats[user] = &seat{told: true}
		}
	}
}

// attend makes available who came and offline who is gone, and gives those who came what waits for them. It answers the
// areas in which more waits than was looked at.
func attend(t *store.Tx, came, gone []string) (long map[string]bool, err error) {
	var changed []Availability
	areas := map[string]bool{}
	for _, user := range came {
		moved, err := setAvailability(t, user, store.Offline, store.Available)
		if err != nil {
			return nil, err
		}
		if !moved {
			continue
		}
		changed = append(changed, Availability{user, store.Available})
		if err := conversation.AreasOf(t, user, areas); err != nil {
			return nil, err
		}
	}
	for _, user := range gone {
		moved, err := setAvailability(t, user, store.Available, store.Offline)
		if err != nil {
			return nil, err
		}
		if moved {
			changed = append(changed, Availability{user, store.Offline})
		}
	}
	publishAvailability(t, changed)
	return conversation.RunQueues(t, areas, "")
}

// Start makes what must be in memory.
func (s *Presence) Start() {
	s.Attendance = newAttendance(s)
	s.viewers.Now = func() time.Time { return s.Store.Now() }
}

func (s *Presence) Arrive(user string) { s.Attendance.Arrive(user) }

func (s *Presence) Leave(user string) { s.Attendance.Leave(user) }

func (s *Presence) PersonSignedOut(user string) { s.Attendance.SignedOut(user) }

func (s *Presence) WriteDown(ctx context.Context) { s.Attendance.WriteDown(ctx) }
