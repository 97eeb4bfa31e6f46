package wasim

import (
	"bytes"
	"compress/zlib"
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/proto/waWeb"
	wastore "go.mau.fi/whatsmeow/store"
	"google.golang.org/protobuf/proto"
)

// greet is what a phone does right after a device was linked: app-state keys, then the history. Clients hold their events
// back until the history says that it is complete. s.mu is held.
func (p *Phone) greet(d *Companion) {
	p.shareKeys(d)
	for _, kind := range []waHistorySync.HistorySync_HistorySyncType{
		waHistorySync.HistorySync_INITIAL_BOOTSTRAP, waHistorySync.HistorySync_PUSH_NAME, waHistorySync.HistorySync_RECENT} {
		h := &waHistorySync.HistorySync{SyncType: kind.Enum(), Progress: proto.Uint32(100), ChunkOrder: proto.Uint32(0)}
		switch kind {
		case waHistorySync.HistorySync_INITIAL_BOOTSTRAP:
			h.Conversations = p.history()
		case waHistorySync.HistorySync_PUSH_NAME:
			h.Pushnames = p.pushNames()
		case waHistorySync.HistorySync_RECENT:
			h.ChunkOrder = proto.Uint32(1)
		}
		p.sendHistory(d, h)
	}
}

// peer sends a message from the phone to its own linked device. s.mu is held.
func (p *Phone) peer(d *Companion, m *waE2E.ProtocolMessage) {
	id, sent := p.newID(), &sentMessage{peer: true, body: &waE2E.Message{ProtocolMessage: m}}
	p.remember(id, sent)
	n, err := p.stanza(d, id, sent)
	if err != nil {
		p.srv.log.note(p.srv.now(), "peer message: "+err.Error())
		return
	}
	d.deliver(n)
}

// historyChats and historyMessages bound the history that a newly linked device gets.
const (
	historyChats    = 200
	historyMessages = 50
)

// history makes the newest messages of each chat as a phone hands them to a newly linked device. s.mu is held.
func (p *Phone) history() []*waHistorySync.Conversation {
	byChat := map[*Phone][]Entry{}
	var order []*Phone
	for i := len(p.chat.entries) - 1; i >= 0; i-- {
		e := p.chat.entries[i]
		digits, _ := Number(e.With)
		with := p.srv.byNumber(digits)
		if with == nil || e.Kind != "text" || len(byChat[with]) >= historyMessages {
			continue
		}
		if byChat[with] == nil {
			if len(order) >= historyChats {
				continue
			}
			order = append(order, with)
		}
		byChat[with] = append(byChat[with], e)
	}
	var out []*waHistorySync.Conversation
	for _, with := range order {
		chat := with.from(nil).String()
		c := &waHistorySync.Conversation{ID: &chat, Name: &with.name, ConversationTimestamp: proto.Uint64(uint64(byChat[with][0].At.Unix()))}
		if with.address == LID {
			c.PnJID, c.LidJID = proto.String(with.pn.String()), proto.String(with.lid.String())
		}
		for i, e := range byChat[with] { // newest first
			if c.EphemeralExpiration == nil && e.Stays > 0 {
				c.EphemeralExpiration, c.EphemeralSettingTimestamp = proto.Uint32(uint32(e.Stays)), proto.Int64(e.At.Unix())
			}
			c.Messages = append(c.Messages, &waHistorySync.HistorySyncMsg{MsgOrderID: proto.Uint64(uint64(historyMessages - i)), Message: &waWeb.WebMessageInfo{
				Key:              &waCommon.MessageKey{RemoteJID: &chat, FromMe: proto.Bool(e.FromMe), ID: proto.String(e.ID)},
				Message:          &waE2E.Message{Conversation: proto.String(e.Text)},
				MessageTimestamp: proto.Uint64(uint64(e.At.Unix())), PushName: &with.name,
			}})
		}
		out = append(out, c)
	}
	return out
}

func (p *Phone) pushNames() []*waHistorySync.Pushname {
	var known []*Phone
	for with := range p.partners {
		known = append(known, with)
	}
	sortPhones(known)
	var out []*waHistorySync.Pushname
	for _, with := range known {
		out = append(out, &waHistorySync.Pushname{ID: proto.String(with.from(nil).String()), Pushname: proto.String(with.name)})
	}
	return out
}

// sendHistory uploads a piece of history and tells the linked device where it lies. s.mu is held.
func (p *Phone) sendHistory(d *Companion, h *waHistorySync.HistorySync) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(mustMarshal(h)) // a bytes.Buffer takes everything
	_ = z.Close()
	f, err := p.srv.upload(packed.Bytes(), whatsmeow.MediaHistory, p)
	if err != nil {
		p.srv.log.note(p.srv.now(), "history: "+err.Error())
		return
	}
	kind := waE2E.HistorySyncType(h.GetSyncType())
	p.peer(d, &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_HISTORY_SYNC_NOTIFICATION.Enum(), HistorySyncNotification: &waE2E.HistorySyncNotification{
		FileSHA256: f.plain, FileEncSHA256: f.sealed, MediaKey: f.key, DirectPath: &f.path, FileLength: &f.size, SyncType: &kind,
		Progress: h.Progress, ChunkOrder: h.ChunkOrder}})
}

// appKey encrypts the settings that an account's devices share ("app state").
type appKey struct{ ID, Key []byte }

// shareKeys gives a linked device the app-state key; the device then fetches the collections, its own push name among them.
// s.mu is held.
func (p *Phone) shareKeys(d *Companion) {
	if p.appKey == nil {
		p.appKey = &appKey{ID: append([]byte{0, 1}, randomBytes(4)...), Key: randomBytes(32)}
	}
	p.peer(d, &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_APP_STATE_SYNC_KEY_SHARE.Enum(), AppStateSyncKeyShare: &waE2E.AppStateSyncKeyShare{
		Keys: []*waE2E.AppStateSyncKey{{KeyID: &waE2E.AppStateSyncKeyId{KeyID: p.appKey.ID}, KeyData: &waE2E.AppStateSyncKeyData{KeyData: p.appKey.Key,
			Fingerprint: &waE2E.AppStateSyncKeyFingerprint{RawID: proto.Uint32(1), CurrentIndex: proto.Uint32(0), DeviceIndexes: []uint32{0}},
			Timestamp:   proto.Int64(p.srv.now().UnixMilli())}}}}})
}

// oneKeyStore gives whatsmeow's encoder the account's app-state key.
type oneKeyStore struct {
	*wastore.NoopStore
	key []byte
}

func (o *oneKeyStore) GetAppStateSyncKey(context.Context, []byte) (*wastore.AppStateSyncKey, error) {
	return &wastore.AppStateSyncKey{Data: o.key}, nil
}

// seedAppState makes the phone's own first patch: its push name. s.mu is held.
func (p *Phone) seedAppState() {
	name := string(appstate.WAPatchCriticalBlock)
	if len(p.state[name]) > 0 || p.appKey == nil {
		return
	}
	noop := &wastore.NoopStore{}
	proc := appstate.NewProcessor(&wastore.Device{AppStateKeys: &oneKeyStore{noop, p.appKey.Key}, AppState: noop}, nil)
	patch, err := proc.EncodePatch(context.Background(), p.appKey.ID, appstate.HashState{}, appstate.BuildSettingPushName(p.name))
	if err != nil {
		p.srv.log.note(p.srv.now(), "app state: "+err.Error())
		return
	}
	p.state[name] = []statePatch{withVersion(patch, 1)}
}
