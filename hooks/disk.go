package hooks

import (
	"math"
	"net/http"

	"mostrador/hooks/api"
)

// Space is the disk that the data folder is on, in bytes.
type Space struct {
	Free  int64 // what this program may still write
	Total int64
}

const (
	diskWarn = 80      // percent in use from which admins are told
	megabyte = 1 << 20 // of the settings
)

// space asks the disk; false where the system does not tell.
func (d *Desk) space() (Space, bool) {
	s, err := d.Disk(d.Store.App.DataDir())
	return s, err == nil && s.Total > 0
}

// diskRoom is how many bytes files may still take: what is free but for the reserve, which is the database's. A disk that
// does not tell has room.
func (d *Desk) diskRoom() int64 {
	s, known := d.space()
	if !known {
		return math.MaxInt64
	}
	return s.Free - d.reserve()
}

// reserve is what files leave free, in bytes.
func (d *Desk) reserve() int64 { return int64(d.Settings.Get().DiskReserveMB) * megabyte }

// mayStore refuses a file that the disk has no room for.
func (d *Desk) mayStore(bytes int64) error {
	if room := d.diskRoom(); room <= 0 || bytes > room {
		return api.Refuse(http.StatusInsufficientStorage, api.CodeDiskFull)
	}
	return nil
}

// diskWarnings tells who runs the desk that the disk fills up, before anything stops.
func (d *Desk) diskWarnings() []api.Warning {
	s, known := d.space()
	if !known {
		return nil
	}
	used := int((s.Total - s.Free) * 100 / s.Total)
	args := map[string]any{"percent": used, "free": s.Free / megabyte, "reserve": d.Settings.Get().DiskReserveMB}
	switch {
	case s.Free <= d.reserve():
		return []api.Warning{{Code: api.CodeDiskReserve, Args: args}}
	case used >= diskWarn:
		return []api.Warning{{Code: api.CodeDiskFills, Args: args}}
	}
	return nil
}
