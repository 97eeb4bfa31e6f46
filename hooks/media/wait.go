package media

import (
	"context"
	"encoding/json"
	"fmt"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// waitBatch is how many files are put aside, or let go on, in one transaction.
const waitBatch = 100

// Those that wait for the same as one that was just put aside: all of its conversation, or for the disk all of its line.
const (
	AlikeOfChat = `SELECT id, message, reason FROM media WHERE state = 'pending' AND conversation = {:conversation} AND dueAt <= {:now}
		AND size > {:room} AND wanted = FALSE AND reason != 'asked' LIMIT {:limit}`
	AlikeOfLine = `SELECT id, message, reason FROM media INDEXED BY idx_media_due WHERE state = 'pending' AND line = {:line} AND dueAt <= {:now}
		AND size > {:room} AND wanted = FALSE AND reason != 'asked' LIMIT {:limit}`
)

// hold puts a file aside, and with it others that would only be looked at to be put aside, too.
func (fi *Files) hold(row Download, a admission) error {
	return fi.Store.Write(context.Background(), func(t *store.Tx) error {
		due := fi.until(a.wait, t.Now)
		if err := wait(t, row, a.wait, due); err != nil || row.Wanted {
			return err
		}
		query := AlikeOfChat
		if a.wait == store.WaitDisk {
			query = AlikeOfLine
		}
		var alike []Download
		err := t.DB().NewQuery(query).Bind(dbx.Params{"conversation": row.Conversation, "line": row.Line, "now": store.Stamp(t.Now), "room": a.room,
			"limit": waitBatch}).All(&alike)
		if err != nil {
			return fmt.Errorf("find files that wait, too: %w", err)
		}
		for _, one := range alike {
			if fi.Loans.has(one.ID) {
				continue // on its way
			}
			if err := wait(t, one, a.wait, due); err != nil {
				return err
			}
		}
		return nil
	})
}

// wait puts one file aside; who looks at its message is told when they did not know why.
func wait(t *store.Tx, row Download, why string, due types.DateTime) error {
	_, err := t.DB().Update("media", dbx.Params{"reason": why, "dueAt": due}, dbx.HashExp{"id": row.ID, "state": "pending"}).Execute()
	if err != nil {
		return fmt.Errorf("put file %s aside: %w", row.ID, err)
	}
	if row.Reason == why {
		return nil
	}
	return showMedia(t, row.Message)
}

const (
	// The smallest first: as many as possible come.
	WaitingForDisk = `SELECT id, size FROM media WHERE state = 'pending' AND reason = 'disk' AND reason != '' AND size <= {:room}
		ORDER BY size, id LIMIT {:limit}`
	ResumeQuota   = `UPDATE media SET dueAt = '' WHERE state = 'pending' AND reason = 'quota' AND reason != ''`
	ResumeBlocked = `UPDATE media SET dueAt = '' WHERE state = 'pending' AND reason = 'blocked' AND dueAt = {:parked}
		AND conversation IN (SELECT id FROM conversations WHERE contact = {:contact})`
)

// resumeDisk lets files go on that waited for the disk, as far as there is room for them again. A tenth of the reserve has
// to be free besides: a disk at its limit would stop and start them all the time.
func (fi *Files) resumeDisk(ctx context.Context) error {
	room := fi.diskRoom() - fi.Reserve()/10
	if room <= 0 {
		return nil
	}
	var rows []Download
	err := fi.Store.App.ConcurrentDB().NewQuery(WaitingForDisk).Bind(dbx.Params{"room": room, "limit": waitBatch}).WithContext(ctx).All(&rows)
	if err != nil {
		return fmt.Errorf("read what waits for the disk: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	return fi.Store.Write(ctx, func(t *store.Tx) error {
		for _, row := range rows {
			if room -= row.Size; room < 0 {
				return nil
			}
			_, err := t.DB().Update("media", dbx.Params{"reason": "", "dueAt": ""}, dbx.HashExp{"id": row.ID, "state": "pending", "reason": store.WaitDisk}).Execute()
			if err != nil {
				return fmt.Errorf("let file %s go on: %w", row.ID, err)
			}
		}
		return nil
	})
}

// ResumeAfter lets files be looked at again whose quota is another now.
func (fi *Files) ResumeAfter(t *store.Tx, changed map[string]json.RawMessage) error {
	if changed["fileQuotaMB"] == nil && changed["fileQuotaFiles"] == nil {
		return nil
	}
	if _, err := t.DB().NewQuery(ResumeQuota).Execute(); err != nil {
		return fmt.Errorf("let files go on: %w", err)
	}
	t.After(fi.Wake)
	return nil
}

// unblocked lets the files of a contact go on whom nobody blocks any more.
func (fi *Files) unblocked(t *store.Tx, contact string) error {
	_, err := t.DB().NewQuery(ResumeBlocked).Bind(dbx.Params{"contact": contact, "parked": Parked}).Execute()
	if err != nil {
		return fmt.Errorf("let the files of contact %s go on: %w", contact, err)
	}
	t.After(fi.Wake)
	return nil
}
