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
	"pasado manana": 2, "depois de amanha": 2, "day after tomorrow": 2, "the day after tomorrow": 2,
}

func findDate(text string, now time.Time) (time.Time, bool) {
	if days, ok := near[text]; ok {
		return now.AddDate(0, 0, days), true
	}
	var numbers []figure
	month := 0
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("/-.,", r) }) {
		word = strings.TrimRightFunc(word, func(r rune) bool { return strings.ContainsRune("ºª°", r) })
		if ordinal := strings.TrimRight(word, "stndrheo"); ordinal != "" && strings.Trim(ordinal, "0123456789") == "" {
			word = ordinal
		}
		if n, err := strconv.Atoi(word); err == nil && n >= 0 && len(word) <= 4 {
			numbers = append(numbers, figure{n, len(word)})
		} else if m, ok := months[word]; ok && month == 0 {
			month = m
		} else if !fillers[word] {
			return time.Time{}, false
		}
	}
	return arrange(numbers, month, now)
}

// figure is a number in a date, with how many digits it was written.
type figure struct{ n, digits int }

// year reads a year of four digits, or of two: those lie between 89 years ago and in ten years.
func (f figure) year(now time.Time) (int, bool) {
	if f.digits == 2 {
		year := now.Year()/100*100 + f.n
		if year > now.Year()+10 {
			year -= 100
		}
		return year, true
	}
	return f.n, f.digits == 4
}

// fillers are words that may stand in a date.
var fillers = map[string]bool{"de": true, "del": true, "el": true, "do": true, "dia": true, "the": true, "of": true}

// arrange makes a date of the numbers in a text.
func arrange(f []figure, month int, now time.Time) (time.Time, bool) {
	year, ok := now.Year(), true
	switch {
	case len(f) > 0 && f[0].digits == 4: // the year first, then as in 2025-03-04
		year, f = f[0].n, f[1:]
	case len(f) == 3, len(f) == 2 && month > 0:
		year, ok = f[len(f)-1].year(now)
		f = f[:len(f)-1]
		if month == 0 {
			f[0], f[1] = f[1], f[0]
		}
	case len(f) == 2:
		f = []figure{f[1], f[0]}
	}
	switch {
	case !ok:
		return time.Time{}, false
	case month > 0 && len(f) == 1:
		return date(year, month, f[0].n)
	case month == 0 && len(f) == 2:
		if d, ok := date(year, f[0].n, f[1].n); ok {
			return d, true
		}
		return date(year, f[1].n, f[0].n) // the other order is the only date
	}
	return time.Time{}, false
}

// date makes a day that exists.
func date(year, month, day int) (time.Time, bool) {
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
	all["setiembre"], all["sept"] = 9, 9
	return all
}()
