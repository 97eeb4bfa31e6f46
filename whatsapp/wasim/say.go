package wasim

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
)

// Say is what a phone writes: exactly one of its fields, Quote apart, which goes with Text or Media.
type Say struct {
	Text     string
	Media    *SayMedia
	Location *SayLocation
	Contact  *SayContact
	Poll     *SayPoll
	Reaction *SayReaction
	Edit     *SayEdit
	Revoke   string // id of the own message to take back
	Vote     *SayVote
	Quote    string         // id of the message that this one answers
	ViewOnce bool           // with Media: linked devices learn only that there was something
	In       string         // a group, "status@broadcast" or a newsletter that the other side sees, instead of the chat
	Proto    *waE2E.Message // anything else, as it is
	At       time.Time      // when it was written; zero: now
	Lie      *Lie           // of a hostile phone; nil: none
}

// SayMedia is a file. Kind is image, video, audio, voice, document or sticker.
type SayMedia struct {
	Kind, MIME, Name, Caption string
	Data                      []byte
}

// SayLocation is a place; Lat and Lng in degrees.
type SayLocation struct {
	Lat     float64 `json:"lat"`
	Lng     float64 `json:"lng"`
	Name    string  `json:"name"`
	Address string  `json:"address"`
}

// UnmarshalJSON also accepts latitude and longitude in full.
func (l *SayLocation) UnmarshalJSON(raw []byte) error {
	type plain SayLocation
	x := struct {
		plain
		Latitude, Longitude *float64
	}{}
	if err := json.Unmarshal(raw, &x); err != nil {
		return err
	}
	*l = SayLocation(x.plain)
	if x.Latitude != nil {
		l.Lat = *x.Latitude
	}
	if x.Longitude != nil {
		l.Lng = *x.Longitude
	}
	return nil
}

// SayContact is a shared contact. An empty VCard is made from name and phone.
type SayContact struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
	VCard string `json:"vcard"`
}

// SayPoll is a poll; Max is how many options may be chosen, 0 for any number.
type SayPoll struct {
	Question string   `json:"question"`
	Options  []string `json:"options"`
	Max      int      `json:"max"`
}

// SayReaction is a reaction to a message; an empty emoji takes it back.
type SayReaction struct {
	ID    string `json:"id"`
	Emoji string `json:"emoji"`
}

// SayEdit changes the text of an own message.
type SayEdit struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// SayVote chooses options of a poll by their text; none takes the vote back.
type SayVote struct {
	ID      string   `json:"id"`
	Options []string `json:"options"`
}

// Say sends a message and returns its id. The message is on its way when Say returns: delivered if the other side's linked
// device is connected, queued if not. A phone with linked devices writes as the owner: they get a copy.
func (p *Phone) Say(to *Phone, what Say) (string, error) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	return p.say(to, what)
}

// SayText sends a text.
func (p *Phone) SayText(to *Phone, text string) (string, error) {
	return p.Say(to, Say{Text: text})
}

// say is Say with s.mu held.
func (p *Phone) say(to *Phone, what Say) (string, error) {
	if p == to {
		return "", errors.New("a phone can't write to itself")
	}
	for _, d := range slices.Concat(to.linked(), p.linked()) {
		if err := d.hasRoom(); err != nil {
			return "", err
		}
	}
	if err := p.mayLie(what); err != nil {
		return "", err
	}
	m, entry, err := p.compose(to, what)
	if err != nil {
		return "", err
	}
	if what.In != "" {
		where, err := parsePlace(what.In)
		if err != nil {
			return "", err
		}
		return p.sayIn(to, where, m)
	}
	id, sent := p.newID(), &sentMessage{to: to, body: m, at: what.At}
	if sent.attrs, err = p.srv.attrs(what.Lie); err != nil {
		return "", err
	}
	if what.Lie != nil && what.Lie.ID != "" {
		id = what.Lie.ID
	}
	entry.ID, entry.FromMe, entry.State, entry.At, entry.raw = id, true, "sent", what.At, asSent(m)
	p.meets(to)
	p.add(to, entry)
	p.keepPoll(to, true, id, m)
	p.remember(id, sent)
	return id, p.carry(to, id, sent)
}

