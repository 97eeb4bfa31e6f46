package flows

import (
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	now := time.Date(2025, 3, 3, 22, 0, 0, 0, time.FixedZone("", -3*3600))
	for text, want := range map[string]string{
		"3/4/2025": "2025-04-03", "03-04-25": "2025-04-03", "2025-04-03": "2025-04-03", "12/31/2025": "2025-12-31", "12/05/85": "1985-05-12",
		"3 de abril": "2025-04-03", "3 de abril de 2026": "2026-04-03", "3 abr 2026": "2026-04-03", "April 3rd, 2026": "2026-04-03",
		"1º de março": "2025-03-01", "hoy": "2025-03-03", "Mañana": "2025-03-04", "amanhã": "2025-03-04", "tomorrow": "2025-03-04", "pasado mañana": "2025-03-05", "3/4": "2025-04-03", "4 of July": "2025-07-04", "2025 julio 4": "2025-07-04", "3 4 julio": "", "3/4/5": "", "3/4/05": "2005-04-03", "3/4/36": "1936-04-03", "3/4/35": "2035-04-03", "4 July 99": "1999-07-04", "2025/4": "", "3/4/205": "", "2025-13-01": "2025-01-13", "yesterday": "2025-03-02",
		"Sept 3": "2025-09-03", "3 sept. 2026": "2026-09-03", "1er enero": "2025-01-01", "1ro de mayo": "2025-05-01", "the day after tomorrow": "2025-03-05", "ro de mayo": "", "er": "",
		"el 29/2/2024": "2024-02-29", "29/2/2025": "", "32/1/2025": "", "3": "", "abril": "", "pronto": "", "": "", "3/4/5/6": "", "1/1/1800": "", "٣/٤/٢٠٢٥": "2025-04-03",
	} {
		got, ok := readDate(&run{env: Env{Now: now, Zone: now.Location()}}, &ask{}, Text{Body: text})
		if ok != (want != "") || ok && got.Text != want {
			t.Errorf("%q: got %q, %v, want %q", text, got.Text, ok, want)
		}
	}
}

func TestDateBounds(t *testing.T) {
	r := &run{env: Env{Now: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}}
	n := &ask{Min: "today", Max: "2025-12-31"}
	for text, want := range map[string]bool{"2/3/2025": false, "3/3/2025": true, "31/12/2025": true, "1/1/2026": false} {
		if _, got := readDate(r, n, Text{Body: text}); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}
