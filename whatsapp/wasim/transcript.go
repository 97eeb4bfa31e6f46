package wasim

import (
	"encoding/json"
	"time"
)

// Line is one stanza, or a remark of the server, in the transcript.
type Line struct {
	N      int       `json:"n"`
	At     time.Time `json:"at"`
	Dir    string    `json:"dir"`              // "C->S", "S->C" or "note"
	Device string    `json:"device,omitempty"` // the linked device's address
	XML    string    `json:"xml"`              // the stanza; long binary parts in hex
}

// maxTranscript is how many stanzas the transcript holds, oldest forgotten first.
const maxTranscript = 20_000

// maxStanza bounds what the transcript shows of one stanza, in bytes.
const maxStanza = 8_000

// transcript keeps the decrypted stanzas as they are; they become text when somebody reads them. It is guarded by the
// server's mutex.
type transcript struct {
	ring []logged
	n    int // stanzas ever
	bump chan struct{}
}

type logged struct {
	at          time.Time
	dir, device string
	node        *Node
	note        string
}

func (t *transcript) add(at time.Time, dir, device string, n *Node) {
	t.put(logged{at: at, dir: dir, device: device, node: n})
}

func (t *transcript) note(at time.Time, what string) {
	t.put(logged{at: at, dir: "note", note: what})
}

func (t *transcript) put(l logged) {
	if len(t.ring) < maxTranscript {
		t.ring = append(t.ring, l)
	} else {
		t.ring[t.n%maxTranscript] = l
	}
	t.n++
	if t.bump != nil {
		close(t.bump)
		t.bump = nil
	}
}

// after copies up to most stanzas with numbers above n; the oldest may be forgotten already.
func (t *transcript) after(n, most int) (first int, out []logged) {
	first = max(n, t.n-len(t.ring))
	for i := first; i < t.n && len(out) < most; i++ {
		out = append(out, t.ring[i%maxTranscript])
	}
	return first, out
}

func (l logged) line(n int) Line {
	out := Line{N: n, At: l.at.UTC(), Dir: l.dir, Device: l.device, XML: l.note}
	if l.node != nil {
		out.XML = l.node.String()
	}
	if len(out.XML) > maxStanza {
		out.XML = out.XML[:maxStanza] + "…"
	}
	return out
}

// Transcript returns the last stanzas of all connections, oldest first.
func (s *Server) Transcript() []Line {
	s.mu.Lock()
	first, rows := s.log.after(0, maxTranscript)
	s.mu.Unlock()
	out := make([]Line, len(rows))
	for i, r := range rows {
		out[i] = r.line(first + i + 1)
	}
	return out
}

// String is the line as JSON.
func (l Line) String() string {
	b, err := json.Marshal(l)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
