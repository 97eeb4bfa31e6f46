// Package hooks is what the desk does: the only code that touches the database.
package hooks
