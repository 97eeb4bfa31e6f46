package wasim

import (
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waMmsRetry"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// onPeerRequest serves what a linked device asks its own phone for. s.mu is held.
func (p *Phone) onPeerRequest(d *Companion, id string, m *waE2E.ProtocolMessage) {
	switch m.GetType() {
	case waE2E.ProtocolMessage_PEER_DATA_OPERATION_REQUEST_MESSAGE:
		r := m.GetPeerDataOperationRequestMessage()
		if r.GetPeerDataOperationRequestType() == waE2E.PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND {
			p.resendPlaceholders(d, id, r)
		}
	case waE2E.ProtocolMessage_APP_STATE_SYNC_KEY_REQUEST:
		p.shareKeys(d)
	}
}

// resendPlaceholders gives a linked device the messages that it couldn't read, as the phone has them. s.mu is held.
func (p *Phone) resendPlaceholders(d *Companion, id string, r *waE2E.PeerDataOperationRequestMessage) {
	answer := &waE2E.PeerDataOperationRequestResponseMessage{StanzaID: &id,
		PeerDataOperationRequestType: waE2E.PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND.Enum()}
	for _, x := range r.GetPlaceholderMessageResendRequest() {
		key := x.GetMessageKey()
		chat, err := types.ParseJID(key.GetRemoteJID())
		if err != nil {
			continue
		}
		with := p.srv.user(chat)
		if with == nil {
			continue
		}
		sent := with.sent[key.GetID()]
		if sent == nil || sent.to != p {
			continue
		}
		e := p.chat.find(with, key.GetID())
		if e == nil {
			continue
		}
		info := &waWeb.WebMessageInfo{Message: sent.body, MessageTimestamp: proto.Uint64(uint64(e.At.Unix())), PushName: &with.name,
			Key: &waCommon.MessageKey{RemoteJID: key.RemoteJID, FromMe: proto.Bool(false), ID: key.ID}}
		answer.PeerDataOperationResult = append(answer.PeerDataOperationResult, &waE2E.PeerDataOperationRequestResponseMessage_PeerDataOperationResult{
			PlaceholderMessageResendResponse: &waE2E.PeerDataOperationRequestResponseMessage_PeerDataOperationResult_PlaceholderMessageResendResponse{
				WebMessageInfoBytes: mustMarshal(info)}})
	}
	p.peer(d, &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE.Enum(), PeerDataOperationRequestResponseMessage: answer})
}

// onMediaRetry serves a client that couldn't download a file: the sender's phone uploads it again. Request and answer are
// encrypted with a key made of the file's. s.mu is held.
func (s *Server) onMediaRetry(d *Companion, n *Node) {
	rmr := child(n, "rmr")
	id, chat := attr(n, "id"), jid(rmr, "jid")
	answer := func(parts ...Node) {
		back := Node{Tag: "rmr", Attrs: Attrs{"jid": chat, "from_me": attr(rmr, "from_me"), "participant": rmr.Attrs["participant"]}}
		d.deliver(Node{Tag: "notification", Attrs: Attrs{"type": "mediaretry", "from": chat, "id": id, "t": s.unix()}, Content: append([]Node{back}, parts...)})
	}
	const notOnPhone = 2
	with := s.user(chat)
	if with == nil {
		answer(Node{Tag: "error", Attrs: Attrs{"code": notOnPhone}})
		return
	}
	sent := with.sent[id]
	if attr(rmr, "from_me") == "true" {
		sent = d.phone.sent[id]
	}
	if sent == nil {
		answer(Node{Tag: "error", Attrs: Attrs{"code": notOnPhone}})
		return
	}
	path, key := s.uploadAgain(d.phone, sent.body)
	if path == "" {
		answer(Node{Tag: "error", Attrs: Attrs{"code": notOnPhone}})
		return
	}
	iv := randomBytes(12)
	plain := mustMarshal(&waMmsRetry.MediaRetryNotification{StanzaID: &id, DirectPath: &path, Result: waMmsRetry.MediaRetryNotification_SUCCESS.Enum()})
	secret := derive(key, nil, "WhatsApp Media Retry Notification", 32)
	answer(Node{Tag: "encrypt", Content: []Node{{Tag: "enc_p", Content: newAEAD(secret).Seal(nil, iv, plain, []byte(id))}, {Tag: "enc_iv", Content: iv}}})
}

// uploadAgain puts the file of a message back under a new path. s.mu is held.
func (s *Server) uploadAgain(line *Phone, m *waE2E.Message) (path string, key []byte) {
	m = unwrap(m)
	var x mediaFile
	switch {
	case m.ImageMessage != nil:
		x = m.ImageMessage
	case m.StickerMessage != nil:
		x = m.StickerMessage
	case m.VideoMessage != nil:
		x = m.VideoMessage
	case m.AudioMessage != nil:
		x = m.AudioMessage
	case m.DocumentMessage != nil:
		x = m.DocumentMessage
	default:
		return "", nil
	}
	old := s.media.blobs[pathOnly(x.GetDirectPath())]
	if old == nil {
		return "", nil
	}
	// The same key gives the same bytes, so that the copy needs a path of its own.
	return directPath(s.put("/v/again."+s.nextID()+".", old.data, line)), x.GetMediaKey()
}
