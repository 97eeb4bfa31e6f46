package media

import (
	"math"

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
func (fi *Files) space() (Space, bool) {
	s, err := fi.Disk(fi.Store.App.DataDir())
	return s, err == nil && s.Total > 0
}

// diskRoom is how many bytes files may still take: what is free but for the reserve, which is the database's. A disk that
// does not tell has room.
func (fi *Files) diskRoom() int64 {
	s, known := fi.space()
	if !known {
		return math.MaxInt64
	}
	return s.Free - fi.Reserve()
}

// Reserve is what files leave free, in bytes.
func (fi *Files) Reserve() int64 { return int64(fi.Settings.Get().DiskReserveMB) * megabyte }

// MayStore refuses a file that the disk has no room for.
func (fi *Files) MayStore(bytes int64) error {
	if room := fi.diskRoom(); room <= 0 || bytes > room {
		return ErrDiskFull
	}
	return nil
}

// DiskWarnings tells who runs the desk that the disk fills up, before anything stops.
func (fi *Files) DiskWarnings() []api.Warning {
	s, known := fi.space()
	if !known {
		return nil
	}
	used := int((s.Total - s.Free) * 100 / s.Total)
	switch {
	case s.Free <= fi.Reserve():
		return []api.Warning{WarnDiskReserve.With("percent", used).With("free", s.Free/megabyte).With("reserve", fi.Settings.Get().DiskReserveMB)}
	case used >= diskWarn:
		return []api.Warning{WarnDiskFills.With("percent", used).With("free", s.Free/megabyte)}
	}
	return nil
}
