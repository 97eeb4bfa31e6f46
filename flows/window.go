package flows

import (
	"fmt"
	"strings"
	"time"
)

// zoneKey is where hours have an offset such as -03:00, when their clock is not that of World.Now.
const zoneKey = "zone"

// calendar reads hours as a transcript writes them.
func (h Hours) calendar(zone *time.Location) (Calendar, error) {
	c := Calendar{Zone: zone, Week: map[time.Weekday][]Window{}, Days: map[string][]Window{}}
	for day, texts := range h {
		if day == zoneKey {
			at, err := time.Parse("-07:00", strings.Join(texts, ""))
			if err != nil {
				return Calendar{}, fmt.Errorf("%q is not an offset such as -03:00", texts)
			}
			_, seconds := at.Zone()
			c.Zone = time.FixedZone("", seconds)
			continue
		}
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

// hours writes a calendar as a transcript has it: the week, and the days that differ from it around now.
func (c Calendar) hours(now time.Time) Hours {
	h := Hours{}
	if zone := c.day(now).Location(); offset(now.In(zone)) != offset(now) {
		h[zoneKey] = []string{now.In(zone).Format("-07:00")}
	}
	for name, day := range weekdays {
		if windows, ok := c.Week[day]; ok {
			h[name] = texts(windows)
		}
	}
	for date, windows := range c.Days {
		if at, err := time.Parse(time.DateOnly, date); err == nil && at.Sub(now).Abs() < (horizon+2)*24*time.Hour {
			h[date] = texts(windows)
		}
	}
	return h
}

func offset(t time.Time) int { _, seconds := t.Zone(); return seconds }

func texts(windows []Window) []string {
	all := []string{}
	for _, w := range windows {
		all = append(all, w.String())
	}
	return all
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
