package hooks

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mostrador/hooks/api"
	"mostrador/hooks/secrets"
)

// privateFiles are those of a data folder that hold everything there is, by patterns of their names.
var privateFiles = []string{"*.db", "*.db-wal", "*.db-shm", secrets.KeyName, "backups/*.zip"}

// OpenToOthers lists the files of a data folder with customers' messages or keys that others on the machine may read, or write,
// as far as the files' own modes say. They are older than this program's care, or somebody wanted it so: they are left as they
// are.
func OpenToOthers(dir string) (names []string) {
	for _, pattern := range privateFiles {
		files, _ := os.ReadDir(filepath.Join(dir, filepath.Dir(pattern))) // of what is not there, nothing
		for _, file := range files {
			if fits, _ := filepath.Match(filepath.Base(pattern), file.Name()); !fits {
				continue
			}
			if info, err := file.Info(); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
				names = append(names, filepath.Join(filepath.Dir(pattern), file.Name()))
			}
		}
	}
	slices.Sort(names)
	return names
}

// privacyWarnings names what others can read.
func (d *Desk) privacyWarnings() []api.Warning {
	files := OpenToOthers(d.Store.App.DataDir())
	if len(files) == 0 {
		return nil
	}
	return []api.Warning{WarnOpenFiles.With("files", strings.Join(files, ", "))}
}
