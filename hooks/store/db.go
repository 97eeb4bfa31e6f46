package store

import (
	"database/sql"
	"fmt"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
	"github.com/pocketbase/dbx"
)

const driver = "mostrador_sqlite3"

// Pragmas of every connection. busy_timeout comes first so that the switch to WAL can wait. synchronous is FULL because
// WhatsApp is told "received" after our commit: a power cut must not take that back. A checkpoint each 40 MB of WAL
// doubles write throughput against the default.
const pragmas = `PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=200000000;
PRAGMA synchronous=%s; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000;
PRAGMA wal_autocheckpoint=10000;`

func init() {
	sql.Register(driver, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec(fmt.Sprintf(pragmas, "FULL"), nil)
		return err
	}})
	dbx.BuilderFuncMap[driver] = dbx.BuilderFuncMap["sqlite3"] // without it dbx falls back to another dialect
}

// MaxConns is how many connections read at a time; the page cache is per connection (16 MB each).
const MaxConns = 8

// Connect opens a PocketBase database with the one SQLite library of this program. Two libraries on one file lose
// commits: each drops the other's POSIX locks when it closes a descriptor.
func Connect(path string) (*dbx.DB, error) {
	if err := makePrivate(path); err != nil {
		return nil, fmt.Errorf("make %s: %w", path, err)
	}
	return dbx.Open(driver, "file:"+literalPath.Replace(path)+"?_txlock=immediate&_stmt_cache_size=200")
}

// literalPath keeps SQLite from reading more than a path into a folder's name.
var literalPath = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23")
