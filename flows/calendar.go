package flows

import (
	"slices"
	"time"
)

// Calendar says when an area is open: a week of windows, and days that differ from it. The zero Calendar is always
// open. A window may run past midnight; it then belongs to the day on which it opens, holidays included.
type Calendar struct {
	Zone *time.Location // nil is UTC
	Week map[time.Weekday][]Window
	Days map[string][]Window // by date as 2006-01-02; an empty list is a holiday
}

// Window is a time of opening, in minutes after midnight by the wall clock. To at or below From means the day after.
type Window struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// horizon is how many days ahead an opening is looked for.
const horizon = 60

// Open reports whether t lies in a window.
func (c Calendar) Open(t time.Time) bool {
	if c.always() {
		return true
	}
	day := c.day(t)
	for _, d := range []time.Time{day.AddDate(0, 0, -1), day} {
		for _, w := range c.windows(d) {
			from, to := w.on(d)
			if !t.Before(from) && t.Before(to) {
				return true
			}
		}
	}
	return false
}

// Opens returns the first moment from t on at which c is open: t itself when it is. The zero time means that it does
// not open in the next 60 days.
func (c Calendar) Opens(t time.Time) time.Time {
	if c.Open(t) {
		return t
	}
	first := time.Time{}
	day := c.day(t)
	for i := range horizon {
		d := day.AddDate(0, 0, i)
		for _, w := range c.windows(d) {
			from, to := w.on(d)
			if from.Before(t) || !from.Before(to) { // over, or swallowed by a change of clocks
				continue
			}
			if first.IsZero() || from.Before(first) {
				first = from
			}
		}
		if !first.IsZero() {
			return first
		}
	}
	return first
}

// OpenFor returns how long c is open between two moments. Of a longer time only the last 60 days count.
func (c Calendar) OpenFor(from, to time.Time) (sum time.Duration) {
	if !from.Before(to) {
		return 0
	}
	if c.always() {
		return to.Sub(from)
	}
	if earliest := to.AddDate(0, 0, -horizon); from.Before(earliest) {
		from = earliest
	}
	var spans [][2]time.Time
	for d := c.day(from).AddDate(0, 0, -1); !d.After(c.day(to)); d = d.AddDate(0, 0, 1) {
		for _, w := range c.windows(d) {
			opens, closes := w.on(d)
			spans = append(spans, [2]time.Time{opens, closes})
		}
	}
	slices.SortFunc(spans, func(a, b [2]time.Time) int { return a[0].Compare(b[0]) })
	for _, s := range spans { // from is up to where time is counted: windows may overlap
		if s[0].After(from) {
			from = s[0]
		}
		if s[1].After(to) {
			s[1] = to
		}
		if from.Before(s[1]) {
			sum += s[1].Sub(from)
			from = s[1]
		}
	}
	return sum
}

func (c Calendar) always() bool { return len(c.Week) == 0 && len(c.Days) == 0 }

func (c Calendar) windows(day time.Time) []Window {
	if special, ok := c.Days[day.Format(time.DateOnly)]; ok {
		return special
	}
	return c.Week[day.Weekday()]
}

// day is the noon of a day: where clocks change at midnight, that day has none.
func (c Calendar) day(t time.Time) time.Time {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 12, 0, 0, 0, zone)
}

// on places the window on a day. Hours are the clock's, so a day on which clocks change keeps its opening time.
func (w Window) on(day time.Time) (from, to time.Time) {
	y, m, d := day.Date()
	end := w.To
	if end <= w.From {
		end += 24 * 60
	}
	return time.Date(y, m, d, 0, w.From, 0, 0, day.Location()), time.Date(y, m, d, 0, end, 0, 0, day.Location())
}
