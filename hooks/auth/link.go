package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/pocketbase/pocketbase/tools/types"
)

// setUpFor is how long a set-up link works.
const setUpFor = 7 * 24 * time.Hour

// SetUpLink is what is kept of a one-time link.
type SetUpLink struct {
	Hash  string
	Until types.DateTime
}

// NewSetUpLink makes a token and what is kept of it.
func NewSetUpLink(now time.Time) (token string, link SetUpLink) {
	var key [24]byte
	_, _ = rand.Read(key[:]) // never fails since Go 1.24
	token = base64.RawURLEncoding.EncodeToString(key[:])
	return token, SetUpLink{hashOfLink(token), store.Stamp(now.Add(setUpFor))}
}

func hashOfLink(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// SetUpLink gives a user a new one-time token to choose a password with; an older one stops working. Who is switched off
// gets none: it would be one that somebody holds when they are switched on again.
func (g *Guard) SetUpLink(ctx context.Context, id string) (token string, err error) {
	return g.NewLink(ctx, g.Store.App, id)
}

const giveLink = `UPDATE users SET setupHash = {:hash}, setupUntil = {:until}, updated = {:now} WHERE id = {:id} AND active`

func (g *Guard) NewLink(ctx context.Context, app core.App, id string) (token string, err error) {
	token, link := NewSetUpLink(g.Store.Now())
	result, err := app.NonconcurrentDB().NewQuery(giveLink).
		Bind(dbx.Params{"id": id, "hash": link.Hash, "until": link.Until, "now": store.Stamp(g.Store.Now())}).WithContext(ctx).Execute()
	if err != nil {
		return "", fmt.Errorf("give user %s a link: %w", id, err)
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return token, err
	}
	if _, err := app.FindRecordById("users", id); err != nil {
		return "", api.Missing(err)
	}
	return "", ErrSwitchedOff
}

// endLink ends the link of a user who is about to be saved as somebody whom it was not given to: switched off, with another
// e-mail, user name or role, or with a password.
func endLink(u *core.Record) {
	old := u.Original()
	same := u.GetBool("active") && u.GetString("password:hash") == old.GetString("password:hash")
	for _, name := range []string{"email", "username", "role"} {
		same = same && u.GetString(name) == old.GetString(name)
	}
	if !same && u.GetString("setupHash") == old.GetString("setupHash") { // not one that this save gives
		u.Set("setupHash", "")
		u.Set("setupUntil", "")
	}
}

// setUp takes a one-time link: the new user chooses a password and is signed in.
func (g *Guard) setUp(r *api.Request) error {
	k, err := g.knock(r.RequestEvent, "setup")
	if err != nil {
		return err // before a byte of the body is read
	}
	var in struct {
		Token    string `json:"token"`
		Password string `json:"password"`
	}
	if err := r.Read(&in); err != nil {
		return err
	}
	if err := goodEnough(in.Password); err != nil {
		return err
	}
	id, hash, err := g.useLink(r.Request.Context(), in.Token, in.Password)
	if err != nil {
		return err
	}
	k.giveBack()
	return g.enter(r, id, hash)
}

const (
	linkFits = `setupHash = {:hash} AND setupHash != '' AND active AND setupUntil > {:now}`
	findLink = `SELECT id FROM users WHERE ` + linkFits
	takeLink = `UPDATE users SET password = {:password}, tokenKey = {:key}, setupHash = '', setupUntil = '', updated = {:now} WHERE ` + linkFits + ` RETURNING id`
)

// useLink gives whoever a token belongs to a password, whose hash it answers. One statement decides who uses a link; whoever
// was signed in with what they had before is not any more.
func (g *Guard) useLink(ctx context.Context, token, password string) (id, hash string, err error) {
	fits := dbx.Params{"hash": hashOfLink(token), "now": store.Stamp(g.Store.Now())}
	if err := g.Store.App.ConcurrentDB().NewQuery(findLink).Bind(fits).WithContext(ctx).Row(&id); err != nil { // before the work of a hash
		return "", "", badLink(err)
	}
	kept, err := g.Hashed(&password)
	if err != nil {
		return "", "", err
	}
	fits["password"], fits["key"] = kept.Hash, security.RandomString(50)
	var gone []Ended
	err = g.Store.Write(context.WithoutCancel(ctx), func(t *store.Tx) error {
		fits["now"] = store.Stamp(t.Now)
		if err := t.DB().NewQuery(takeLink).Bind(fits).Row(&id); err != nil {
			return badLink(err)
		}
		gone, err = EndSessionsOf(ctx, t.App, id)
		return err
	})
	if err != nil {
		return "", "", err
	}
	g.Sessions.Forget(gone...)
	g.Accounts.forget(id)
	return id, kept.Hash, nil
}

func badLink(err error) error {
	if store.IsNone(err) {
		return ErrBadLink
	}
	return fmt.Errorf("look for a link: %w", err)
}

// Hashed is a password as it is kept; nil for none.
func (g *Guard) Hashed(password *string) (*core.PasswordFieldValue, error) {
	if password == nil {
		return nil, nil
	}
	if err := goodEnough(*password); err != nil {
		return nil, err
	}
	users, err := g.Store.App.FindCachedCollectionByNameOrId("users")
	if err != nil {
		return nil, fmt.Errorf("find the users: %w", err)
	}
	done, err := g.Hashing.Take(context.Background()) // not long
	if err != nil {
		return nil, err
	}
	defer done()
	nobody := core.NewRecord(users)
	nobody.SetPassword(*password)
	kept, _ := nobody.GetRaw("password").(*core.PasswordFieldValue)
	return &core.PasswordFieldValue{Hash: kept.Hash}, kept.LastError
}
