package whatsapp

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow/types"
)

// typingLasts is how long the desk stays online for somebody who writes and says no more. Phones let go of it in that time, too.
const typingLasts = 30 * time.Second

// Typing shows the customer that somebody writes or records, or (on false) does no longer. To be repeated every few seconds
// while it goes on.
//
// WhatsApp shows it only of who is online, so the desk is that while somebody writes, and not a moment longer: while it is, the
// owner's phone may stay silent for new messages. Until the account's own push name is known it cannot be.
func (l *Line) Typing(ctx context.Context, chat Address, recording, on bool) error {
	state, medium := types.ChatPresencePaused, types.ChatPresenceMediaText
	if on {
		state = types.ChatPresenceComposing
	}
	if recording {
		medium = types.ChatPresenceMediaAudio
	}
	return l.short(ctx, "show typing", func(ctx context.Context, k *link) error {
		if on && l.writes(chat, true) {
			l.announce(k)
		}
		err := k.client.SendChatPresence(ctx, chat.jid(), state, medium)
		if !on && l.writes(chat, false) {
			l.announce(k)
		}
		return err
	})
}

// writes takes note of a chat in which somebody begins or ends to write; changed: the desk is online or offline from now on.
func (l *Line) writes(chat Address, on bool) (changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := len(l.writing) > 0
	if !on {
		delete(l.writing, chat)
		return before && len(l.writing) == 0
	}
	l.writing[chat] = true
	if l.silence == nil {
		l.silence = time.AfterFunc(typingLasts, l.fallSilent)
	}
	l.silence.Reset(typingLasts)
	return !before
}

// fallSilent ends what nobody said to be at an end, a browser that vanished say.
func (l *Line) fallSilent() {
	l.mu.Lock()
	clear(l.writing)
	l.mu.Unlock()
	if k := l.current(); k != nil && k.up.Load() {
		l.announce(k)
	}
}

// announce tells WhatsApp whether the desk is online. WhatsApp takes it only with the account's push name, which may come
// later than the login.
func (l *Line) announce(k *link) {
	if k.name() == "" {
		return
	}
	l.presence.Lock() // the last word is the true one
	defer l.presence.Unlock()
	l.mu.Lock()
	r, state := l.run, types.PresenceUnavailable
	if len(l.writing) > 0 {
		state = types.PresenceAvailable
	}
	l.mu.Unlock()
	if r == nil || !r.gate.enter() {
		return
	}
	defer r.gate.leave()
	ctx, cancel := context.WithTimeout(r.ctx, sendTimeout)
	defer cancel()
	if err := k.client.SendPresence(ctx, state); err != nil {
		l.log.Warn("tell WhatsApp whether we are online", "error", anonymous(err.Error()))
	}
}
