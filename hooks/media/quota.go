package media

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Parked is when a file is due that waits for no hour of the clock.
var Parked = store.Stamp(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))

// Sender is who a file came from, and what was fetched of theirs on a day.
type Sender struct {
	Contact string `db:"id"`
	Blocked bool   `db:"blocked"`
	Day     string `db:"filesDay"` // the last one on which something was
	Files   int64  `db:"filesCount"`
	Bytes   int64  `db:"filesBytes"`
	Own     bool   `db:"own"` // sent from our own phone: there is no quota for us
}

const SenderQuery = `SELECT c.id, c.blocked, c.filesDay, c.filesCount, c.filesBytes, COALESCE(m.direction = 'out', FALSE) AS own
	FROM media d JOIN conversations v ON v.id = d.conversation JOIN contacts c ON c.id = v.contact LEFT JOIN messages m ON m.id = d.message
	WHERE d.id = {:id}`

// sender reads by the row of the file: its contact may have been merged into another one since.
func (fi *Files) sender(ctx context.Context, id string) (s Sender, err error) {
	err = fi.Store.App.ConcurrentDB().NewQuery(SenderQuery).Bind(dbx.Params{"id": id}).WithContext(ctx).One(&s)
	if err != nil && !store.IsNone(err) { // somebody deleted the conversation in the dashboard
		return s, fmt.Errorf("read who sent file %s: %w", id, err)
	}
	return s, nil
}

// day is today as the quotas count it, and when it ends: by the desk's own zone.
func (fi *Files) day(now time.Time) (name string, ends time.Time) {
	now = now.In(fi.Settings.Get().Location())
	year, month, day := now.Date()
	return now.Format(time.DateOnly), time.Date(year, month, day+1, 0, 0, 0, 0, now.Location())
}

// left is what may still be fetched of somebody's today, by itself; -1 bytes: nothing.
func (fi *Files) left(s Sender) (files, bytes int64) {
	files, bytes = math.MaxInt64, math.MaxInt64
	if today, _ := fi.day(fi.Store.Now()); s.Day != today {
		s.Files, s.Bytes = 0, 0
	}
	set := fi.Settings.Get()
	if set.FileQuotaFiles > 0 {
		files = int64(set.FileQuotaFiles) - s.Files
	}
	if set.FileQuotaMB > 0 {
		bytes = int64(set.FileQuotaMB)*megabyte - s.Bytes
	}
	if files <= 0 || bytes <= 0 {
		return 0, -1
	}
	return files, bytes
}

// Loans are the bytes that files under way may come to have. They are lent before and counted after a download, so that
// several at a time do not pass a limit that each of them keeps.
type Loans struct {
	mu sync.Mutex
	by map[string]loan // by the file's id
}

type loan struct {
	contact string // empty: no quota
	bytes   int64
}

func (l *Loans) has(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, has := l.by[id]
	return has
}

func (l *Loans) end(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.by, id)
}

// sum is what is lent in all, and to one contact. The caller holds the lock.
func (l *Loans) sum(contact string) (all, files, bytes int64) {
	for _, one := range l.by {
		all += one.bytes
		if contact != "" && one.contact == contact {
			files, bytes = files+1, bytes+one.bytes
		}
	}
	return all, files, bytes
}

// admission is what is to be done about a file that is due.
type admission struct {
	from  Sender
	most  int64  // bytes to take
	wait  string // why it is not fetched; empty: it is
	room  int64  // where it waits: larger ones wait with it
	later bool   // what is under way takes the room; look again when that is through
}

// counts tells whether a file goes on its sender's account: what a person asked for does not.
func (a admission) counts(row Download) bool {
	return !row.Wanted && !a.from.Own && a.from.Contact != ""
}

// admit lends a file what it may take, or tells why it waits. Whoever was lent something gives it back by loans.end.
func (fi *Files) admit(ctx context.Context, row Download) (admission, error) {
	fi.Loans.mu.Lock()
	defer fi.Loans.mu.Unlock()
	from, err := fi.sender(ctx, row.ID)
	if err != nil {
		return admission{}, err
	}
	a := admission{from: from, most: row.most()}
	lent := loan{}
	if a.counts(row) {
		lent.contact = from.Contact
	}
	all, lentFiles, lentBytes := fi.Loans.sum(lent.contact)
	if lent.contact != "" {
		files, bytes := fi.left(from)
		switch {
		case from.Blocked:
			a.wait, a.room = store.WaitBlocked, -1
			return a, nil
		case row.Size > bytes || bytes < 0:
			a.wait, a.room = store.WaitQuota, bytes
			return a, nil
		}
		a.most, a.later = min(a.most, bytes-lentBytes), lentFiles >= files
	}
	disk := fi.diskRoom()
	if disk <= 0 || row.Size > disk {
		a.wait, a.room = store.WaitDisk, max(disk, -1)
		return a, nil
	}
	a.most = min(a.most, disk-all)
	if a.later = a.later || a.most < max(row.Size, 1); !a.later {
		lent.bytes = a.most
		if fi.Loans.by == nil {
			fi.Loans.by = map[string]loan{}
		}
		fi.Loans.by[row.ID] = lent
	}
	return a, nil
}

// charge puts what was fetched on its sender's account of today.
func (fi *Files) charge(t *store.Tx, file string, files, bytes int64) error {
	today, _ := fi.day(t.Now)
	_, err := t.DB().NewQuery(ChargeQuery).Bind(dbx.Params{"id": file, "day": today, "files": files, "bytes": bytes}).Execute()
	if err != nil {
		return fmt.Errorf("count file %s: %w", file, err)
	}
	return nil
}

const ChargeQuery = `UPDATE contacts SET filesDay = {:day},
	filesCount = CASE WHEN filesDay = {:day} THEN filesCount ELSE 0 END + {:files},
	filesBytes = CASE WHEN filesDay = {:day} THEN filesBytes ELSE 0 END + {:bytes}
	WHERE id = (SELECT v.contact FROM media d JOIN conversations v ON v.id = d.conversation WHERE d.id = {:id})`

// KeepsWhole tells whether there is room for all that a long message of a customer says, and puts it on their account of today: a
// stranger's words fill a disk like their files. What people of the desk write is kept.
func (fi *Files) KeepsWhole(t *store.Tx, m *store.Message, bytes int) (bool, error) {
	if m.Direction != store.Inbound {
		return true, nil
	}
	if fi.MayStore(int64(bytes)) != nil {
		return false, nil
	}
	from, err := store.One[Sender](t.SQL(), "SELECT id, blocked, filesDay, filesCount, filesBytes FROM contacts WHERE id = ?", m.Contact)
	if store.IsNone(err) { // deleted in the dashboard: no account, and no reason to refuse what WhatsApp delivers
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the account of contact %s: %w", m.Contact, err)
	}
	if _, left := fi.left(*from); from.Blocked || int64(bytes) > left {
		return false, nil
	}
	today, _ := fi.day(t.Now)
	if from.Day != today {
		from.Files, from.Bytes = 0, 0
	}
	_, err = t.SQL().Exec("UPDATE contacts SET filesDay = ?, filesCount = ?, filesBytes = ? WHERE id = ?",
		today, from.Files, from.Bytes+int64(bytes), m.Contact)
	return err == nil, err
}

// until is when a file is due again that waits for a reason.
func (fi *Files) until(reason string, now time.Time) types.DateTime {
	if reason != store.WaitQuota {
		return Parked
	}
	_, ends := fi.day(now)
	return store.Stamp(ends)
}
