package wasim

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// poll is what a phone needs to vote and to read votes.
type poll struct {
	secret  []byte
	options []string
}

// maxPolls bounds the polls that one phone remembers.
const maxPolls = 1000

// keepPoll remembers a poll that the phone shows. s.mu is held.
func (p *Phone) keepPoll(with *Phone, fromMe bool, id string, m *waE2E.Message) {
	x := pollOf(m)
	if x == nil {
		return
	}
	if len(p.polls) >= maxPolls {
		clear(p.polls)
	}
	q := &poll{secret: m.GetMessageContextInfo().GetMessageSecret()}
	for _, o := range x.GetOptions() {
		q.options = append(q.options, o.GetOptionName())
	}
	p.polls[entryKey{with, fromMe, id}] = q
}

// pollOf finds the poll in a message, whichever version of it; nil if there is none.
func pollOf(m *waE2E.Message) *waE2E.PollCreationMessage {
	for _, x := range []*waE2E.PollCreationMessage{m.GetPollCreationMessage(), m.GetPollCreationMessageV2(), m.GetPollCreationMessageV3()} {
		if x != nil {
			return x
		}
	}
	return nil
}

// pollCipher makes the key and the additional data that a vote is encrypted with: they bind the poll's secret to the poll,
// its author and the voter, each without device.
func pollCipher(secret []byte, id string, author, voter types.JID) (key, additional []byte) {
	a, v := author.ToNonAD().String(), voter.ToNonAD().String()
	return derive(secret, nil, id+a+v+"Poll Vote", 32), fmt.Appendf(nil, "%s\x00%s", id, v)
}

// composeVote encrypts a vote. s.mu is held.
func (p *Phone) composeVote(to *Phone, vote *SayVote) (*waE2E.Message, Entry, error) {
	key, err := p.key(to, vote.ID)
	if err != nil {
		return nil, Entry{}, err
	}
	q := p.polls[entryKey{to, key.GetFromMe(), vote.ID}]
	if q == nil && p.hostile {
		q = p.guessed(vote)
	}
	if q == nil || len(q.secret) == 0 {
		return nil, Entry{}, fmt.Errorf("message %s is not a poll that can be voted in", vote.ID)
	}
	choice := &waE2E.PollVoteMessage{}
	for _, o := range vote.Options {
		if !q.has(o) && !p.hostile {
			return nil, Entry{}, fmt.Errorf("the poll has no option %q", o)
		}
		h := sha256.Sum256([]byte(o))
		choice.SelectedOptions = append(choice.SelectedOptions, h[:])
	}
	author := to.addressFor(p)
	if key.GetFromMe() {
		author = p.from(nil)
	}
	secret, additional := pollCipher(q.secret, vote.ID, author, p.from(nil))
	iv := randomBytes(12)
	m := &waE2E.Message{PollUpdateMessage: &waE2E.PollUpdateMessage{PollCreationMessageKey: key, SenderTimestampMS: proto.Int64(p.srv.now().UnixMilli()),
		Vote: &waE2E.PollEncValue{EncIV: iv, EncPayload: newAEAD(secret).Seal(nil, iv, mustMarshal(choice), additional)}}}
	return m, Entry{Kind: "vote", Ref: vote.ID, Options: vote.Options}, nil
}

func (q *poll) has(option string) bool {
	for _, o := range q.options {
		if o == option {
			return true
		}
	}
	return false
}

// readVote decrypts a vote of someone in a poll that this phone shows. s.mu is held.
func (p *Phone) readVote(from *Phone, x *waE2E.PollUpdateMessage) ([]string, error) {
	id := x.GetPollCreationMessageKey().GetID()
	mine := !x.GetPollCreationMessageKey().GetFromMe() // the voter says whether the poll is the voter's own
	q := p.polls[entryKey{from, mine, id}]
	if q == nil || len(q.secret) == 0 || len(x.GetVote().GetEncIV()) != 12 {
		return nil, fmt.Errorf("no poll %s", id)
	}
	var plain []byte
	var err error
	for _, lid := range []bool{true, false} { // clients name author and voter by LID or by number
		author, voter := p, from
		if !mine {
			author = from
		}
		a, v := author.pn, voter.pn
		if lid {
			a, v = author.lid, voter.lid
		}
		key, additional := pollCipher(q.secret, id, a, v)
		if plain, err = newAEAD(key).Open(nil, x.GetVote().GetEncIV(), x.GetVote().GetEncPayload(), additional); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("vote in poll %s: %w", id, err)
	}
	var choice waE2E.PollVoteMessage
	if err = proto.Unmarshal(plain, &choice); err != nil {
		return nil, fmt.Errorf("vote in poll %s: %w", id, err)
	}
	chosen := []string{}
	for _, o := range q.options {
		h := sha256.Sum256([]byte(o))
		for _, x := range choice.GetSelectedOptions() {
			if bytes.Equal(x, h[:]) {
				chosen = append(chosen, o)
			}
		}
	}
	return chosen, nil
}
