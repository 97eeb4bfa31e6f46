package auth

import (
	"net/http"
	"sync"
	"time"

	"mostrador/hooks/api"
)

// ProxyMemory is for how long it counts how somebody came.
const ProxyMemory = 24 * time.Hour

// forwarding are the headers in which proxies say for whom they ask.
var forwarding = []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "Cf-Connecting-Ip", "True-Client-Ip"}

// proxied notices that everybody comes through one proxy that nobody named: to the limits all people have one address then.
// Only who is signed in counts; anybody could send such a header.
type proxied struct {
	now func() time.Time

	mu    sync.Mutex
	from  string    // the one address
	at    time.Time // when somebody came from there, with such a header; zero: never
	other time.Time // when somebody came in another way; zero: never
}

// Note is told how somebody who is signed in came.
func (p *proxied) Note(r *http.Request, remote string) {
	forwarded := false
	for _, name := range forwarding {
		forwarded = forwarded || r.Header.Get(name) != ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	switch {
	case !forwarded:
		p.other = now
	case remote != p.from && !p.at.IsZero() && now.Sub(p.at) < ProxyMemory:
		p.from, p.at, p.other = remote, now, now // two proxies, or people's own
	default:
		p.from, p.at = remote, now
	}
}

// One tells whether all who came of late came from the same address, and it is a proxy's.
func (p *proxied) One() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	return !p.at.IsZero() && now.Sub(p.at) < ProxyMemory && (p.other.IsZero() || now.Sub(p.other) >= ProxyMemory)
}

// unnamedProxy tells whether people come through a proxy whose header was not named in the dashboard's settings.
func (g *Guard) unnamedProxy() bool {
	return len(g.Store.App.Settings().TrustedProxy.Headers) == 0 && g.Proxied.One()
}

// ProxyWarnings tell an admin what to do about it.
func (g *Guard) ProxyWarnings() []api.Warning {
	if !g.unnamedProxy() {
		return nil
	}
	return []api.Warning{WarnUnnamedProxy}
}
