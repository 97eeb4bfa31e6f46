package fetch

import (
	"net/http"
	"slices"
	"strings"
)

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

func checkMethod(m string) (string, error) {
	if m == "" {
		return "GET", nil
	}
	if m = strings.ToUpper(m); slices.Contains(methods, m) {
		return m, nil
	}
	return "", &Error{Code: BadMethod}
}

// Repeatable reports whether a request of this method may be made twice: the second time changes nothing more
// (RFC 9110, section 9.2.2).
func Repeatable(method string) bool {
	m, err := checkMethod(method)
	return err == nil && m != "POST" && m != "PATCH"
}

// ours are the lines that belong to the connection. They are left out of what somebody wrote: examples that people copy
// are full of them.
var ours = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection",
	"Proxy-Authorization", "Te", "Trailer", "Upgrade", "Expect", "Accept-Encoding"}

// cleanHeaders refuses what HTTP does not allow and leaves out what is the connection's own.
func cleanHeaders(lines []Header) (clean []Header, err error) {
	for _, l := range lines {
		if !token(l.Name) || !plain(l.Value) {
			return nil, &Error{Code: BadHeader}
		}
		if !slices.Contains(ours, http.CanonicalHeaderKey(l.Name)) {
			clean = append(clean, l)
		}
	}
	return clean, nil
}

func token(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(c rune) bool {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
	})
}

// plain reports whether a value has no control characters; a line break would begin another header.
func plain(value string) bool {
	return !strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f })
}
