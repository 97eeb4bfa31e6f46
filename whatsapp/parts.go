package whatsapp

import (
	"encoding/json"
	"math"
	"strings"
	"unicode"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
)

// location reads both kinds. A position that is not on the globe makes it Unsupported.
func location(p *waE2E.Message) Message {
	if x := p.LocationMessage; x != nil {
		where := &Place{Lat: x.GetDegreesLatitude(), Lng: x.GetDegreesLongitude(), Name: clean(x.GetName()), Address: clean(x.GetAddress()), Live: x.GetIsLive()}
		return placed("locationMessage", x.GetComment(), where)
	}
	x := p.LiveLocationMessage
	return placed("liveLocationMessage", x.GetCaption(), &Place{Lat: x.GetDegreesLatitude(), Lng: x.GetDegreesLongitude(), Live: true})
}

func placed(what, text string, where *Place) Message {
	if math.IsNaN(where.Lat) || math.IsNaN(where.Lng) || math.Abs(where.Lat) > 90 || math.Abs(where.Lng) > 180 {
		return Message{Kind: Unsupported, What: what, Text: text}
	}
	return Message{Kind: Location, Text: text, Place: where}
}

func cards(contacts ...*waE2E.ContactMessage) []Card {
	list := make([]Card, 0, min(len(contacts), maxCards+1)) // one too many tells that there were more
	for _, c := range contacts[:min(len(contacts), maxCards+1)] {
		list = append(list, Card{Name: clean(c.GetDisplayName()), VCard: clean(c.GetVcard())})
	}
	return list
}

// pollIn finds a poll under any of its names; their meaning to a desk is the same.
func pollIn(p *waE2E.Message) *waE2E.PollCreationMessage {
	for _, poll := range []*waE2E.PollCreationMessage{
		p.PollCreationMessage, p.PollCreationMessageV2, p.PollCreationMessageV3, p.PollCreationMessageV5, p.PollCreationMessageV6,
	} {
		if poll != nil {
			return poll
		}
	}
	return nil
}

func poll(p *waE2E.Message) Message {
	x := pollIn(p)
	return Message{Kind: Poll, Text: x.GetName(), Poll: question(x)}
}

func question(poll *waE2E.PollCreationMessage) *PollQuestion {
	q := &PollQuestion{Question: clean(poll.GetName()), Options: []string{}, Max: int(min(poll.GetSelectableOptionsCount(), maxOptions))}
	for _, option := range poll.Options[:min(len(poll.Options), maxOptions+1)] { // one too many tells that there were more
		q.Options = append(q.Options, clean(option.GetOptionName()))
	}
	return q
}

// file is what the messages with a file have in common.
type file interface {
	whatsmeow.DownloadableMessage
	GetMimetype() string
	GetFileLength() uint64
}

// media reads a message with a file.
func media(p *waE2E.Message) (m Message) {
	switch {
	case p.ImageMessage != nil:
		x := p.ImageMessage
		m = withFile(Image, x, whatsmeow.MediaImage, x.JPEGThumbnail, x.GetWidth(), x.GetHeight())
		m.Text = x.GetCaption()
	case p.VideoMessage != nil, p.PtvMessage != nil: // the second is the round kind
		x := p.VideoMessage
		if x == nil {
			x = p.PtvMessage
		}
		m = withFile(Video, x, whatsmeow.MediaVideo, x.JPEGThumbnail, x.GetWidth(), x.GetHeight())
		m.Text, m.Media.Seconds = x.GetCaption(), length(x.GetSeconds())
	case p.AudioMessage != nil:
		x := p.AudioMessage
		m = withFile(Audio, x, whatsmeow.MediaAudio, nil, 0, 0)
		m.Media.Seconds = length(x.GetSeconds())
		if x.GetPTT() {
			m.Kind, m.Media.Wave = Voice, wave(x.Waveform)
		}
	case p.DocumentMessage != nil:
		x := p.DocumentMessage
		m = withFile(Document, x, whatsmeow.MediaDocument, x.JPEGThumbnail, 0, 0)
		m.Text, m.Media.Name = x.GetCaption(), fileName(x.GetFileName(), x.GetTitle())
	case p.StickerMessage != nil:
		x := p.StickerMessage
		m = withFile(Sticker, x, whatsmeow.MediaImage, nil, x.GetWidth(), x.GetHeight())
	}
	return m
}

// maxPixels bounds a width or height that somebody claims.
const maxPixels = 1 << 16

func withFile(kind Kind, f file, as whatsmeow.MediaType, thumb []byte, width, height uint32) Message {
	ref, _ := json.Marshal(mediaRef{ // a struct of strings and bytes always marshals
		Type: as, Path: f.GetDirectPath(), Key: short(f.GetMediaKey()), Sealed: short(f.GetFileEncSHA256()), Plain: short(f.GetFileSHA256()),
	})
	if len(f.GetDirectPath()) > maxPath {
		ref = nil
	}
	x := &Media{
		MIME: mime(f.GetMimetype()), Size: int64(min(f.GetFileLength(), math.MaxInt64)), Ref: ref,
		Width: int(min(width, maxPixels)), Height: int(min(height, maxPixels)),
	}
	x.Thumb = thumb
	return Message{Kind: kind, Media: x}
}

// length is a duration in seconds that somebody claims, at most a day.
func length(seconds uint32) int { return int(min(seconds, 24*60*60)) }

// wave keeps 64 levels of 0 to 100; anything else is no wave form.
func wave(levels []byte) []byte {
	if len(levels) != 64 {
		return nil
	}
	kept := make([]byte, len(levels))
	for i, level := range levels {
		kept[i] = min(level, 100)
	}
	return kept
}

// mime keeps a media type that can stand in a header; anything else becomes "application/octet-stream".
func mime(name string) string {
	name = strings.TrimSpace(name)
	ok := strings.Contains(name, "/") && len(name) <= 128
	for _, r := range name {
		ok = ok && r >= ' ' && r < unicode.MaxASCII
	}
	if !ok {
		return "application/octet-stream"
	}
	return name
}

// maxName is the most bytes of a file's name, as file systems have it.
const maxName = 255

// fileName keeps the first name that is one, without control characters, at most 255 bytes with its ending.
func fileName(names ...string) string {
	for _, name := range names {
		if name = PlainName(clean(name)); name != "" {
			return CutName(name, maxName)
		}
	}
	return ""
}
