package whatsapp

import (
	"cmp"
	"context"

	"go.mau.fi/whatsmeow/types"
)

// chat gives the customer behind an address of WhatsApp. alt is the other address of the same person as far as the stanza
// names it; what is missing is looked up among the known pairs. ok is false for everything that is no chat with one other
// person: groups, status, channels, bots, and the account's own chat with itself.
func (l *Line) chat(ctx context.Context, k *link, jid, alt types.JID) (a Address, ok bool) {
	own := k.own()
	jid = plain(jid)
	if !isPerson(jid) || jid.User == own.pn.User || jid.User == own.lid.User {
		return Address{}, false
	}
	if alt = plain(alt); !isPerson(alt) || alt.Server == jid.Server {
		known, err := k.device.GetAltJID(ctx, jid)
		if err != nil {
			l.log.Warn("look up the other address of a customer", "error", anonymous(err.Error()))
		}
		alt = plain(known)
	}
	return addressOf(jid, alt), true
}

// plain drops device and hosting from an address: a business that Meta hosts is one person too.
func plain(jid types.JID) types.JID {
	switch jid.Server {
	case types.HostedServer, types.LegacyUserServer:
		jid.Server = types.DefaultUserServer
	case types.HostedLIDServer:
		jid.Server = types.HiddenUserServer
	}
	return jid.ToNonAD()
}

// isPerson is true for people and companies, as far as an address shows it.
func isPerson(jid types.JID) bool {
	if jid.User == "" || jid.IsBot() || jid == types.PSAJID {
		return false
	}
	return jid.Server == types.DefaultUserServer || jid.Server == types.HiddenUserServer
}

func addressOf(jids ...types.JID) (a Address) {
	for _, jid := range jids {
		switch jid.Server {
		case types.DefaultUserServer:
			a.Phone = jid.User
		case types.HiddenUserServer:
			a.LID = jid.User
		}
	}
	return a
}

// jids gives a customer's two addresses; an empty one is not known.
func (a Address) jids() (pn, lid types.JID) {
	if a.Phone != "" {
		pn = types.NewJID(a.Phone, types.DefaultUserServer)
	}
	if a.LID != "" {
		lid = types.NewJID(a.LID, types.HiddenUserServer)
	}
	return pn, lid
}

// with fills in what a does not know.
func (a Address) with(other Address) Address {
	return Address{Phone: cmp.Or(a.Phone, other.Phone), LID: cmp.Or(a.LID, other.LID)}
}

// is reports whether two addresses share a half.
func (a Address) is(other Address) bool {
	return a.Phone != "" && a.Phone == other.Phone || a.LID != "" && a.LID == other.LID
}

// jid gives the address to use where WhatsApp takes either: it moves from numbers to LIDs.
func (a Address) jid() types.JID {
	pn, lid := a.jids()
	if lid.IsEmpty() {
		return pn
	}
	return lid
}
