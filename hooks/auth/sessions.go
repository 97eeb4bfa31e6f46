package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Web is what the environment says about sessions and browsers. Zero values mean the defaults below.
type Web struct {
	Secret  string        // SESSION_SECRET: mixed into the stored form of a session key; changing it signs everyone out
	Cookie  string        // SESSION_COOKIE_NAME
	MaxAge  time.Duration // SESSION_MAX_AGE: how long a session lives without a request
	Cleanup time.Duration // SESSION_CLEANUP_INTERVAL
	Origins []string      // CORS_ORIGIN: other sites whose pages may write through the API
}

const (
	DefaultCookie  = "mostrador"
	DefaultMaxAge  = 24 * time.Hour
	defaultCleanup = 15 * time.Minute

	touchEvery  = time.Minute     // a session's expiry moves at most this often
	flushEvery  = 5 * time.Second // how late the database hears of it
	maxSessions = 20_000          // remembered at a time; more are read again
)

// Session is one browser that is signed in.
type Session struct {
	ID      string
	User    string
	expires atomic.Int64 // Unix milliseconds
	touched atomic.Int64 // when expires last moved
}

// lasting is when a session was used last, and its end.
type lasting struct {
	Used    types.DateTime `json:"used"`
	Expires types.DateTime `json:"expires"`
}

// sessions keeps who is signed in: rows of the collection, and a memory of those in use. The browser has 32 random
// bytes in a cookie that no script can read; the row has only their hash, so that a copy of the database lets nobody in.
type sessions struct {
	guard  *Guard
	mu     sync.RWMutex
	ByHash map[string]*Session
	era    int                // counts what was revoked: a row read before that is not remembered after it
	dirty  map[string]lasting // sessions whose row does not know yet how long they live
}

func (s *sessions) maxAge() time.Duration {
	if s.guard.Web.MaxAge > 0 {
		return s.guard.Web.MaxAge
	}
	return DefaultMaxAge
}

func (s *sessions) hash(token string) string {
	mac := hmac.New(sha256.New, []byte(s.guard.Web.Secret))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

// Open signs a browser in and returns what its cookie holds; nothing when the user's password is not (any more) the one with
// this hash: who changes it ends all sessions, and none with the old one may begin behind that.
func (s *sessions) Open(ctx context.Context, user, password, agent, ip string) (token string, err error) {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails since Go 1.24
	token = base64.RawURLEncoding.EncodeToString(key[:])
	now := s.guard.Store.Now()
	done, err := s.guard.Store.App.NonconcurrentDB().NewQuery(openSession).Bind(dbx.Params{
		"id": store.NewID(now), "user": user, "password": password, "hash": s.hash(token), "agent": store.Cut(agent, 300), "ip": ip,
		"now": store.Stamp(now), "expires": store.Stamp(now.Add(s.maxAge())),
	}).WithContext(ctx).Execute()
	if err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return "", err
	}
	return token, nil
}

const openSession = `INSERT INTO sessions (id, user, tokenHash, agent, ip, lastUsed, expires, created)
	SELECT {:id}, id, {:hash}, {:agent}, {:ip}, {:now}, {:expires}, {:now} FROM users WHERE id = {:user} AND password = {:password}`

// find reads who a cookie belongs to; nil when it belongs to nobody or ran out.
func (s *sessions) find(ctx context.Context, token string) *Session {
	if len(token) != 43 { // 32 bytes in base64
		return nil
	}
	hash, now := s.hash(token), s.guard.Store.Now()
	s.mu.RLock()
	known, era := s.ByHash[hash], s.era
	s.mu.RUnlock()
	if known == nil {
		if known = s.read(ctx, hash); known == nil {
			return nil
		}
		known = s.remember(hash, known, era)
	}
	if now.UnixMilli() >= known.expires.Load() {
		return nil
	}
	return known
}

func (s *sessions) read(ctx context.Context, hash string) *Session {
	var row struct {
		ID      string         `db:"id"`
		User    string         `db:"user"`
		Expires types.DateTime `db:"expires"`
	}
	err := s.guard.Store.App.ConcurrentDB().Select("id", "user", "expires").From("sessions").
		Where(dbx.HashExp{"tokenHash": hash}).WithContext(ctx).One(&row)
	if err != nil {
		return nil
	}
	found := &Session{ID: row.ID, User: row.User}
	found.expires.Store(row.Expires.Time().UnixMilli())
	return found
}

