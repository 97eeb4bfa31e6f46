package flows

import (
	"fmt"
	"strings"
	"time"
)

// calendar reads hours as a transcript writes them.
func (h Hours) calendar(zone *time.Location) (Calendar, error) {
	c := Calendar{Zone: zone, Week: map[time.Weekday][]Window{}, Days: map[string][]Window{}}
	for day, texts := range h {
		windows := []Window{}
		for _, text := range texts {
			w, err := ParseWindow(text)
			if err != nil {
				return Calendar{}, fmt.Errorf("%s: %w", day, err)
			}
			windows = append(windows, w)
		}
		if d, ok := weekdays[strings.ToLower(day)]; ok {
			c.Week[d] = windows
		} else if _, err := time.Parse(time.DateOnly, day); err == nil {
			c.Days[day] = windows
		} else {
			return Calendar{}, fmt.Errorf("%q is neither a weekday nor a date such as 2025-03-03", day)
		}
	}
	return c, nil
}

var weekdays = map[string]time.Weekday{
	"sunday": time.Sunday, "monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday,
	"thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday,
}

// ParseWindow reads "09:00-18:00". "22:00-02:00" runs past midnight, "00:00-24:00" is the whole day.
func ParseWindow(text string) (Window, error) {
	from, to, ok := strings.Cut(text, "-")
	a, okA := minutes(from)
	b, okB := minutes(to)
	if !ok || !okA || !okB || a == 24*60 {
		return Window{}, fmt.Errorf("%q is not a window such as 09:00-18:00", text)
	}
	return Window{From: a, To: b}, nil
}

// String writes the window as ParseWindow reads it.
func (w Window) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", w.From/60, w.From%60, w.To/60, w.To%60)
}

func minutes(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}
