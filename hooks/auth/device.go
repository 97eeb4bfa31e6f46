package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	// DeviceFor is how long a browser stays known; browsers keep no cookie longer.
	DeviceFor = 400 * 24 * time.Hour
	// MaxDevices is how many browsers of one person are known: those in which they signed in last.
	MaxDevices = 20
)

// device is a browser in which people have signed in. It has a cookie of its own, which outlives sessions and opens nothing:
// all it does is that tries from there are counted apart.
type device struct {
	hash   string   // as the row has it; empty: the browser is not known
	people []string // ids of who has signed in there
}

// deviceOf reads which known browser sends a request.
func (g *Guard) deviceOf(r *http.Request) (known device) {
	c, err := r.Cookie(g.deviceCookie(r))
	if err != nil || len(c.Value) != 43 { // 32 bytes in base64
		return known
	}
	hash := g.Sessions.hash(c.Value)
	err = g.Store.App.ConcurrentDB().Select("user").From("devices").Where(dbx.HashExp{"hash": hash}).
		AndWhere(dbx.NewExp("lastUsed > {:since}", dbx.Params{"since": store.Stamp(g.Store.Now().Add(-DeviceFor))})).
		Limit(api.MaxPage).WithContext(r.Context()).Column(&known.people)
	if err != nil || len(known.people) == 0 {
		return device{} // like any other
	}
	known.hash = hash
	return known
}

// keepDevice makes the browser known for a person who has just signed in. Without it they are in all the same.
func (g *Guard) keepDevice(e *core.RequestEvent, person string) {
	token := ""
	if c, err := e.Request.Cookie(g.deviceCookie(e.Request)); err == nil && g.deviceOf(e.Request).hash != "" {
		token = c.Value // of somebody else who signs in here, too
	} else {
		var key [32]byte
		_, _ = rand.Read(key[:]) // never fails since Go 1.24
		token = base64.RawURLEncoding.EncodeToString(key[:])
	}
	if err := g.WriteDevice(context.WithoutCancel(e.Request.Context()), g.Sessions.hash(token), person); err != nil {
		g.Store.App.Logger().Error("keep a known browser", "user", person, "error", err)
		return
	}
	e.SetCookie(&http.Cookie{
		Name: g.deviceCookie(e.Request), Value: token, Path: "/", MaxAge: int(DeviceFor / time.Second),
		HttpOnly: true, Secure: overTLS(e.Request), SameSite: http.SameSiteLaxMode,
	})
}

const (
	keepDevice = `INSERT INTO devices (id, user, hash, lastUsed, created) VALUES ({:id}, {:user}, {:hash}, {:now}, {:now})
		ON CONFLICT (hash, user) DO UPDATE SET lastUsed = excluded.lastUsed`
	dropDevices = `DELETE FROM devices WHERE user = {:user} AND id NOT IN
		(SELECT id FROM devices WHERE user = {:user} ORDER BY lastUsed DESC, id DESC LIMIT {:max})`
	oldDevices = `DELETE FROM devices WHERE lastUsed < {:since}`
)

func (g *Guard) WriteDevice(ctx context.Context, hash, person string) error {
	return g.Store.Write(ctx, func(t *store.Tx) error {
		of := dbx.Params{"id": store.NewID(t.Now), "user": person, "hash": hash, "now": store.Stamp(t.Now), "max": MaxDevices}
		for _, query := range []string{keepDevice, dropDevices} {
			if _, err := t.DB().NewQuery(query).Bind(of).Execute(); err != nil {
				return fmt.Errorf("write a known browser: %w", err)
			}
		}
		return nil
	})
}

// SweepDevices forgets the browsers that nobody signs in with any more.
func (g *Guard) SweepDevices(ctx context.Context) error {
	_, err := g.Store.App.NonconcurrentDB().NewQuery(oldDevices).Bind(dbx.Params{"since": store.Stamp(g.Store.Now().Add(-DeviceFor))}).WithContext(ctx).Execute()
	if err != nil {
		return fmt.Errorf("forget known browsers: %w", err)
	}
	return nil
}

// forgetDevices is for who is deleted.
func (g *Guard) forgetDevices(ctx context.Context, person string) error {
	_, err := g.Store.App.NonconcurrentDB().Delete("devices", dbx.HashExp{"user": person}).WithContext(ctx).Execute()
	return err
}

// deviceCookie is the session cookie's name with a mark, and as protected.
func (g *Guard) deviceCookie(r *http.Request) string { return g.cookieName(r) + "_device" }
