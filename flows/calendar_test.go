package flows

import (
	"testing"
	"time"
	_ "time/tzdata" // daylight saving needs a real zone
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t *testing.T, text string, z *time.Location) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", text, z)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// Monday to Friday with a lunch break, Friday night past midnight, a holiday, a short day, the whole of one day.
func TestCalendar(t *testing.T) {
	z := zone(t, "America/Argentina/Buenos_Aires")
	c, err := Hours{
		"monday": {"09:00-13:00", "14:00-18:00"}, "tuesday": {"09:00-18:00"}, "friday": {"22:00-02:00"}, "sunday": {"00:00-24:00"},
		"2025-03-04": {}, "2025-03-10": {"10:00-11:00"},
	}.calendar(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, c2 := range []struct{ now, opens string }{
		{"2025-03-03 08:59", "2025-03-03 09:00"}, {"2025-03-03 09:00", "2025-03-03 09:00"}, {"2025-03-03 12:59", "2025-03-03 12:59"}, {"2025-03-03 13:00", "2025-03-03 14:00"},
		{"2025-03-03 18:00", "2025-03-07 22:00"},                                           // Tuesday is a holiday
		{"2025-03-08 01:59", "2025-03-08 01:59"}, {"2025-03-08 02:00", "2025-03-09 00:00"}, // Friday's night; then Sunday
		{"2025-03-09 23:59", "2025-03-09 23:59"}, {"2025-03-10 00:00", "2025-03-10 10:00"}, // Monday is short
		{"2025-03-10 11:00", "2025-03-11 09:00"},
	} {
		now, want := at(t, c2.now, z), at(t, c2.opens, z)
		if got := c.Opens(now.UTC()); !got.Equal(want) {
			t.Errorf("%s: opens %v, want %v", c2.now, got.In(z), want)
		}
		if got := c.Open(now.UTC()); got != now.Equal(want) {
			t.Errorf("%s: open %v, want %v", c2.now, got, now.Equal(want))
		}
	}
}

func TestCalendarCountsOpenTime(t *testing.T) {
	z := zone(t, "America/Argentina/Buenos_Aires")
	c, err := Hours{
		"monday": {"09:00-13:00", "12:00-18:00"}, "tuesday": {"09:00-18:00"}, "friday": {"22:00-02:00"}, "saturday": {"01:00-03:00"}, "2025-03-11": {},
	}.calendar(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, c2 := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2025-03-03 10:00", "2025-03-03 10:15", 15 * time.Minute},
		{"2025-03-03 07:00", "2025-03-03 09:00", 0},
		{"2025-03-03 08:00", "2025-03-03 23:00", 9 * time.Hour}, // windows that overlap count once
		{"2025-03-03 17:55", "2025-03-04 09:10", 15 * time.Minute},
		{"2025-03-07 23:00", "2025-03-08 12:00", 4 * time.Hour}, // Friday's night, and Saturday's window that it runs into
		{"2025-03-08 01:30", "2025-03-08 02:30", time.Hour},
		{"2025-03-10 17:00", "2025-03-17 09:30", time.Hour + 30*time.Minute + 5*time.Hour}, // Tuesday is a holiday
		{"2025-03-10 17:00", "2025-03-10 16:00", 0},
		{"2024-01-01 00:00", "2025-03-03 08:00", (8*9 + 8*9 + 9*5) * time.Hour}, // 60 days
	} {
		if got := c.OpenFor(at(t, c2.from, z).UTC(), at(t, c2.to, z).UTC()); got != c2.want {
			t.Errorf("%s to %s: got %v, want %v", c2.from, c2.to, got, c2.want)
		}
	}
	if got := (Calendar{}).OpenFor(at(t, "2025-03-03 10:00", z), at(t, "2025-03-04 10:00", z)); got != 24*time.Hour {
		t.Errorf("without hours: got %v, want all of it", got)
	}
}

// On the days on which clocks change, opening is still at nine, and the hour that does not exist opens nothing twice.
func TestCalendarWhenClocksChange(t *testing.T) {
	z := zone(t, "America/Santiago") // 2025-04-06: back at midnight; 2025-09-07: forward from midnight to one
	c, err := Hours{"sunday": {"00:15-00:45", "09:00-10:00"}}.calendar(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []string{"2025-04-06", "2025-09-07"} {
		nine := at(t, day+" 09:00", z)
		if c.Open(nine.Add(-time.Minute)) || !c.Open(nine) || !c.Open(nine.Add(59*time.Minute)) || c.Open(nine.Add(time.Hour)) {
			t.Errorf("%s: not open from nine to ten", day)
		}
		if got := c.Opens(at(t, day+" 05:00", z)); !got.Equal(nine) {
			t.Errorf("%s: opens %v, want %v", day, got, nine)
		}
	}
}

func TestCalendarsWithoutHours(t *testing.T) {
	now := time.Unix(1e9, 0)
	if c := (Calendar{}); !c.Open(now) || !c.Opens(now).Equal(now) {
		t.Error("the zero calendar: want always open")
	}
	if c := (Calendar{Week: map[time.Weekday][]Window{time.Monday: nil}}); c.Open(now) || !c.Opens(now).IsZero() {
		t.Error("a week without windows: want never open")
	}
}

func TestParseWindow(t *testing.T) {
	for text, ok := range map[string]bool{"09:00-18:00": true, "22:00-02:00": true, "00:00-24:00": true, "24:00-01:00": false, "9-18": false, "09:00": false, "25:00-26:00": false, "": false} {
		w, err := ParseWindow(text)
		if (err == nil) != ok {
			t.Errorf("%q: got %v, want ok %v", text, err, ok)
		}
		if ok && w.String() != text {
			t.Errorf("%q: written %q", text, w)
		}
	}
}
