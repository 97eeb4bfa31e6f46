package auth

import (
	"context"
	"fmt"

	"mostrador/hooks/api"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// UserNamed finds a user by username or e-mail, as the login does; a Refusal with status 404 when there is none.
func (g *Guard) UserNamed(ctx context.Context, identity string) (id string, err error) {
	err = g.Store.App.ConcurrentDB().NewQuery("SELECT id FROM users WHERE username = {:name} UNION SELECT id FROM users WHERE email = {:name} LIMIT 1").
		Bind(dbx.Params{"name": identity}).WithContext(ctx).Row(&id)
	return id, api.Missing(err)
}

// SetSuperuser makes an account of the database's own dashboard, or gives one that is there a new password.
func (g *Guard) SetSuperuser(ctx context.Context, email, password string) error {
	if err := goodEnough(password); err != nil {
		return err
	}
	account, err := g.Store.App.FindAuthRecordByEmail(core.CollectionNameSuperusers, email)
	if err != nil {
		superusers, err := g.Store.App.FindCachedCollectionByNameOrId(core.CollectionNameSuperusers)
		if err != nil {
			return fmt.Errorf("find the superusers: %w", err)
		}
		account = core.NewRecord(superusers)
		account.SetEmail(email)
	}
	account.SetPassword(password)
	if err := g.Store.App.SaveWithContext(ctx, account); err != nil {
		return api.Invalid(err)
	}
	return nil
}
