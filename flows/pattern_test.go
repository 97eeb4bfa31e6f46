package flows

import (
	"strings"
	"testing"
)

func TestPatterns(t *testing.T) {
	for raw, fits := range map[string]bool{
		"^[0-9]{8}$": true, "(?i)qnt-?[0-9]+": true, "[a-zñ ]{1,300}": true, `\p{L}+`: true,
		"(": false, "(?<=x)y": false, "(x{100}){100}": false, "((x{10}){10}){100}": false, strings.Repeat("x", MaxPattern+1): false, "x{1001}": false, "x{1000}x{500}": true, "x{1000}x{1000}": false, "(?:ab){1000}": true, "(?:abc){1000}": false, "[ab]{1,600}": true,
	} {
		if p := newPattern(raw); (p.err == nil) != fits || (p.re != nil) != fits {
			t.Errorf("%.40q: got error %v, want fits %v", raw, p.err, fits)
		}
	}
}
