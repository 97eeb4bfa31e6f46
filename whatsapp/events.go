package whatsapp

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// handle takes every event of whatsmeow. For a message false means "not handled": whatsmeow then keeps its plaintext and
// sends no receipt, so WhatsApp delivers it again on the next connection. For other events the answer does not matter.
//
// whatsmeow recovers a panic in here and counts it as success, which would lose the message: deliver recovers first.
func (l *Line) handle(k *link, event any) (handled bool) {
	l.mu.Lock()
	r, current := l.run, l.link
	l.mu.Unlock()
	if r == nil || k != current || !r.gate.enter() {
		return false
	}
	defer r.gate.leave()
	defer func() {
		if p := recover(); p != nil {
			handled = false
			l.log.Error("an event could not be handled", "event", fmt.Sprintf("%T", event), "panic", anonymous(fmt.Sprint(p)))
		}
	}()
	switch event := event.(type) {
	case *events.Message:
		return l.onMessage(r.ctx, k, event)
	case *events.UndecryptableMessage:
		l.onUndecryptable(r.ctx, k, event)
	case *events.CallOffer:
		l.onCall(r.ctx, k, event)
	case *events.Receipt:
		l.onReceipt(r.ctx, k, event)
	case *events.MediaRetry:
		l.onMediaRetry(r.ctx, k, event)
	case *events.NotifyAccountReachoutTimelock:
		l.onTimelock(event)
	default:
		l.onPeople(r.ctx, k, event)
		l.onConnection(k, event)
	}
	return true
}

// onConnection hands over what decides about the connection.
func (l *Line) onConnection(k *link, event any) {
	switch event := event.(type) {
	case *events.PairSuccess:
		k.learn(event.ID, event.LID)
		l.adopt(k) // here, not in session: the order of this event and the next one is not certain
	case *events.Connected:
		k.learn(k.device.GetJID(), k.device.GetLID())
	case *events.PushNameSetting:
		l.named(k, event.Action.GetName())
		return
	case *events.AppStateSyncComplete: // a full sync tells of no single settings
		l.named(k, k.device.PushName)
		return
	case *events.QR, *events.PairError, *events.PairPasskeyRequest, *events.PairPasskeyError, *events.PairPasskeyConfirmation,
		*events.QRScannedWithoutMultidevice, *events.ManualLoginReconnect, *events.Disconnected, *events.KeepAliveTimeout,
		*events.StreamError, *events.LoggedOut, *events.StreamReplaced, *events.ClientOutdated, *events.TemporaryBan,
		*events.ConnectFailure:
	default:
		return
	}
	k.decide(event)
}

// onPeople passes on what customers do and are called.
func (l *Line) onPeople(ctx context.Context, k *link, event any) {
	h := l.cfg.Handler
	switch event := event.(type) {
	case *events.ChatPresence:
		if chat, ok := l.chat(ctx, k, event.Chat, event.SenderAlt); ok && !event.IsFromMe && h.Activity != nil {
			state := string(event.State)
			if event.State == types.ChatPresenceComposing && event.Media == types.ChatPresenceMediaAudio {
				state = "recording"
			}
			l.tell("activity", func() { h.Activity(Activity{Chat: chat, State: state}) })
		}
	case *events.Presence:
		if chat, ok := l.chat(ctx, k, event.From, types.EmptyJID); ok && h.Activity != nil {
			a := Activity{Chat: chat, State: "online", Seen: event.LastSeen}
			if event.Unavailable {
				a.State = "offline"
			}
			l.tell("activity", func() { h.Activity(a) })
		}
	case *events.PushName:
		if chat, ok := l.chat(ctx, k, event.JID, event.JIDAlt); ok && h.Name != nil {
			l.tell("name", func() { h.Name(chat, called(event.NewPushName)) })
		}
	}
}

// onReceipt passes on how far messages got. whatsmeow's other types are between this account's own devices.
func (l *Line) onReceipt(ctx context.Context, k *link, event *events.Receipt) {
	r := Receipt{IDs: event.MessageIDs, At: sane(event.Timestamp, l.now()), ByOwner: event.IsFromMe}
	switch event.Type {
	case types.ReceiptTypeDelivered:
		r.State = Delivered
	case types.ReceiptTypeRead, types.ReceiptTypeReadSelf:
		r.State = Read
	case types.ReceiptTypePlayed, types.ReceiptTypePlayedSelf:
		r.State = Played
	default:
		return
	}
	alt := event.SenderAlt
	if event.IsFromMe {
		alt = event.RecipientAlt
	}
	chat, ok := l.chat(ctx, k, event.Chat, alt)
	if !ok || l.cfg.Handler.Receipt == nil || (r.ByOwner && r.State == Delivered) {
		return
	}
	r.Chat = chat
	l.tell("receipt", func() { l.cfg.Handler.Receipt(r) })
}

// onCall stores a call as a message that says it was missed: a linked device cannot answer.
func (l *Line) onCall(ctx context.Context, k *link, event *events.CallOffer) {
	// Who calls is who WhatsApp says it is. The call's own creator is written by the calling program, and counts only as the
	// other address of the same person.
	alt := types.EmptyJID
	if plain(event.CallCreator) == plain(event.From) {
		alt = event.CallCreatorAlt
	}
	chat, ok := l.chat(ctx, k, event.From, alt)
	if !ok || event.CallID == "" || !event.GroupJID.IsEmpty() {
		return
	}
	m := Message{ID: known(event.CallID), Chat: chat, At: sane(event.Timestamp, l.now()), Kind: Call, What: "audio"}
	if event.Data != nil && event.Data.GetChildByTag("video").Tag == "video" {
		m.What = "video"
	}
	if !l.deliver(k, m) {
		l.log.Warn("a missed call could not be stored", "message", m.ID)
	}
}

// named takes note of the account's own push name.
func (l *Line) named(k *link, name string) {
	if name == "" || name == k.name() {
		return
	}
	k.rename(name)
	if k.up.Load() {
		l.set(l.upStatus())
		go l.announce(k)
	}
}

// future is how far ahead of our clock a time of WhatsApp may be.
const future = 5 * time.Minute

// sane replaces a time that cannot be true, because a clock is wrong or somebody lies, by now.
func sane(at, now time.Time) time.Time {
	if at.Unix() <= 0 || at.After(now.Add(future)) || at.Year() < 2009 { // WhatsApp is from 2009
		return now.Truncate(time.Second)
	}
	return at
}

// onMediaRetry takes the answer of the sender's phone to RequestAgain.
func (l *Line) onMediaRetry(ctx context.Context, k *link, event *events.MediaRetry) {
	chat, ok := l.chat(ctx, k, event.ChatID, types.EmptyJID)
	if !ok {
		return
	}
	m, ok := l.answers(of{chat, event.FromMe, known(event.MessageID)})
	if !ok || l.cfg.Handler.Again == nil {
		return
	}
	fresh, err := m.answered(event)
	if err != nil {
		l.log.Info("media was asked for again in vain", "message", m.ID, "error", anonymous(err.Error()))
		err = ErrGone
	} else {
		m.Ref = fresh
	}
	l.tell("again", func() { l.cfg.Handler.Again(m, err) })
}

// answers takes the request that an answer is about. Who was asked under one address may answer under the other.
func (l *Line) answers(answered of) (m MediaRequest, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for asked, m := range l.asked {
		if asked.id == answered.id && asked.fromMe == answered.fromMe && asked.chat.is(answered.chat) {
			delete(l.asked, asked)
			return m, true
		}
	}
	return m, false
}
