package whatsapp

import (
	"context"
	"errors"
	"testing"
	"time"

	"mostrador/whatsapp/wasim"
)

func faultExpireMedia(t *testing.T, r *rig, carla *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultExpireMedia})
	m := r.message(r.say(carla, wasim.Say{Media: &wasim.SayMedia{Kind: "image", MIME: "image/png", Data: []byte("a picture")}}))
	ctx := context.Background()
	if _, err := r.Download(ctx, m.Media.Ref, 0); !errors.Is(err, ErrGone) {
		t.Errorf("got %v, want ErrGone", err)
	}
	ask := MediaRequest{ID: m.ID, Chat: m.Chat, Ref: m.Media.Ref}
	if err := r.RequestAgain(ctx, ask); err != nil {
		t.Fatal(err)
	}
	r.until("a fresh reference", func() bool { return len(r.again) == 1 })
	data, err := r.Download(ctx, r.again[0].Ref, 0)
	if err != nil || string(data) != "a picture" {
		t.Errorf("got %q, %v", data, err)
	}
	r.reaches(Connected)
}

func faultSlowMedia(t *testing.T, r *rig, carla *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultSlowMedia, Code: 1000})
	m := r.message(r.say(carla, wasim.Say{Media: &wasim.SayMedia{Kind: "image", MIME: "image/png", Data: make([]byte, 60_000)}}))
	began := time.Now()
	done := make(chan error)
	go func() {
		_, err := r.Download(context.Background(), m.Media.Ref, 0)
		done <- err
	}()
	r.message(r.sayText(carla, "meanwhile"))
	if took := time.Since(began); took > time.Second {
		t.Errorf("a message waited %v for a file", took)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took < 30*time.Second {
		t.Errorf("the file took %v: it was not slow, nothing was tested", took)
	}
	r.reaches(Connected)
}