// remember keeps what was read, unless something was revoked meanwhile.
func (s *sessions) remember(hash string, found *Session, era int) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.ByHash[hash]; known != nil {
		return known
	}
	if s.era == era {
		for old := range s.ByHash { // any of them: it is read again when it comes back
			if len(s.ByHash) < maxSessions {
				break
			}
			delete(s.ByHash, old)
		}
		s.ByHash[hash] = found
	}
	return found
}

// touch moves a session's end, and tells whether it did: then the browser gets its cookie again.
func (s *sessions) touch(one *Session) bool {
	now := s.guard.Store.Now()
	last := one.touched.Load()
	if now.UnixMilli()-last < touchEvery.Milliseconds() || !one.touched.CompareAndSwap(last, now.UnixMilli()) {
		return false
	}
	end := now.Add(s.maxAge())
	one.expires.Store(end.UnixMilli())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty[one.ID] = lasting{store.Stamp(now), store.Stamp(end)}
	return true
}

// Flush writes down how long the sessions that were used live now: one statement for all of them. Those that could not be
// written are the next flush's.
func (s *sessions) Flush(ctx context.Context) error {
	s.mu.Lock()
	used := s.dirty
	s.dirty = map[string]lasting{}
	s.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	_, err := s.guard.Store.App.NonconcurrentDB().NewQuery(useSessions).Bind(dbx.Params{"used": string(store.Raw(used))}).WithContext(ctx).Execute()
	if err != nil {
		s.again(used)
		return fmt.Errorf("write down used sessions: %w", err)
	}
	return nil
}

const useSessions = `UPDATE sessions SET lastUsed = u.value ->> 'used', expires = u.value ->> 'expires' FROM json_each({:used}) u WHERE sessions.id = u.key`

func (s *sessions) again(used map[string]lasting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, was := range used {
		if _, later := s.dirty[id]; !later {
			s.dirty[id] = was
		}
	}
}

// Sweep deletes the sessions that ran out. Those whose rows do not know yet that they live longer are written down before.
func (s *sessions) Sweep(ctx context.Context) error {
	now := store.Stamp(s.guard.Store.Now())
	if err := s.Flush(ctx); err != nil {
		return err
	}
	_, err := s.revoke(ctx, "expires < {:now}", dbx.Params{"now": now})
	return err
}

// revoke ends the sessions that fit a condition at once, open connections included, and returns how many.
func (s *sessions) revoke(ctx context.Context, where string, params dbx.Params) (int, error) {
	var gone []Ended
	err := s.guard.Store.App.NonconcurrentDB().NewQuery("DELETE FROM sessions WHERE " + where + " RETURNING id, user").
		Bind(params).WithContext(ctx).All(&gone)
	if err != nil {
		return 0, fmt.Errorf("revoke sessions: %w", err)
	}
	s.Forget(gone...)
	return len(gone), nil
}

// Ended is a session whose row is gone.
type Ended struct {
	ID   string `db:"id"`
	User string `db:"user"`
}

// Forget drops sessions whose rows are gone.
func (s *sessions) Forget(gone ...Ended) {
	if len(gone) == 0 {
		return
	}
	set := make(map[string]bool, len(gone))
	for _, one := range gone {
		set[one.ID] = true
	}
	s.mu.Lock()
	s.era++
	for hash, one := range s.ByHash {
		if set[one.ID] {
			delete(s.ByHash, hash)
		}
	}
	s.mu.Unlock()
	s.guard.Hub.DropSessions(set)
	for _, one := range gone {
		s.guard.Ended(one.User)
	}
}

// Run keeps the rows up to date until ctx ends.
func (s *sessions) Run(ctx context.Context) {
	cleanup := s.guard.Web.Cleanup
	if cleanup <= 0 {
		cleanup = defaultCleanup
	}
	flush, sweep := time.NewTicker(flushEvery), time.NewTicker(cleanup)
	defer flush.Stop()
	defer sweep.Stop()
	for {
		var err error
		select {
		case <-flush.C:
			err = s.Flush(ctx)
		case <-sweep.C:
			err = errors.Join(s.Sweep(ctx), s.guard.SweepDevices(ctx))
		case <-ctx.Done():
			if err := s.Flush(context.WithoutCancel(ctx)); err != nil {
				s.guard.Store.App.Logger().Error("sessions", "error", err)
			}
			return
		}
		if err != nil && ctx.Err() == nil {
			s.guard.Store.App.Logger().Error("sessions", "error", err)
		}
	}
}
