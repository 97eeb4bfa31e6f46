package wasim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// AddressMode is how the messages of a customer's phone name their sender.
type AddressMode string

// The address modes. In all of them the account has both a number and a LID; they differ in what a message tells.
const (
	LID       AddressMode = "lid"        // from the LID, phone number told beside it: what most customers look like today
	PN        AddressMode = "pn"         // from the phone number, no LID told
	LIDHidden AddressMode = "lid-hidden" // from the LID, phone number never told
	PNWithLID AddressMode = "pn-lid"     // from the phone number, LID told beside it
)

// Phone is a WhatsApp account with its simulated phone: a customer's, or the owner's with the desk as linked device.
type Phone struct {
	srv      *Server
	number   string // digits
	pn, lid  types.JID
	name     string
	owner    bool
	address  AddressMode
	deliver  bool // answers messages with a delivery receipt
	read     bool // and with a read receipt
	picture  []byte
	pictures int // how often the picture changed; its id

	devices    []*handset // [0] is the phone itself, the others the customer's own linked devices
	companions map[uint16]*Companion
	nextDevice uint16

	sent      map[string]*sentMessage // for retries, bounded by sentOrder
	sentOrder []string
	ids       uint64 // message ids made so far
	chat      chatLog
	polls     map[entryKey]*poll        // polls shown, for votes
	partners  map[*Phone]bool           // who it has a chat with
	known     map[*Phone]bool           // who wrote to this account: a time-lock doesn't stop answers to them
	watchers  map[*Companion]types.JID  // who wants to hear of its presence, under which address
	blocks    map[types.JID]bool        // whom this account blocks
	state     map[string][]statePatch   // app state: patches by collection
	appKey    *appKey                   // one app-state key for all devices
	faults    map[FaultKind][]*faultRow // faults on the line of this phone
	onlineNow bool
	hostile   bool // see Hostile
}

// PhoneOption changes how a phone behaves.
type PhoneOption func(*Phone)

// Owner marks the phone as a desk's: it can link devices.
func Owner() PhoneOption { return func(p *Phone) { p.owner = true } }

// Name sets the push name, which customers' messages carry.
func Name(name string) PhoneOption { return func(p *Phone) { p.name = name } }

// Address sets how the phone's messages name their sender.
func Address(m AddressMode) PhoneOption { return func(p *Phone) { p.address = m } }

// Receipts says which receipts the phone sends by itself; both are on unless told otherwise.
func Receipts(delivered, read bool) PhoneOption {
	return func(p *Phone) { p.deliver, p.read = delivered, read }
}

// Devices gives the account n devices in all: the phone and n-1 linked ones, each with its own Signal keys. At most 5.
func Devices(n int) PhoneOption {
	return func(p *Phone) {
		for len(p.devices) < min(max(n, 1), 5) {
			p.devices = append(p.devices, newHandset(uint16(len(p.devices))))
		}
	}
}

// Picture sets the profile picture.
func Picture(jpeg []byte) PhoneOption {
	return func(p *Phone) { p.picture, p.pictures = jpeg, p.pictures+1 }
}

// Number reads a phone number as people write it ("+54 9 11 2345-6789") into digits.
func Number(text string) (string, error) {
	n := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -.()", r) {
			return -1
		}
		return r
	}, text)
	n = strings.TrimPrefix(n, "+")
	if len(n) < 7 || len(n) > 15 || strings.Trim(n, "0123456789") != "" {
		return "", fmt.Errorf("phone number %q: want + and 7 to 15 digits, such as +5491123456789", text)
	}
	return n, nil
}

// Phone returns the phone with this number, made if it doesn't exist, with the options applied. It panics on a malformed
// number: the numbers of a test are constants. AddPhone is for numbers from elsewhere.
func (s *Server) Phone(number string, opts ...PhoneOption) *Phone {
	p, err := s.AddPhone(number, opts...)
	if err != nil {
		panic(err)
	}
	return p
}

