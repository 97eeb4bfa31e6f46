package whatsapp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types/events"
)

// onMessage stores a message; true: it may be acknowledged.
func (l *Line) onMessage(ctx context.Context, k *link, event *events.Message) bool {
	if event.Info.IsFromMe {
		if news := event.Message.GetProtocolMessage().GetHistorySyncNotification(); news != nil {
			go l.onHistory(k, news)
			return true
		}
	}
	alt := event.Info.SenderAlt
	if event.Info.IsFromMe {
		alt = event.Info.RecipientAlt
	}
	chat, ok := l.chat(ctx, k, event.Info.Chat, alt)
	if !ok || event.Info.Category == "peer" {
		return true // not for people, but WhatsApp wants its receipt
	}
	m, ok := l.content(ctx, k, event, chat)
	if !ok {
		return true
	}
	m.ID, m.Chat, m.FromMe = known(event.Info.ID), chat, event.Info.IsFromMe
	m.At = sane(event.Info.Timestamp, l.now())
	if !m.FromMe {
		m.Name = called(event.Info.PushName)
	}
	if m.Kind == Poll {
		l.keepPoll(ctx, k, m.own(), m.Poll)
	}
	if l.cfg.Handler.Accept != nil {
		return l.accept(ctx, k, event, m)
	}
	return l.deliver(k, m)
}

// content reads what a message says; false: nothing that concerns people. Whatever goes wrong in here is the message's own
// fault and would go wrong again: it is stored as Unsupported then, so that it cannot hold up the line.
func (l *Line) content(ctx context.Context, k *link, event *events.Message, chat Address) (m Message, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("a message could not be read", "message", event.Info.ID, "panic", anonymous(fmt.Sprint(p)))
			m, ok = Message{Kind: Unsupported, What: "unreadable"}, true
		}
	}()
	l.learnTimer(ctx, k, chat, event.Message, event.Info.Timestamp)
	self := k.own()
	read := reader{ownPN: self.pn.User, ownLID: self.lid.User}
	proto := event.Message
	switch {
	case proto.GetPollUpdateMessage() != nil:
		return l.vote(ctx, k, event, chat)
	case proto.GetSecretEncryptedMessage() != nil:
		plain, err := k.client.DecryptSecretEncryptedMessage(ctx, event)
		if err != nil {
			l.log.Warn("open a change of a message", "message", event.Info.ID, "error", anonymous(err.Error()))
			return Message{Kind: Unsupported, What: "secretEncryptedMessage"}, true
		}
		proto = plain
	}
	m, ok = read.message(proto)
	return l.seenOnce(m, event.IsViewOnce), ok
}

// seenOnce leaves only the place of what WhatsApp shows one time, as where WhatsApp itself keeps it from linked devices.
func (l *Line) seenOnce(m Message, envelope bool) Message {
	switch m.Kind {
	case "", Reaction, Edit, Revoke:
		m.ViewOnce = false
		return m
	}
	m.ViewOnce = m.ViewOnce || envelope // which whatsmeow has taken off
	if m.ViewOnce && (l.cfg.KeepViewOnce == nil || !l.cfg.KeepViewOnce()) {
		return Message{Kind: Undecryptable, What: WhatViewOnce}
	}
	return m
}

// vote opens a vote on a poll. The options are named by hash; the poll's own words come from the store.
func (l *Line) vote(ctx context.Context, k *link, event *events.Message, chat Address) (Message, bool) {
	key := event.Message.GetPollUpdateMessage().GetPollCreationMessageKey()
	m := Message{Kind: Vote, Target: known(key.GetID())}
	ballot, err := k.client.DecryptPollVote(ctx, event)
	if err != nil {
		l.log.Warn("open a vote", "message", event.Info.ID, "error", anonymous(err.Error()))
		return Message{Kind: Unsupported, What: "pollUpdateMessage", Target: m.Target}, true
	}
	// The voter says whether the poll is the voter's own.
	poll := of{chat, key.GetFromMe() == event.Info.IsFromMe, m.Target}
	options, err := l.cfg.Store.poll(ctx, k.own().pn.String(), poll)
	if err != nil {
		l.log.Error("look up a poll", "message", event.Info.ID, "error", err)
	}
	m.Votes = chosen(ballot, options)
	return m, true
}

