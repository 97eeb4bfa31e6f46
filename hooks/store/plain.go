package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// UnmarshalOr reads a JSON column; an empty one changes nothing.
func UnmarshalOr(from types.JSONRaw, into any) error {
	if len(from) == 0 || string(from) == "null" || string(from) == `""` {
		return nil
	}
	return json.Unmarshal(from, into)
}

// MaxIn is how many values one IN list holds; SQLite takes 32766 variables.
const MaxIn = 500

// WhereIn reads the rows whose column has one of the values, without duplicates of a value, in chunks.
func WhereIn[T any](db dbx.Builder, table, column string, values []any, columns ...string) ([]T, error) {
	var rows []T
	what := "*"
	if len(columns) > 0 {
		what = strings.Join(columns, ", ")
	}
	for chunk := range slices.Chunk(values, MaxIn) {
		part, err := Many[T](Execer(db), "SELECT "+what+" FROM "+table+" WHERE "+column+" IN (?"+strings.Repeat(", ?", len(chunk)-1)+")", chunk...)
		if err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	return rows, nil
}

// Distinct collects the non-empty values of a field.
func Distinct[T any](rows []T, field func(*T) string) (values []any) {
	seen := make(map[string]bool, len(rows))
	for i := range rows {
		if v := field(&rows[i]); v != "" && !seen[v] {
			seen[v] = true
			values = append(values, v)
		}
	}
	return values
}

// Decode reads a JSON column that we wrote; what is empty or broken changes nothing.
func Decode(from types.JSONRaw, into any) {
	if len(from) > 0 && string(from) != "null" {
		_ = json.Unmarshal(from, into)
	}
}

// The hot path reads and writes rows by plain SQL with ? parameters. dbx takes the text of a statement apart with regular
// expressions each time it is used (NewQuery, DB.processSQL), which was a third of the writer's time; here the text of a
// statement is made once for each type of row.

// Execer is what dbx itself runs statements on: a transaction or a pool. PocketBase's DB() is neither, but its two pools
// are behind ConcurrentDB and NonconcurrentDB; it panics on what is no database at all.
func Execer(db dbx.Builder) dbx.Executor {
	switch b := db.(type) {
	case *dbx.Tx:
		db = b.Builder
	case *dbx.DB:
		db = b.Builder
	}
	return db.(interface{ Executor() dbx.Executor }).Executor()
}

// SQL runs statements inside the transaction.
func (t *Tx) SQL() dbx.Executor { return Execer(t.DB()) }

// layout is how a type of row lies in its table.
type layout struct {
	table   string
	columns []string
	byName  map[string]int // field by column
	insert  string
	updates sync.Map // statement by the fields that it writes
}

var layouts sync.Map // by reflect.Type

func layoutOf(kind reflect.Type) *layout {
	if l, ok := layouts.Load(kind); ok {
		return l.(*layout)
	}
	l := &layout{byName: map[string]int{}}
	if named, ok := reflect.Zero(kind).Interface().(dbx.TableModel); ok {
		l.table = named.TableName()
	}
	for i := range kind.NumField() {
		column := kind.Field(i).Tag.Get("db")
		l.columns = append(l.columns, column)
		l.byName[column] = i
	}
	l.insert = "INSERT INTO " + l.table + " (`" + strings.Join(l.columns, "`, `") + "`) VALUES (?" + strings.Repeat(", ?", len(l.columns)-1) + ")"
	actual, _ := layouts.LoadOrStore(kind, l)
	return actual.(*layout)
}

// Insert writes a row, a pointer to a struct whose fields all name their column.
func (t *Tx) Insert(row any) error {
	v := reflect.ValueOf(row).Elem()
	l := layoutOf(v.Type())
	args := make([]any, v.NumField())
	for i := range args {
		args[i] = v.Field(i).Interface()
	}
	_, err := t.SQL().Exec(l.insert, args...)
	return err
}

// Update writes the named fields of a row, all of them when none is named. The row has an ID.
func (t *Tx) Update(row any, fields ...string) error {
	v := reflect.ValueOf(row).Elem()
	l := layoutOf(v.Type())
	if len(fields) == 0 {
		for i := range v.NumField() {
			fields = append(fields, v.Type().Field(i).Name)
		}
	}
	key := strings.Join(fields, ",")
	statement, ok := l.updates.Load(key)
	if !ok {
		sets := make([]string, len(fields))
		for i, name := range fields {
			f, _ := v.Type().FieldByName(name)
			sets[i] = "`" + f.Tag.Get("db") + "` = ?"
		}
		statement = "UPDATE " + l.table + " SET " + strings.Join(sets, ", ") + " WHERE id = ?"
		l.updates.Store(key, statement)
	}
	args := make([]any, 0, len(fields)+1)
	for _, name := range fields {
		args = append(args, v.FieldByName(name).Interface())
	}
	_, err := t.SQL().Exec(statement.(string), append(args, v.FieldByName("ID").Interface())...)
	return err
}

// First reads the only column of the first row of a query.
func (t *Tx) First(into any, query string, args ...any) error {
	return First(t.SQL(), into, query, args...)
}

func First(e dbx.Executor, into any, query string, args ...any) error {
	rows, err := e.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	return rows.Scan(into)
}

// One reads the first row of a query; sql.ErrNoRows when there is none. Columns that T has no field for are left out.
func One[T any](e dbx.Executor, query string, args ...any) (*T, error) {
	rows, err := Many[T](e, query, args...)
	if err == nil && len(rows) == 0 {
		return nil, sql.ErrNoRows
	}
	if err != nil {
		return nil, err
	}
	return &rows[0], nil
}

// Many reads all rows of a query, which must be bounded.
func Many[T any](e dbx.Executor, query string, args ...any) ([]T, error) {
	rows, err := e.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	l := layoutOf(reflect.TypeFor[T]())
	var all []T
	into := make([]any, len(columns))
	for rows.Next() {
		all = append(all, *new(T))
		v := reflect.ValueOf(&all[len(all)-1]).Elem()
		for i, name := range columns {
			if field, ok := l.byName[name]; ok {
				into[i] = v.Field(field).Addr().Interface()
			} else {
				into[i] = new(any)
			}
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
	}
	return all, rows.Err()
}

// IsNone reports whether a look-up found nothing.
func IsNone(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// MissingRow is nil for a row that is not there any more: somebody deleted it in the dashboard.
func MissingRow(err error) error {
	if IsNone(err) {
		return nil
	}
	return err
}
