package whatsapp

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// In a chat whose messages disappear every message says how long it stays, and since when that is agreed. WhatsApp keeps that
// nowhere: each side remembers what the other said last. A message that says nothing stays for ever, under a warning.

// timer is how long what is said in a chat stays.
type timer struct {
	seconds uint32 // 0: for ever
	set     int64  // when it was set, in Unix seconds; 0: not said
}

// longest is more than WhatsApp offers (90 days).
const longest = 400 * 24 * 60 * 60

// timerTable keeps the timers of chats.
const timerTable = `CREATE TABLE IF NOT EXISTS mostrador_timer (
	device TEXT NOT NULL, chat TEXT NOT NULL, seconds INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (device, chat)
) WITHOUT ROWID`

// timerIn is what a message says about the chat's timer; false: nothing.
func timerIn(p *waE2E.Message, at time.Time) (timer, bool) {
	p = unwrap(p)
	switch change := p.GetProtocolMessage(); change.GetType() {
	case waE2E.ProtocolMessage_EPHEMERAL_SETTING, waE2E.ProtocolMessage_EPHEMERAL_SYNC_RESPONSE:
		t := timer{change.GetEphemeralExpiration(), change.GetEphemeralSettingTimestamp()}
		if t.set == 0 {
			t.set = at.Unix()
		}
		return t, t.seconds <= longest
	}
	_, info := seen(p)
	if info.GetExpiration() == 0 && info.GetEphemeralSettingTimestamp() == 0 || info.GetExpiration() > longest {
		return timer{}, false
	}
	return timer{info.GetExpiration(), info.GetEphemeralSettingTimestamp()}, true
}

// learnTimer keeps what a message says about the chat's timer. Whoever wrote it: both sides may set it.
func (l *Line) learnTimer(ctx context.Context, k *link, chat Address, p *waE2E.Message, at time.Time) {
	t, said := timerIn(p, at)
	if !said {
		return
	}
	t.set = min(t.set, l.now().Add(future).Unix()) // nobody may set it for good
	if err := l.cfg.Store.putTimer(ctx, k.own().pn.String(), chat, t); err != nil {
		l.log.Error("remember how long messages stay", "error", err)
	}
}

// learnTimers keeps the timers of the chats that a phone tells of to a new device.
func (l *Line) learnTimers(ctx context.Context, k *link, history *waHistorySync.HistorySync) {
	for _, c := range history.GetConversations() {
		jid, err := types.ParseJID(c.GetID())
		if err != nil || c.GetEphemeralExpiration() == 0 || c.GetEphemeralExpiration() > longest {
			continue
		}
		chat, ok := l.chat(ctx, k, jid, types.EmptyJID)
		if !ok {
			continue
		}
		if err := l.cfg.Store.putTimer(ctx, k.own().pn.String(), chat, timer{c.GetEphemeralExpiration(), c.GetEphemeralSettingTimestamp()}); err != nil {
			l.log.Error("remember how long messages stay", "error", err)
			return
		}
	}
}

// putTimer keeps a chat's timer under each of its addresses, unless a later setting is known. A word without a time counts, and
// gives way to every word with one.
func (s *Store) putTimer(ctx context.Context, device string, chat Address, t timer) error {
	for _, name := range chat.names() {
		_, err := s.db.ExecContext(ctx, `INSERT INTO mostrador_timer (device, chat, seconds, at) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT (device, chat) DO UPDATE SET seconds = excluded.seconds, at = max(at, excluded.at)
			WHERE (excluded.at = 0 OR excluded.at >= at) AND (seconds, at) != (excluded.seconds, excluded.at)`, device, name, t.seconds, t.set)
		if err != nil {
			return fmt.Errorf("store the timer of a chat: %w", err)
		}
	}
	return nil
}

// timer gives a chat's timer; zero where none is known.
func (s *Store) timer(ctx context.Context, device string, chat Address) (t timer, err error) {
	for _, name := range chat.names() {
		err = s.db.QueryRowContext(ctx, `SELECT seconds, at FROM mostrador_timer WHERE device = ? AND chat = ?`, device, name).Scan(&t.seconds, &t.set)
		if !errors.Is(err, sql.ErrNoRows) {
			break
		}
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return timer{}, fmt.Errorf("load the timer of a chat: %w", err)
	}
	return t, nil
}

// names are the addresses of a chat as they are written in the store, the lasting one first.
func (a Address) names() (names []string) {
	pn, lid := a.jids()
	for _, jid := range []types.JID{lid, pn} {
		if !jid.IsEmpty() {
			names = append(names, jid.String())
		}
	}
	return names
}

// mark puts the timer into what goes along with a message.
func (t timer) mark(info *waE2E.ContextInfo) *waE2E.ContextInfo {
	if t.seconds == 0 {
		return info
	}
	if info == nil {
		info = &waE2E.ContextInfo{}
	}
	info.Expiration = proto.Uint32(t.seconds)
	if t.set != 0 {
		info.EphemeralSettingTimestamp = proto.Int64(t.set)
	}
	return info
}
