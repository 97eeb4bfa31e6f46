// Package view: what agents see: conversations, messages, lists, threads, and what they missed.
package view

import (
	"mostrador/hooks/realtime"
	"mostrador/hooks/store"
)

// Views shows conversations to those who may see them.
type Views struct {
	Hub   *realtime.Hub
	Store *store.Store
}
