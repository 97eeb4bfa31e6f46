package whatsapp

import (
	"strconv"
	"strings"
	"time"
)

// What a phone draws as a card is told here in lines: what is written on it, in the order of the phone, and signs instead of
// words of ours, which the people here may not speak.

// words puts each text that is one on a line of its own.
func words(lines ...string) string { return joined("\n", lines) }

// row puts texts side by side.
func row(texts ...string) string { return joined(" · ", texts) }

func joined(by string, texts []string) string {
	kept := make([]string, 0, len(texts))
	for _, text := range texts {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, by)
}

// signed puts a sign before a text, if there is one.
func signed(sign, text string) string {
	if text == "" {
		return ""
	}
	return sign + " " + text
}

// button is something to press, and where it leads.
func button(label, to string) string {
	if label == "" {
		return to
	}
	return joined(" ", []string{"[" + label + "]", to})
}

// money is an amount in parts of a unit: 12500 of 1000 are 12.50.
func money(amount, parts int64, currency string) string {
	if amount == 0 || parts <= 0 {
		return ""
	}
	return joined(" ", []string{currency, strings.TrimSuffix(strconv.FormatFloat(float64(amount)/float64(parts), 'f', 2, 64), ".00")})
}

// count is how many there are of something.
func count(n int64) string {
	if n <= 0 {
		return ""
	}
	return "×" + strconv.FormatInt(n, 10)
}

// clock tells a time of WhatsApp, in seconds, the same to all who read it.
func clock(seconds int64) string {
	if seconds <= 0 || seconds >= 1<<36 { // beyond the year 4000
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04 UTC")
}
