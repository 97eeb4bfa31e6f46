package whatsapp

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mostrador/whatsapp/wasim"
)

// What phones do not play leaves as a file, what is no voice note does not leave as one, and a long name keeps its ending.
func TestSoundsAndNamesOut(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	r.message(r.sayText(carla, "hola"))
	long := strings.Repeat("ñ", 300) + ".wav"
	for _, c := range []struct {
		kind       Kind
		mime, want string // want: empty for refused
	}{
		{Audio, "audio/mpeg", "audio"}, {Audio, "audio/ogg; codecs=opus", "audio"}, {Audio, "audio/wav", "document"}, {Audio, "audio/webm", "document"},
		{Voice, "audio/ogg; codecs=opus", "voice"}, {Voice, "audio/webm;codecs=opus", ""}, {Voice, "audio/mpeg", ""},
	} {
		m := Outgoing{ID: NewID(), To: addressOfPhone(carla), Kind: c.kind, File: &File{Data: []byte("x"), MIME: c.mime, Name: long}}
		if c.want == "" {
			if _, err := r.Send(context.Background(), m); !errors.Is(err, ErrNoVoice) {
				t.Errorf("%s as %s: got %v, want it refused", c.mime, c.kind, err)
			}
			continue
		}
		e := r.shows(carla, r.send(m))
		if e.Kind != c.want || c.want == "document" && (len(e.Media.Name) > maxName || !strings.HasSuffix(e.Media.Name, "ñ.wav")) {
			t.Errorf("%s as %s: got %s %q, want %s", c.mime, c.kind, e.Kind, e.Media.Name, c.want)
		}
	}
	in := r.message(r.say(carla, wasim.Say{Media: &wasim.SayMedia{Kind: "document", MIME: "application/pdf", Name: "Plano 3/4 " + long, Data: []byte("x")}}))
	if !strings.HasPrefix(in.Media.Name, "Plano 3/4 ñ") || !strings.HasSuffix(in.Media.Name, "ñ.wav") || len(in.Media.Name) > maxName {
		t.Errorf("got the name %q", in.Media.Name)
	}
}
