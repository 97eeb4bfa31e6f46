package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// whatsmeow decrypts a message, waits for the handler's answer, sends the receipt and only then takes the next message. A
// desk that commits to disk before it answers makes the line wait for the disk once per message. With Handler.Accept the
// line does not wait: it answers "not handled", upon which whatsmeow keeps the plaintext and sends no receipt, exactly as
// after a failure, and goes on. When the desk says that the message is safe, the line does what whatsmeow does after a
// success (message.go, decryptMessages): clear the kept plaintext, send the receipt.
//
// Nothing can be lost by it. A crash before the commit: no receipt, the plaintext is kept, WhatsApp delivers again and
// whatsmeow finds the plaintext. After the commit, before the receipt: delivered again, known by its ID.

// maxUnderway is how many messages may wait for the desk at once; whatsmeow's own queue orders 2,048.
const maxUnderway = 256

// watchedBuffer notes which ciphertext was opened last. Ciphertexts are opened one after the other, on the goroutine that
// calls the handler next. Its turn is held by the transactions of both sides: SQLite makes the second of two writers sleep,
// which costs more than waiting for a mutex.
type watchedBuffer struct {
	store.EventBuffer
	last *atomic.Pointer[[32]byte]
	turn *sync.Mutex
}

func (b watchedBuffer) DoDecryptionTxn(ctx context.Context, do func(context.Context) error) error {
	b.turn.Lock()
	defer b.turn.Unlock()
	return b.EventBuffer.DoDecryptionTxn(ctx, do)
}

func (b watchedBuffer) GetBufferedEvent(ctx context.Context, hash [32]byte) (*store.BufferedEvent, error) {
	b.last.Store(&hash)
	return b.EventBuffer.GetBufferedEvent(ctx, hash)
}

// watchBuffer begins to note ciphertexts. A new device gets its stores while it pairs, so session calls this every time,
// before it connects.
func (k *link) watchBuffer() {
	if k.device.EventBuffer == nil || k.buffer.EventBuffer != nil {
		return
	}
	k.buffer = watchedBuffer{EventBuffer: k.device.EventBuffer, last: &k.opened, turn: &k.turn}
	k.device.EventBuffer = k.buffer
}

// ack is a message that is safe and not yet acknowledged.
type ack struct {
	link *link
	info types.MessageInfo
	hash [32]byte
}

// accept hands a message to the desk without waiting. What it answers is for whatsmeow: mostly false, see above.
func (l *Line) accept(ctx context.Context, k *link, event *events.Message, m Message) bool {
	hash := k.opened.Swap(nil)
	if hash == nil || event.UnavailableRequestID != "" || event.Info.Sender.Device == hostedDevice {
		// It did not come in a ciphertext of its own, or its stanza named an address that whatsmeow rewrote.
		return l.deliver(k, m)
	}
	l.mu.Lock()
	r := l.run
	l.mu.Unlock()
	if r == nil || !r.gate.enter() {
		return false
	}
	select {
	case r.underway <- struct{}{}:
	case <-ctx.Done():
		r.gate.leave()
		return false
	}
	var once sync.Once
	l.hand(k, m, func(err error) {
		once.Do(func() {
			if err == nil {
				r.acks <- ack{link: k, info: event.Info, hash: *hash} // has room for all that are under way
				return
			}
			<-r.underway
			r.gate.leave()
		})
	})
	return false
}

// hostedDevice is the device number of businesses whose WhatsApp runs at Meta.
const hostedDevice = 99

// acknowledge confirms what is safe, as much as there is at a time, until the run's last message is confirmed.
func (l *Line) acknowledge(r *run) {
	cleaned := time.Time{}
	for first := range r.acks {
		safe := []ack{first}
		for len(safe) < maxUnderway && len(r.acks) > 0 {
			safe = append(safe, <-r.acks)
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), sendTimeout)
		buffer := first.link.buffer // of the one link that a run with messages has
		if err := forget(ctx, buffer, safe); err != nil {
			l.log.Warn("forget the plaintext of stored messages", "error", anonymous(err.Error()))
		}
		if time.Since(cleaned) > bufferCleaning {
			cleaned = time.Now()
			if err := buffer.DeleteOldBufferedHashes(ctx); err != nil {
				l.log.Warn("forget old messages", "error", anonymous(err.Error()))
			}
		}
		for _, a := range safe {
			a.receipt(ctx)
			<-r.underway
			r.gate.leave()
		}
		cancel()
	}
}

