package runner

import (
	"fmt"
	"strings"

	"mostrador/flows"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// flowInput is a message as a flow hears it.
func flowInput(m *store.Message) flows.Input {
	var x store.Extra
	store.Decode(m.Extra, &x)
	switch whatsapp.Kind(m.Kind) {
	case whatsapp.Text:
		return flows.Text{Body: m.Text}
	case whatsapp.Image, whatsapp.Video, whatsapp.Audio, whatsapp.Voice, whatsapp.Document, whatsapp.Sticker:
		return flows.Media{Kind: m.Kind, Ref: m.Media, Caption: m.Text}
	case whatsapp.Location:
		if p := x.Place; p != nil {
			return flows.Location{Lat: p.Lat, Lng: p.Lng, Name: p.Name, Address: p.Address}
		}
	case whatsapp.Contact:
		if len(x.Cards) > 0 {
			return flows.Card{Name: x.Cards[0].Name, Phone: CardPhone(x.Cards[0].VCard)}
		}
	case whatsapp.Vote:
		return flows.Vote{Options: votesOf(m.Text)}
	}
	return flows.Other{Kind: m.Kind}
}

// describeMedia tells a flow what kind of file it got.
func describeMedia(t *store.Tx, in *flows.Input) error {
	file, ok := (*in).(flows.Media)
	if !ok {
		return nil
	}
	err := t.DB().NewQuery(`SELECT mime, name, size FROM media WHERE id = {:id}`).Bind(dbx.Params{"id": file.Ref}).
		Row(&file.MIME, &file.Name, &file.Size)
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("read media %s: %w", file.Ref, err)
	}
	*in = file
	return nil
}

// votesOf reads the options out of a stored vote.
func votesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// CardPhone finds the number in a vCard; empty when there is none.
func CardPhone(vcard string) string {
	for line := range strings.Lines(vcard) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if base, params, _ := strings.Cut(name, ";"); !ok || !strings.EqualFold(lastPart(base), "TEL") {
			continue
		} else if _, id, found := strings.Cut(strings.ToLower(params), "waid="); found {
			id, _, _ = strings.Cut(id, ";")
			return "+" + id
		}
		return strings.TrimSpace(value)
	}
	return ""
}

// lastPart drops the group of a vCard property: item1.TEL.
func lastPart(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }
