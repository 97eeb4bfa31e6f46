package whatsapp

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waWa6"
	"go.mau.fi/whatsmeow/store"
	"google.golang.org/protobuf/proto"
)

// clientVersion is the version of WhatsApp Web that the lines of this process claim to be. WhatsApp refuses old ones
// (405) every few months; the present one stands on the page that browsers load.
type clientVersion struct {
	mu    sync.Mutex
	known store.WAVersionContainer // zero: whatsmeow's own
	asked time.Time                // when the page was last read; zero: never
}

var version clientVersion

// versionFresh is how long an answer of the page is good enough; the others bound the asking.
const (
	versionFresh   = 12 * time.Hour
	versionAgain   = 10 * time.Minute // after a failure
	versionTimeout = 10 * time.Second
	versionPage    = 16 << 20 // bytes
)

// refresh reads the present version if the last answer is old, or always if forced. A page that does not answer changes
// nothing: the version built in is tried then.
func (v *clientVersion) refresh(ctx context.Context, now time.Time, forced bool, log *slog.Logger) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !forced && !v.asked.IsZero() && now.Sub(v.asked) < versionFresh {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	page := transport()
	page.DisableKeepAlives = true
	latest, err := whatsmeow.GetLatestVersion(withLimit(ctx, versionPage), &http.Client{Transport: limitedTransport{page}})
	if err != nil {
		log.Warn("ask for the version of WhatsApp Web", "error", anonymous(err.Error()))
		v.asked = now.Add(versionAgain - versionFresh)
		return
	}
	v.asked = now
	if store.GetWAVersion().LessThan(*latest) {
		v.known = *latest
	}
}

// Versions tells the version of WhatsApp Web that this program was built with, and the one that WhatsApp's page names now.
// Lines claim the newer of the two by themselves. client asks the page at web.whatsapp.com.
func Versions(ctx context.Context, client *http.Client) (builtIn, latest string, err error) {
	builtIn = store.GetWAVersion().String()
	v, err := whatsmeow.GetLatestVersion(withLimit(ctx, versionPage), &http.Client{Transport: limitedTransport{client.Transport}, Timeout: versionTimeout})
	if err != nil {
		return builtIn, "", fmt.Errorf("read the version of WhatsApp Web: %w", err)
	}
	return builtIn, v.String(), nil
}

// current gives the version to claim.
func (v *clientVersion) current() store.WAVersionContainer {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known.IsZero() {
		return store.GetWAVersion()
	}
	return v.known
}

// payload makes what a device says of itself when it logs in. whatsmeow's own settings for name and version are variables
// of the whole process, without a lock; several lines live here, so each line fills in its own copy.
func payload(device *store.Device, name string, claim store.WAVersionContainer) *waWa6.ClientPayload {
	p := device.GetClientPayload()
	p.UserAgent.AppVersion = claim.ProtoAppVersion()
	pairing := p.DevicePairingData
	if pairing == nil {
		return p
	}
	hash := claim.Hash()
	pairing.BuildHash = hash[:]
	props := proto.CloneOf(store.DeviceProps)
	props.Os = proto.String(name)
	if marshalled, err := proto.Marshal(props); err == nil {
		pairing.DeviceProps = marshalled
	}
	return p
}
