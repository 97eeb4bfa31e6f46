package flows

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// readDate reads a day as customers write it: 3/3/2025, 3-3-25, 2025-03-03, "3 de marzo", "March 3rd", "mañana". The
// day comes before the month, unless only the other order is a date. Without a year it is this one.
func readDate(r *run, n *ask, in Input) (Value, bool) {
	day, ok := findDate(fold(clip(words(in), MaxName)), r.env.here())
	if !ok {
		return Value{}, false
	}
	today := r.env.here().Format(time.DateOnly)
	bound := func(s string) string {
		if s == "today" {
			return today
		}
		return s
	}
	s := day.Format(time.DateOnly)
	return Value{Type: TypeDate, Text: s}, within(s, bound(n.Min), bound(n.Max))
}

// near are words for days, counted from today.
var near = map[string]int{
	"hoy": 0, "hoje": 0, "today": 0, "manana": 1, "amanha": 1, "tomorrow": 1, "ayer": -1, "ontem": -1, "yesterday": -1,
	"pasado manana": 2, "depois de amanha": 2,
}

func findDate(text string, now time.Time) (time.Time, bool) {
	if days, ok := near[text]; ok {
		return now.AddDate(0, 0, days), true
	}
	var numbers []int
	month := 0
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("/-.,", r) }) {
		word = strings.TrimRightFunc(word, func(r rune) bool { return strings.ContainsRune("ºª°", r) })
		if ordinal := strings.TrimRight(word, "stndrh"); ordinal != "" && strings.Trim(ordinal, "0123456789") == "" {
			word = ordinal
		}
		if n, err := strconv.Atoi(word); err == nil && len(word) <= 4 {
			numbers = append(numbers, n)
		} else if m, ok := months[word]; ok && month == 0 {
			month = m
		} else if !fillers[word] {
			return time.Time{}, false
		}
	}
	return arrange(numbers, month, now)
}

// fillers are words that may stand in a date.
var fillers = map[string]bool{"de": true, "del": true, "el": true, "do": true, "dia": true, "the": true, "of": true}

// arrange makes a date of the numbers in a text.
func arrange(n []int, month int, now time.Time) (time.Time, bool) {
	switch {
	case month > 0 && len(n) == 1:
		return date(now.Year(), month, n[0], now)
	case month > 0 && len(n) == 2 && n[0] > 31:
		return date(n[0], month, n[1], now)
	case month > 0 && len(n) == 2:
		return date(n[1], month, n[0], now)
	case month > 0 || len(n) < 2 || len(n) > 3:
		return time.Time{}, false
	case len(n) == 2:
		return dayMonth(n[0], n[1], now.Year(), now)
	case n[0] > 31:
		return date(n[0], n[1], n[2], now)
	}
	return dayMonth(n[0], n[1], n[2], now)
}

func dayMonth(a, b, year int, now time.Time) (time.Time, bool) {
	if d, ok := date(year, b, a, now); ok {
		return d, true
	}
	return date(year, a, b, now)
}

// date makes a day that exists. Years of two digits lie between 89 years ago and in ten years.
func date(year, month, day int, now time.Time) (time.Time, bool) {
	if year < 100 {
		year += now.Year() / 100 * 100
		if year > now.Year()+10 {
			year -= 100
		}
	}
	d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return d, year >= 1900 && year < 2200 && int(d.Month()) == month && d.Day() == day
}

// months of all three languages, whole and by their first three letters.
var months = func() map[string]int {
	all := map[string]int{}
	for _, l := range locales {
		for i, name := range l.months {
			name = fold(name)
			all[name], all[name[:3]] = i+1, i+1
		}
	}
	all["setiembre"] = 9
	return all
}()
