package whatsapp

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waWa6"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// link is a device in the store with the client that uses it. After an unlinking both are of no further use.
type link struct {
	client *whatsmeow.Client
	device *store.Device

	// fates carries the events that decide how the connection goes on from whatsmeow's goroutines to session.
	fates chan any
	// opened is the ciphertext that was opened last, see watchedBuffer; nil: taken note of.
	opened atomic.Pointer[[32]byte]
	turn   sync.Mutex    // to write to the store for messages
	buffer watchedBuffer // set once, before the first message
	// sending holds one token while whatsmeow sends a message.
	sending chan struct{}
	// up: logged in; messages may be sent.
	up atomic.Bool
	// refusing: a message could not be stored, so nothing after it on this connection may be acknowledged.
	refusing atomic.Bool
	// returning: the connection will be ended to get a message again that could not be stored.
	returning atomic.Bool
	// leaving: Logout is under way; what WhatsApp answers to it is no surprise.
	leaving atomic.Bool
	// self is set once the device is paired. whatsmeow clears its own copy, unlocked, while it unlinks.
	self     atomic.Pointer[identity]
	pushName atomic.Pointer[string]
}

// identity is the account's own two addresses, with the device number.
type identity struct{ pn, lid types.JID }

// newLink loads the named link, or prepares a new one if name is empty; nil if the store does not hold it.
func (l *Line) newLink(ctx context.Context, name string) (*link, error) {
	device, err := l.cfg.Store.device(ctx, name)
	if err != nil || device == nil {
		return nil, err
	}
	client := whatsmeow.NewClient(device, quietLog{l.log})
	k := &link{client: client, device: device, fates: make(chan any, 64), sending: make(chan struct{}, 1)}
	attach(client)
	k.learn(device.GetJID(), device.GetLID())
	k.rename(device.PushName)

	client.EnableAutoReconnect = false      // live does it: with a limit, a state to show, and for a new link as well
	client.DisableLoginAutoReconnect = true // the same after pairing: whatsmeow would try once only
	client.SynchronousAck = false           // true stalls the line for 75 s behind a message that cannot be decrypted
	client.EnableDecryptedEventBuffer = true
	client.UseRetryMessageStore = true
	client.ManualHistorySyncDownload = true
	client.AutomaticMessageRerequestFromPhone = true // after 5 s, for what the sender's phone does not send again
	client.QRClientType = whatsmeow.PairClientOtherWebClient
	client.SetForceActiveDeliveryReceipts(true) // two ticks for the customer although the desk is not "online"
	client.GetClientPayload = func() *waWa6.ClientPayload {
		l.mu.Lock()
		called := l.called
		l.mu.Unlock()
		return payload(device, called, version.current())
	}
	client.AddEventHandlerWithSuccessStatus(func(event any) bool { return l.handle(k, event) })
	return k, nil
}

// learn keeps the account's addresses; an empty number is no news.
func (k *link) learn(pn, lid types.JID) {
	if !pn.IsEmpty() {
		k.self.Store(&identity{pn: pn, lid: lid})
	}
}

// rename keeps the account's own push name; an empty one is no news.
func (k *link) rename(name string) {
	if name != "" {
		k.pushName.Store(&name)
	}
}

// own gives the account's addresses; empty ones before the link is made.
func (k *link) own() identity {
	if self := k.self.Load(); self != nil {
		return *self
	}
	return identity{}
}

// name is the account's own push name; empty while not known.
func (k *link) name() string {
	if name := k.pushName.Load(); name != nil {
		return *name
	}
	return ""
}

// decide hands an event to session. It never waits: whatsmeow's goroutines must not hang on a session that ended.
func (k *link) decide(event any) {
	select {
	case k.fates <- event:
	default:
	}
}

// forget drops events of an earlier connection, and returns the one that ended the link if it is among them.
func (k *link) forget() (gone *events.LoggedOut) {
	for {
		select {
		case event := <-k.fates:
			if out, ok := event.(*events.LoggedOut); ok {
				gone = out
			}
		default:
			return gone
		}
	}
}

// adopt takes note of a link that was just made, once.
func (l *Line) adopt(k *link) {
	self := k.own()
	if self.pn.IsEmpty() {
		return
	}
	name := self.pn.String()
	l.mu.Lock()
	known := l.device == name
	l.device = name
	l.mu.Unlock()
	if !known && l.cfg.Handler.Linked != nil {
		l.tell("linked", func() { l.cfg.Handler.Linked(name) })
	}
}

// unlink forgets the link, tells so and shows why.
func (l *Line) unlink(s Status) {
	l.mu.Lock()
	was := l.device
	l.device = ""
	l.lock.stop()
	l.lock = timelock{}
	l.ban = Status{} // it is the number's
	l.mu.Unlock()
	if was != "" && l.cfg.Handler.Linked != nil {
		l.tell("linked", func() { l.cfg.Handler.Linked("") })
	}
	l.set(s)
}

// use gives the link and a context that ends with ctx or with the line, for something that takes time; done must be called.
// It fails with ErrOffline while the line cannot send.
func (l *Line) use(ctx context.Context) (k *link, merged context.Context, done func(), err error) {
	l.mu.Lock()
	r, k := l.run, l.link
	l.mu.Unlock()
	if r == nil || k == nil || !k.up.Load() || !r.gate.enter() {
		return nil, nil, nil, ErrOffline
	}
	merged, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(r.ctx, cancel)
	return k, merged, func() { stop(); cancel(); r.gate.leave() }, nil
}

// String names the link in logs without saying whose it is.
func (k *link) String() string { return fmt.Sprintf("device %d", k.own().pn.Device) }