// AddPhone is Phone for numbers that a stranger gave.
func (s *Server) AddPhone(number string, opts ...PhoneOption) (*Phone, error) {
	digits, err := Number(number)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.users[types.NewJID(digits, types.DefaultUserServer)]
	if p == nil {
		if p, err = s.newPhone(digits); err != nil {
			return nil, err
		}
	}
	for _, o := range opts {
		o(p)
	}
	if p.address == PN || p.address == PNWithLID || p.address == LID || p.address == LIDHidden {
		s.changed()
		return p, nil
	}
	mode := p.address
	p.address = LID
	return nil, fmt.Errorf("address %q: want lid, pn, pn-lid or lid-hidden", mode)
}

// maxPhones bounds the accounts of one server.
const maxPhones = 200_000

// newPhone makes an account. s.mu is held.
func (s *Server) newPhone(digits string) (*Phone, error) {
	if len(s.phones) >= maxPhones {
		return nil, errors.New("too many phones")
	}
	p := &Phone{
		srv: s, number: digits, name: "User " + digits, address: LID, deliver: true, read: true, nextDevice: 11,
		pn: types.NewJID(digits, types.DefaultUserServer), lid: types.NewJID(s.lidOf(digits), types.HiddenUserServer),
		devices: []*handset{newHandset(0)}, companions: map[uint16]*Companion{}, known: map[*Phone]bool{}, partners: map[*Phone]bool{}, polls: map[entryKey]*poll{},
		sent: map[string]*sentMessage{}, watchers: map[*Companion]types.JID{}, blocks: map[types.JID]bool{}, state: map[string][]statePatch{},
	}
	s.users[p.pn], s.users[p.lid] = p, p
	s.phones = append(s.phones, p)
	return p, nil
}

// lidOf derives a 15 digit LID from seed and number, so that it doesn't depend on the order of creation. s.mu is held.
func (s *Server) lidOf(digits string) string {
	for n := 0; ; n++ {
		h := s.hash("lid", digits, n)
		lid := strconv.FormatUint(100_000_000_000_000+binary.BigEndian.Uint64(h[:8])%900_000_000_000_000, 10)
		if s.users[types.NewJID(lid, types.HiddenUserServer)] == nil {
			return lid
		}
	}
}

func (s *Server) hash(parts ...any) [32]byte {
	return sha256.Sum256(fmt.Append(nil, append([]any{s.opts.Seed, " "}, parts...)...))
}

// newID makes a message id in the form that phones use. s.mu is held.
func (p *Phone) newID() string {
	p.ids++
	h := p.srv.hash("id ", p.number, " ", p.srv.epoch, " ", p.ids)
	return "3A" + strings.ToUpper(hex.EncodeToString(h[:9]))
}

// user finds the account that a JID of any device belongs to. s.mu is held.
func (s *Server) user(j types.JID) *Phone { return s.users[j.ToNonAD()] }

// Number is the phone number, with a plus sign.
func (p *Phone) Number() string { return "+" + p.number }

// PN is the account's address by phone number, LID its hidden one.
func (p *Phone) PN() types.JID { return p.pn }

// LID is the account's hidden address, which doesn't tell the phone number.
func (p *Phone) LID() types.JID { return p.lid }

// sentMessage is what a phone can send again when a client couldn't read it.
type sentMessage struct {
	to    *Phone // nil for peer messages and groups
	body  *waE2E.Message
	at    time.Time // when it was written; zero: when it is sent
	attrs Attrs     // a hostile phone's, instead of the true ones
	peer  bool      // from the own phone to its linked device
	group types.JID // the group, status broadcast or newsletter it was written in
}

// maxSent is how many messages a phone remembers for retries.
const maxSent = 1000

// remember keeps a message for retries. s.mu is held.
func (p *Phone) remember(id string, m *sentMessage) {
	if len(p.sentOrder) >= maxSent {
		delete(p.sent, p.sentOrder[0])
		p.sentOrder = p.sentOrder[1:]
	}
	p.sent[id] = m
	p.sentOrder = append(p.sentOrder, id)
}
