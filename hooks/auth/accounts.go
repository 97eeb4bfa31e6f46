package auth

import (
	"context"
	"fmt"
	"sync"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// accounts remembers users between requests. Whatever changes a user, a role or a membership makes it forget them, so
// that nobody acts on yesterday's rights.
type accounts struct {
	guard *Guard
	mu    sync.RWMutex
	byID  map[string]*api.Account
	era   int // counts what was forgotten: a user read before that is not remembered after it
}

// Get reads an active user; sql.ErrNoRows when there is none, or they are switched off.
func (a *accounts) Get(ctx context.Context, id string) (*api.Account, error) {
	a.mu.RLock()
	known, era := a.byID[id], a.era
	a.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	fresh, err := a.read(ctx, id)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.era == era {
		a.byID[id] = fresh
	}
	return fresh, nil
}

func (a *accounts) read(ctx context.Context, id string) (*api.Account, error) {
	db := a.guard.Store.App.ConcurrentDB()
	var row struct {
		Name     string `db:"name"`
		Username string `db:"username"`
		Email    string `db:"email"`
		Role     string `db:"role"`
		Lang     string `db:"lang"`
	}
	err := db.Select("name", "username", "email", "role", "lang").From("users").
		Where(dbx.HashExp{"id": id}).AndWhere(dbx.NewExp("active = TRUE")).WithContext(ctx).One(&row)
	if err != nil {
		return nil, fmt.Errorf("read user %s: %w", id, err)
	}
	who := &api.Account{Viewer: rights.Viewer{ID: id, Role: rights.Role(row.Role)}, Name: row.Name, Username: row.Username, Email: row.Email, Lang: row.Lang}
	err = db.Select("area").From("memberships").Where(dbx.HashExp{"user": id}).OrderBy("created").WithContext(ctx).Column(&who.Areas)
	if err != nil && !store.IsNone(err) {
		return nil, fmt.Errorf("read areas of user %s: %w", id, err)
	}
	return who, nil
}

// forget makes the next request read the user again.
func (a *accounts) forget(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.byID, id)
	a.era++
}