// forget clears the kept plaintext of messages that are safe, in one transaction.
func forget(ctx context.Context, buffer store.EventBuffer, safe []ack) error {
	return buffer.DoDecryptionTxn(ctx, func(ctx context.Context) error {
		for _, a := range safe {
			if err := buffer.ClearBufferedEventPlaintext(ctx, a.hash); err != nil {
				return err
			}
		}
		return nil
	})
}

// receipt tells WhatsApp that the message arrived. Without a connection nothing is lost: it is delivered again and told then.
func (a ack) receipt(ctx context.Context) {
	if !a.link.client.IsConnected() {
		return
	}
	stanza := waBinary.Node{Tag: "message", Attrs: waBinary.Attrs{"id": a.info.ID, "from": a.info.Sender}}
	if a.info.IsFromMe {
		stanza.Attrs["recipient"] = a.info.Chat
	}
	//lint:ignore SA1019 the only way to confirm a message later than whatsmeow would; the version of whatsmeow is pinned
	a.link.client.DangerousInternals().SendMessageReceipt(ctx, &a.info, &stanza)
}

// bufferCleaning is how often hashes older than WhatsApp's own memory are deleted; whatsmeow does it after successes only.
const bufferCleaning = 12 * time.Hour

// hand gives a message to Handler.Accept and takes note of how that went; then is called once, with the outcome.
func (l *Line) hand(k *link, m Message, then func(error)) {
	l.calls.Lock()
	defer l.calls.Unlock()
	if k.refusing.Load() {
		then(errRefusing)
		return
	}
	panicked := l.guard("message", func() {
		l.cfg.Handler.Accept(l.bearable(m), func(err error) {
			l.stored(k, m, err)
			then(err)
		})
	})
	if panicked {
		l.stored(k, m, errPanicked)
		then(errPanicked)
	}
}

var (
	errPanicked = errors.New("the handler panicked")
	errRefusing = errors.New("an earlier message is not stored yet")
)

// bearable leaves out the content of a message that the desk's code panicked over again and again.
func (l *Line) bearable(m Message) Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.panics[m.own()] < maxPanics {
		return m
	}
	return Message{ID: m.ID, Chat: m.Chat, FromMe: m.FromMe, At: m.At, Kind: Unsupported, What: "unreadable"}
}

// A message that fails again and again, while the disk is in order, must not hold up a desk for ever: after maxFailures the
// others pass it. It stays with WhatsApp and is asked for again every failurePause.
const (
	maxFailures  = 5
	failurePause = 10 * time.Minute
)

// returnLater ends the connection after failurePause, so that WhatsApp delivers again what it keeps.
func (k *link) returnLater() {
	if k.returning.Swap(true) {
		return
	}
	time.AfterFunc(failurePause, func() {
		k.returning.Store(false)
		k.decide(notStored{})
	})
}

// stored takes note of how storing a message went. After a failure the connection ends, so that WhatsApp keeps what comes.
func (l *Line) stored(k *link, m Message, err error) {
	id := m.own()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		delete(l.panics, id)
		delete(l.failures, id)
		l.unstored = 0
		return
	}
	if errors.Is(err, errPanicked) {
		if l.panics[id]++; l.panics[id] > maxPanics {
			return // it stays with WhatsApp; the others go on
		}
	}
	l.log.Error("a message could not be stored, WhatsApp keeps it", "message", m.ID, "error", anonymous(fmt.Sprint(err)))
	if len(l.failures) > maxUnderway {
		clear(l.failures)
	}
	if l.failures[id]++; l.failures[id] > maxFailures {
		k.returnLater()
		return
	}
	if !k.refusing.Swap(true) {
		l.unstored++
		k.decide(notStored{pause(l.unstored)})
	}
}