// carry brings a message to the own linked devices and to the other side. s.mu is held.
func (p *Phone) carry(to *Phone, id string, m *sentMessage) error {
	for _, d := range p.linked() {
		n, err := p.stanza(d, id, m)
		if err != nil {
			return err
		}
		d.deliver(n)
	}
	if to.blocks[p.lid] || to.blocks[p.pn] { // looks sent, never arrives
		return nil
	}
	to.known[p] = true
	to.show(p, id, m)
	if len(to.companions) == 0 { // phone to phone: no client takes part
		if to.deliver {
			p.chat.raise(to, true, "delivered", id)
		}
		if to.read {
			p.chat.raise(to, true, "read", id)
		}
	}
	for _, d := range to.linked() {
		n, err := p.stanza(d, id, m)
		if err != nil {
			return err
		}
		to.dispatch(d, n)
	}
	return nil
}

// meets notes that two phones have a chat with each other. s.mu is held.
func (p *Phone) meets(with *Phone) {
	if !p.partners[with] {
		p.partners[with], with.partners[p] = true, true
	}
}

// stanza encrypts a message for one linked device and addresses it as the device expects it from this phone. s.mu is held.
func (p *Phone) stanza(d *Companion, id string, m *sentMessage) (Node, error) {
	body := m.body
	attrs := Attrs{"id": id, "t": p.srv.unix(), "type": stanzaType(m.body), "notify": p.name}
	if !m.at.IsZero() {
		attrs["t"] = m.at.Unix()
	}
	switch {
	case m.peer:
		attrs["from"], attrs["category"], attrs["type"], attrs["notify"] = p.pn, "peer", "text", nil
	case d.phone == p:
		body = &waE2E.Message{DeviceSentMessage: &waE2E.DeviceSentMessage{DestinationJID: proto.String(m.to.lid.String()), Message: m.body}}
		attrs["from"], attrs["recipient"], attrs["peer_recipient_pn"], attrs["addressing_mode"] = p.lid, m.to.lid, m.to.pn, "lid"
	case !m.group.IsEmpty():
		return p.groupStanza(d, id, m)
	default:
		p.nameSender(attrs)
	}
	if m.body.GetViewOnceMessageV2() != nil && d.phone != p {
		return Node{Tag: "message", Attrs: attrs, Content: []Node{{Tag: "unavailable", Attrs: Attrs{"type": "view_once"}}}}, nil
	}
	if edit := editKind(m.body); edit != "" {
		attrs["edit"] = edit
	}
	maps.Copy(attrs, m.attrs)
	enc, err := p.encrypt(p.devices[0], d, body)
	if err != nil {
		return Node{}, err
	}
	return Node{Tag: "message", Attrs: attrs, Content: []Node{enc}}, nil
}

// nameSender writes the sender's address as the phone's address mode says.
func (p *Phone) nameSender(attrs Attrs) {
	attrs["from"] = p.from(nil)
	switch p.address {
	case LID:
		attrs["addressing_mode"], attrs["sender_pn"] = "lid", p.pn
	case LIDHidden:
		attrs["addressing_mode"] = "lid"
	case PNWithLID:
		attrs["sender_lid"] = p.lid
	}
}

// stanzaType is the type attribute of <message>.
func stanzaType(m *waE2E.Message) string {
	switch {
	case m.ReactionMessage != nil, m.EncReactionMessage != nil:
		return "reaction"
	case m.PollCreationMessage != nil, m.PollCreationMessageV3 != nil, m.PollUpdateMessage != nil:
		return "poll"
	case mediaType(unwrap(m)) != "":
		return "media"
	}
	return "text"
}

// editKind is the edit attribute of <message>: 1 for an edit, 2 for a pin, 7 for what takes the sender's own back.
func editKind(m *waE2E.Message) string {
	if inner := m.GetEditedMessage().GetMessage(); inner != nil {
		m = inner
	}
	switch change := m.GetProtocolMessage(); {
	case change.GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT:
		return "1"
	case change.GetKey() != nil && change.GetType() == waE2E.ProtocolMessage_REVOKE:
		return "7"
	case m.GetPinInChatMessage() != nil:
		return "2"
	case m.GetReactionMessage() != nil && m.GetReactionMessage().GetText() == "":
		return "7"
	case m.GetKeepInChatMessage().GetKeepType() == waE2E.KeepType_UNDO_KEEP_FOR_ALL && m.GetKeepInChatMessage().GetKey().GetFromMe():
		return "7"
	}
	return ""
}

// sortPhones puts phones in order of number, so that what happens to many of them is the same every time.
func sortPhones(ps []*Phone) {
	slices.SortFunc(ps, func(a, b *Phone) int { return strings.Compare(a.number, b.number) })
}
