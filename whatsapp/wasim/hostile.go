package wasim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// Hostile says whether somebody wrote a client of their own to do harm: the phone may edit, take back, react to, quote and
// vote on what is not its own or not in the chat at all, and tell the lies of Lie. WhatsApp's servers can't read messages,
// so that nothing in them is checked by anybody but the receiver.
func Hostile(on bool) PhoneOption { return func(p *Phone) { p.hostile = on } }

// Lie is what only a hostile phone says. Empty fields change nothing.
type Lie struct {
	ID        string            // of the message: one that was used before, or anything at all
	QuoteText *string           // what the quoted message is said to have said
	QuoteOf   string            // number of who is said to have written it
	Size      *uint64           // bytes that a file is said to have
	Plain     []byte            // hash that a file is said to have
	Sealed    []byte            // hash that the encrypted file is said to have
	Mentions  []string          // numbers or addresses that a text mentions; "all": everybody whom the server knows
	Attrs     map[string]string // of the stanza, instead of the true ones; +549… becomes an address
}

// mayLie refuses what ordinary phones don't do.
func (p *Phone) mayLie(what Say) error {
	if what.Lie != nil && !p.hostile {
		return fmt.Errorf("%s is an ordinary phone: only one made with \"hostile\": true lies", p.Number())
	}
	if what.At.After(p.srv.now()) && !p.hostile {
		return fmt.Errorf("an ordinary phone wrote nothing at %s, which is still to come", what.At.Format("2006-01-02 15:04:05Z07:00"))
	}
	return nil
}

// claimed names a message that the phone doesn't show, as if it were of this chat. s.mu is held.
func (p *Phone) claimed(to *Phone, id string, own bool) *waCommon.MessageKey {
	return &waCommon.MessageKey{RemoteJID: proto.String(to.addressFor(p).String()), FromMe: &own, ID: &id}
}

// misquote makes a context of an answer with somebody else's words. s.mu is held.
func (p *Phone) misquote(to *Phone, id string, out *waE2E.ContextInfo, lie *Lie) (*waE2E.ContextInfo, error) {
	if out == nil {
		out = &waE2E.ContextInfo{StanzaID: &id, Participant: proto.String(to.addressFor(p).String()), QuotedMessage: &waE2E.Message{}}
	}
	if lie == nil {
		return out, nil
	}
	if lie.QuoteText != nil {
		out.QuotedMessage = &waE2E.Message{Conversation: lie.QuoteText}
	}
	if lie.QuoteOf != "" {
		j, err := p.srv.spoken(lie.QuoteOf)
		if err != nil {
			return nil, err
		}
		out.Participant = proto.String(j.String())
	}
	return out, nil
}

// mention adds who is mentioned to a text. s.mu is held.
func (p *Phone) mention(context *waE2E.ContextInfo, lie *Lie) (*waE2E.ContextInfo, error) {
	if lie == nil || len(lie.Mentions) == 0 {
		return context, nil
	}
	if context == nil {
		context = &waE2E.ContextInfo{}
	}
	for _, who := range lie.Mentions {
		if who == "all" {
			context.NonJIDMentions = proto.Uint32(1)
			for _, other := range p.srv.phones {
				context.MentionedJID = append(context.MentionedJID, other.lid.String(), other.pn.String())
			}
			continue
		}
		j, err := p.srv.spoken(who)
		if err != nil {
			return nil, err
		}
		context.MentionedJID = append(context.MentionedJID, j.String())
	}
	return context, nil
}

// spoken reads a number or an address as a lie names it: nobody need have it.
func (s *Server) spoken(who string) (types.JID, error) {
	if strings.Contains(who, "@") {
		return types.ParseJID(who)
	}
	digits, err := Number(who)
	return types.NewJID(digits, types.DefaultUserServer), err
}

// about changes what a message says of its file.
func (l *Lie) about(f *file) {
	if l == nil {
		return
	}
	if l.Size != nil {
		f.size = *l.Size
	}
	if l.Plain != nil {
		f.plain = l.Plain
	}
	if l.Sealed != nil {
		f.sealed = l.Sealed
	}
}

// attrs reads the attributes of the stanza that are not the true ones.
func (s *Server) attrs(l *Lie) (Attrs, error) {
	if l == nil || len(l.Attrs) == 0 {
		return nil, nil
	}
	out := Attrs{}
	for _, name := range slices.Sorted(maps.Keys(l.Attrs)) {
		value := l.Attrs[name]
		out[name] = value
		if strings.HasPrefix(value, "+") || strings.Contains(value, "@") {
			j, err := s.spoken(value)
			if err != nil {
				return nil, err
			}
			out[name] = j
		}
	}
	return out, nil
}

// guessed is a poll that the phone does not show in this chat: one of another chat with that id, or none at all. s.mu is held.
func (p *Phone) guessed(vote *SayVote) *poll {
	for key, q := range p.polls {
		if key.id == vote.ID {
			return q
		}
	}
	return &poll{secret: randomBytes(32), options: vote.Options}
}
