package api

import (
	"strings"

	"mostrador/hooks/rights"

	"github.com/pocketbase/pocketbase/core"
)

// Account is a signed-in user as the routes need them: who they are, what they see, which language they read.
type Account struct {
	rights.Viewer
	Name     string
	Username string
	Email    string
	Lang     string // empty: the browser's
}

// Keys of what the guard leaves on a request.
const (
	KeyMe   = "mostradorMe"
	KeyLang = "mostradorLang"
)

// Caller is who sends a request: a user, and the browser that they signed in with.
type Caller struct {
	*Account
	Session string // id of the browser's session
}

// SignedIn is who sends the request; nil for guests and superusers.
func SignedIn(e *core.RequestEvent) *Caller {
	me, _ := e.Get(KeyMe).(*Caller)
	return me
}

// Lang is the language that the sender reads.
func Lang(e *core.RequestEvent) string {
	chosen, _ := e.Get(KeyLang).(string)
	return language(chosen, e.Request.Header.Get("Accept-Language"))
}

// Refused answers a refusal outside of the desk's own routes.
func Refused(e *core.RequestEvent, err error) error { return answerError(e, Lang(e), err) }

// Network is the part of an address that one customer of a provider has: all of IPv4, the first 64 bits of IPv6
// (RealIP writes it expanded).
func Network(ip string) string { return FirstGroups(ip, 4, ip) }

func FirstGroups(ip string, n int, other string) string {
	if strings.Count(ip, ":") != 7 {
		return other
	}
	return strings.Join(strings.Split(ip, ":")[:n], ":")
}
