package whatsapp

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3": one SQLite library per process
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
)

// Store keeps the links of all lines of this process: keys, Signal sessions and what is not yet confirmed. It is a file
// of its own (whatsapp.db), never the desk's database: whatsmeow writes to it several times a message.
//
// Privacy: the file holds the plaintext of received messages until they are stored by the desk, and of sent messages for
// seven days, because a phone that could not read one asks for it again.
type Store struct {
	db        *sql.DB
	container *sqlstore.Container
}

// storePragmas are what the file is opened with. Immediate transactions are not a preference: without them one in six
// first contacts of a burst fails to decrypt, because a read transaction cannot be upgraded while another writes.
var storePragmas = url.Values{
	"_foreign_keys":    {"on"}, // sqlstore refuses to start without
	"_journal_mode":    {"WAL"},
	"_synchronous":     {"NORMAL"},
	"_busy_timeout":    {"20000"}, // milliseconds
	"_txlock":          {"immediate"},
	"_stmt_cache_size": {"64"}, // statements per connection; preparing them was a tenth of the time per message
}

// pollTable keeps the options of polls: a vote names them only by hash, and may come weeks later.
const pollTable = `CREATE TABLE IF NOT EXISTS mostrador_poll (
	device TEXT NOT NULL, id TEXT NOT NULL, options TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (device, id)
) WITHOUT ROWID`

// pollsKept is how long the options of a poll are remembered.
const pollsKept = 180 * 24 * time.Hour

// OpenStore opens the file at path, creates it if it is missing and brings it to whatsmeow's present schema. What
// libsignal and whatsmeow have to say goes to log, with numbers and texts removed.
func OpenStore(ctx context.Context, path string, log *slog.Logger) (*Store, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	routeSignalLog(log)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // before SQLite makes one that others may read
	if err == nil {
		err = file.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the WhatsApp store: %w", err)
	}
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: storePragmas.Encode()}
	db, err := sql.Open("sqlite3", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open the WhatsApp store: %w", err)
	}
	s := &Store{db: db, container: sqlstore.NewWithDB(db, "sqlite3", quietLog{log})}
	if err := s.container.Upgrade(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("upgrade the WhatsApp store: %w", err)
	}
	for _, table := range []string{pollTable, timerTable} {
		if _, err := db.ExecContext(ctx, table); err != nil {
			_ = db.Close()
			return nil, fmt.Errorf("upgrade the WhatsApp store: %w", err)
		}
	}
	return s, nil
}

// Close closes the file. Stop the lines first.
func (s *Store) Close() error { return s.db.Close() }

// DB gives the file to a backup, which must not write to it.
func (s *Store) DB() *sql.DB { return s.db }

// device finds the link that Handler.Linked named, or makes keys for a new one if name is empty. It answers nil without
// an error for a link that the file does not hold.
func (s *Store) device(ctx context.Context, name string) (*store.Device, error) {
	if name == "" {
		return s.container.NewDevice(), nil
	}
	jid, err := types.ParseJID(name)
	if err != nil {
		return nil, fmt.Errorf("read the name of the link: %w", err)
	}
	device, err := s.container.GetDevice(ctx, jid)
	if err != nil {
		return nil, fmt.Errorf("load the link: %w", err)
	}
	return device, nil
}

// forget deletes a link and all that belongs to it. A link that is gone already is no error.
func (s *Store) forget(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	device, err := s.device(ctx, name)
	if err != nil || device == nil {
		return err
	}
	if err := device.Delete(ctx); err != nil {
		return fmt.Errorf("delete the link: %w", err)
	}
	return nil
}

// names are those under which a poll is kept: one for each address of the chat, because a vote may name only the other. Ids
// alone are not enough: whoever makes a poll chooses its id.
func (m of) names() (names []string) {
	side := "in"
	if m.fromMe {
		side = "out"
	}
	for _, name := range m.chat.names() {
		names = append(names, side+" "+name+" "+m.id)
	}
	return names
}

// putPoll remembers the options of a poll that this link sent or received, and forgets those of half a year ago.
func (s *Store) putPoll(ctx context.Context, device string, m of, options []string, now time.Time) error {
	list, err := json.Marshal(options)
	if err != nil {
		return fmt.Errorf("store poll %s: %w", m.id, err)
	}
	for _, name := range m.names() {
		_, err = s.db.ExecContext(ctx, `INSERT OR REPLACE INTO mostrador_poll (device, id, options, at) VALUES (?, ?, ?, ?)`,
			device, name, string(list), now.Unix())
		if err != nil {
			return fmt.Errorf("store poll %s: %w", m.id, err)
		}
	}
	_, err = s.db.ExecContext(ctx, `DELETE FROM mostrador_poll WHERE at < ?`, now.Add(-pollsKept).Unix())
	if err != nil {
		return fmt.Errorf("forget old polls: %w", err)
	}
	return nil
}

// poll gives the options of a poll; nil if it is not known.
func (s *Store) poll(ctx context.Context, device string, m of) ([]string, error) {
	var list string
	err := sql.ErrNoRows
	for _, name := range append(m.names(), m.id) { // the id alone: kept by a version before
		err = s.db.QueryRowContext(ctx, `SELECT options FROM mostrador_poll WHERE device = ? AND id = ?`, device, name).Scan(&list)
		if !errors.Is(err, sql.ErrNoRows) {
			break
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load poll %s: %w", m.id, err)
	}
	var options []string
	if err := json.Unmarshal([]byte(list), &options); err != nil {
		return nil, fmt.Errorf("load poll %s: %w", m.id, err)
	}
	return options, nil
}
