package calls_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"mostrador/hooks/secrets"
)

// TestEchoedSecretsAreMasked: whatever is around a secret, and in whichever code a host writes it.
func TestEchoedSecretsAreMasked(t *testing.T) {
	const letters = `abcXYZ019-_./+=&<>"'\ ñé€%:?`
	codes := map[string]func(string) string{
		"as it is":          func(s string) string { return s },
		"query":             url.QueryEscape,
		"path":              url.PathEscape,
		"lower case query":  func(s string) string { return secrets.LowerEscapes(url.QueryEscape(s)) },
		"JSON":              func(s string) string { b, _ := json.Marshal(s); return string(b) },
		"JSON by PHP":       func(s string) string { b, _ := json.Marshal(s); return strings.ReplaceAll(string(b), "/", `\/`) },
		"HTML":              html.EscapeString,
		"hexadecimal":       func(s string) string { return hex.EncodeToString([]byte(s)) },
		"Base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"Base64 for URLs":   func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"Basic credentials": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("ana:" + s + "\n")) },
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		runes := []rune(letters)
		var b strings.Builder
		for range 12 + r.IntN(30) {
			b.WriteRune(runes[r.IntN(len(runes))])
		}
		secret := b.String()
		for name, code := range codes {
			said := strings.Repeat("x", r.IntN(4)) + `{"you sent":` + code(secret) + `}`
			got := string(secrets.Mask([]byte(said), []string{"another one", secret}))
			core := secret[3 : len(secret)-3] // of Base64 the letters at both ends belong to neighbours, too
			if !strings.Contains(got, secrets.Masked) || strings.Contains(got, secret) || strings.Contains(got, code(core)) && len(core) > 6 && name != "JSON" && name != "JSON by PHP" {
				t.Fatalf("%s of %q: got %q", name, secret, got)
			}
		}
	}
	for _, said := range []string{"", `{"ok":true,"id":"abc"}`, "the quick brown fox"} {
		if got := string(secrets.Mask([]byte(said), []string{"a", "ok", "a good secret"})); got != said {
			t.Errorf("got %q, want %q as it is", got, said)
		}
	}
}