// chosen names the options of a ballot. One that is not among the options keeps its hash, as VoteHash gives it.
func chosen(ballot *waE2E.PollVoteMessage, options []string) []string {
	names := map[string]string{}
	for _, option := range options {
		names[VoteHash(option)] = option
	}
	votes := []string{}
	for _, hash := range ballot.GetSelectedOptions() {
		if len(hash) != sha256.Size || len(votes) == maxOptions {
			continue // no option's
		}
		vote := hex.EncodeToString(hash)
		if name, ok := names[vote]; ok {
			vote = name
		}
		votes = append(votes, vote)
	}
	return votes
}

// VoteHash gives the name under which a vote for a poll's option travels: SHA-256 in hex digits. Message.Votes holds it in
// place of the option's text where the line does not know the poll (made before the link was).
func VoteHash(option string) string {
	sum := sha256.Sum256([]byte(option))
	return hex.EncodeToString(sum[:])
}

// keepPoll remembers a poll's options for the votes to come. Without them votes still arrive, as hashes.
func (l *Line) keepPoll(ctx context.Context, k *link, m of, poll *PollQuestion) {
	if err := l.cfg.Store.putPoll(ctx, k.own().pn.String(), m, poll.Options, l.now()); err != nil {
		l.log.Error("remember a poll", "message", m.id, "error", err)
	}
}

// maxPanics is how often storing one message may panic before its content is left out.
const maxPanics = 2

// deliver gives a message to the desk and waits until it is stored; true: it is safe.
func (l *Line) deliver(k *link, m Message) bool {
	if l.cfg.Handler.Accept != nil {
		outcome := make(chan error, 1)
		l.hand(k, m, func(err error) { outcome <- err })
		return <-outcome == nil
	}
	l.calls.Lock()
	defer l.calls.Unlock()
	if k.refusing.Load() {
		return false
	}
	var err error
	if l.guard("message", func() { err = l.cfg.Handler.Message(l.bearable(m)) }) {
		err = errPanicked
	}
	l.stored(k, m, err)
	return err == nil
}

// onUndecryptable stores that something came which cannot be read. whatsmeow has asked for it again by then.
func (l *Line) onUndecryptable(ctx context.Context, k *link, event *events.UndecryptableMessage) {
	alt := event.Info.SenderAlt
	if event.Info.IsFromMe {
		alt = event.Info.RecipientAlt
	}
	chat, ok := l.chat(ctx, k, event.Info.Chat, alt)
	if !ok || event.Info.Category == "peer" || event.DecryptFailMode == events.DecryptFailHide {
		return
	}
	m := Message{ID: known(event.Info.ID), Chat: chat, FromMe: event.Info.IsFromMe, Kind: Undecryptable, What: WhatRetry}
	switch {
	case event.UnavailableType == events.UnavailableTypeViewOnce:
		m.What = WhatViewOnce
	case event.IsUnavailable:
		m.What = WhatUnavailable
	}
	m.At = sane(event.Info.Timestamp, l.now())
	if !m.FromMe {
		m.Name = called(event.Info.PushName)
	}
	l.deliver(k, m)
}

// onHistory reads the history that a phone sends to a new device, for the pairs of number and LID and the names in it,
// which whatsmeow keeps, and for how long messages stay in its chats. The messages in it are not delivered: a desk begins with what is new.
func (l *Line) onHistory(k *link, news *waE2E.HistorySyncNotification) {
	l.mu.Lock()
	r := l.run
	l.mu.Unlock()
	if r == nil || !r.gate.enter() {
		return
	}
	defer r.gate.leave()
	ctx, cancel := context.WithTimeout(withLimit(r.ctx, maxHistory), mediaTimeout)
	defer cancel()
	history, err := k.client.DownloadHistorySync(ctx, news, true)
	if err != nil {
		l.log.Warn("read the history of the phone", "error", anonymous(err.Error()))
		return
	}
	l.learnTimers(ctx, k, history)
}
