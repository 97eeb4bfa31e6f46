package facts

import (
	"fmt"
	"strings"
	"time"

	"mostrador/flows"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

func (r factsReader) readHours(f *Facts) error {
	var rows []struct {
		Area string        `db:"area"`
		Week types.JSONRaw `db:"week"`
		Days types.JSONRaw `db:"days"`
	}
	if err := r.db.Select("area", "week", "days").From("hours").All(&rows); err != nil {
		return fmt.Errorf("read hours: %w", err)
	}
	for _, row := range rows {
		area, known := f.Areas[row.Area]
		if row.Area != "" && !known {
			continue
		}
		zone := r.zone
		if z, err := time.LoadLocation(area.Zone); err == nil && area.Zone != "" {
			zone = z
		}
		calendar, err := readCalendar(row.Week, row.Days, zone)
		if err != nil {
			r.log.Warn("opening hours ignored", "area", row.Area, "error", err)
			continue
		}
		f.Hours[area.Key] = calendar
	}
	f.rezone()
	return nil
}

// rezone gives areas that have a zone but no hours the desk's hours by their own clock.
func (f *Facts) rezone() {
	desk, ok := f.Hours[""]
	if !ok {
		return
	}
	for _, area := range f.Areas {
		if _, own := f.Hours[area.Key]; own || area.Zone == "" {
			continue
		}
		if zone, err := time.LoadLocation(area.Zone); err == nil {
			f.Hours[area.Key] = flows.Calendar{Zone: zone, Week: desk.Week, Days: desk.Days}
		}
	}
}

// readCalendar reads opening hours as they are stored: {"monday":["09:00-18:00"]} and {"2026-12-25":[]}.
func readCalendar(week, days types.JSONRaw, zone *time.Location) (flows.Calendar, error) {
	c := flows.Calendar{Zone: zone}
	var byDay, byDate map[string][]string
	if err := store.UnmarshalOr(week, &byDay); err != nil {
		return c, fmt.Errorf("week: %w", err)
	}
	if err := store.UnmarshalOr(days, &byDate); err != nil {
		return c, fmt.Errorf("days: %w", err)
	}
	for day := range 7 {
		name := strings.ToLower(time.Weekday(day).String())
		if texts, ok := byDay[name]; ok {
			windows, err := readWindows(texts)
			if err != nil {
				return c, fmt.Errorf("%s: %w", name, err)
			}
			if c.Week == nil {
				c.Week = map[time.Weekday][]flows.Window{}
			}
			c.Week[time.Weekday(day)] = windows
		}
	}
	for date, texts := range byDate {
		windows, err := readWindows(texts)
		if err != nil {
			return c, fmt.Errorf("%s: %w", date, err)
		}
		if c.Days == nil {
			c.Days = map[string][]flows.Window{}
		}
		c.Days[date] = windows
	}
	return c, nil
}

func readWindows(texts []string) ([]flows.Window, error) {
	windows := []flows.Window{}
	for _, text := range texts {
		w, err := flows.ParseWindow(text)
		if err != nil {
			return nil, err
		}
		windows = append(windows, w)
	}
	return windows, nil
}

// Calendar is the one that holds for an area's id.
func (f *Facts) Calendar(area string) flows.Calendar {
	if c, ok := f.Hours[f.Areas[area].Key]; ok {
		return c
	}
	return f.Hours[""]
}
