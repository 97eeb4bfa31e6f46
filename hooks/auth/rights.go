package auth

import (
	"context"
	"errors"
	"fmt"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// bindRights makes every change of a user, a membership or a session take effect at once, whoever makes it: our routes,
// the command line, or a superuser in the dashboard.
func (g *Guard) bindRights() {
	g.Store.App.OnRecordAfterDeleteSuccess("sessions").BindFunc(func(e *core.RecordEvent) error {
		g.Sessions.Forget(Ended{e.Record.Id, e.Record.GetString("user")})
		return e.Next()
	})
	g.Store.App.OnRecordUpdate("users").BindFunc(func(e *core.RecordEvent) error {
		endLink(e.Record)
		return e.Next()
	})
	g.Store.App.OnRecordAfterUpdateSuccess("users").BindFunc(func(e *core.RecordEvent) error {
		old := e.Record.Original()
		g.Accounts.forget(e.Record.Id)
		if old.TokenKey() != e.Record.TokenKey() || old.GetBool("active") && !e.Record.GetBool("active") {
			if e.Context.Value(SignedOutAlready{}) == nil { // else who has signed in with the new password since would go, too
				if err := g.signOut(context.Background(), e.Record.Id); err != nil {
					return err
				}
			}
			if !e.Record.GetBool("active") {
				g.gone(e.Record.Id)
			}
		}
		if old.GetString("role") != e.Record.GetString("role") {
			g.RightsChanged(e.Record.Id)
		}
		return e.Next()
	})
	g.Store.App.OnRecordAfterDeleteSuccess("users").BindFunc(func(e *core.RecordEvent) error {
		err := errors.Join(g.signOut(context.Background(), e.Record.Id), g.forgetDevices(context.Background(), e.Record.Id))
		if err != nil {
			return err
		}
		g.gone(e.Record.Id)
		return e.Next()
	})
	changed := func(e *core.RecordEvent) error {
		g.RightsChanged(e.Record.GetString("user"))
		return e.Next()
	}
	g.Store.App.OnRecordAfterCreateSuccess("memberships").BindFunc(changed)
	g.Store.App.OnRecordAfterUpdateSuccess("memberships").BindFunc(changed)
	g.Store.App.OnRecordAfterDeleteSuccess("memberships").BindFunc(changed)
}

// gone gives back what somebody had who was switched off or deleted: behind the caller's back, as in rightsChanged. The
// clock finds what a stop cuts off.
func (g *Guard) gone(user string) {
	go func() {
		if err := g.Gone(context.Background(), user); err != nil && !errors.Is(err, store.ErrStopped) {
			g.Store.App.Logger().Error("give back what somebody had", "user", user, "error", err)
		}
	}()
}

// SignedOutAlready marks the context of a save whose transaction ends the user's sessions itself.
type SignedOutAlready struct{}

// EndSessionsOf ends all sessions of a user inside a transaction. After the commit sessions.forget is to hear of them.
func EndSessionsOf(ctx context.Context, tx core.App, user string) (gone []Ended, err error) {
	err = tx.NonconcurrentDB().NewQuery("DELETE FROM sessions WHERE user = {:user} RETURNING id, user").Bind(dbx.Params{"user": user}).WithContext(ctx).All(&gone)
	if err != nil {
		return nil, fmt.Errorf("end the sessions of user %s: %w", user, err)
	}
	return gone, nil
}

// signOut ends all sessions of a user.
func (g *Guard) signOut(ctx context.Context, user string) error {
	g.Accounts.forget(user)
	if _, err := g.Sessions.revoke(ctx, "user = {:user}", dbx.Params{"user": user}); err != nil {
		return err
	}
	g.Hub.DropUser(user)
	return nil
}

// RightsChanged gives a user's open streams the new rights at once. Then, behind the caller's back because it may be
// the writer itself, it writes down that this happened and lets the browsers connect again, which read everything anew.
func (g *Guard) RightsChanged(user string) {
	ctx := context.Background()
	g.Accounts.forget(user)
	who, err := g.Accounts.Get(ctx, user)
	if err != nil {
		who = nil // switched off, or unreadable: no rights
	}
	g.Hub.Refresh(user, who)
	go func() {
		err := g.Store.Write(ctx, func(t *store.Tx) error {
			err := t.Event(nil, store.EventRights, store.BySystem, map[string]string{"user": user})
			t.Publish(store.Event{Cursor: t.LastSeq()}) // the row's, to nobody: whoever reads everything now resumes from there
			return err
		})
		if err != nil {
			g.Store.App.Logger().Error("write down changed rights", "user", user, "error", err)
		}
		g.Hub.DropUser(user)
	}()
}
