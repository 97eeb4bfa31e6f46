package secrets

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	Masked = "•••"
	// maskFrom is how long a secret has to be, in bytes, to be looked for in an answer: a shorter one is in every text.
	maskFrom = 4
	// maskCodedFrom is the same for what it looks like when it is written in another code.
	maskCodedFrom = 6
)

// Mask takes secrets out of what a host answered, before it is kept, said or shown: some repeat the headers that they were
// sent, and whoever writes flows, or the customer, is not to read a secret that nobody is shown. It finds them as they are and
// as URLs, JSON, HTML, hexadecimal and Base64 write them, there inside of a longer text as well ("user:secret").
func Mask(body []byte, sealed []string) []byte {
	var forms []string
	for _, secret := range sealed {
		if len(secret) >= maskFrom {
			forms = append(forms, secret)
		}
		if len(secret) >= maskCodedFrom {
			forms = append(forms, codedForms(secret)...)
		}
	}
	if len(forms) == 0 {
		return body
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }) // the longest that fits
	pairs := make([]string, 0, 2*len(forms))
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, Masked)
	}
	return []byte(strings.NewReplacer(pairs...).Replace(string(body)))
}

// codedForms are the ways in which other programs write a text.
func codedForms(s string) []string {
	inJSON, _ := json.Marshal(s) // a text always can be
	plainJSON := strings.Trim(string(inJSON), `"`)
	ascii := strconv.QuoteToASCII(s)
	forms := []string{
		url.QueryEscape(s), url.PathEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20"),
		plainJSON, strings.ReplaceAll(plainJSON, "/", `\/`), ascii[1 : len(ascii)-1],
		html.EscapeString(s), hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))),
	}
	for _, form := range forms[:3] {
		forms = append(forms, LowerEscapes(form))
	}
	return append(forms, inBase64(s)...)
}

// LowerEscapes writes %2F as %2f.
func LowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:i+3], strings.ToLower(s[i:i+3]))
		}
	}
	return string(b)
}

// inBase64 is what a text looks like wherever it stands in a longer one: its bytes begin at one of three places in a group of
// four letters. The letters at the ends belong to its neighbours, too, and are left out.
func inBase64(s string) (forms []string) {
	for at := range 3 {
		padded := append(make([]byte, at), s...)
		for _, code := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := code.EncodeToString(padded)
			from, to := (at*8+5)/6, len(padded)*8/6
			forms = append(forms, text[from:to])
		}
	}
	return forms
}
