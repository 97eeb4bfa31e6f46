// Package calls: what flows ask of other systems and of language models: rows, a loop, reasons.
package calls

import (
	"mostrador/hooks/fetch"
	"mostrador/hooks/secrets"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"
)

// Calls asks other systems for flows, one row a question.
type Calls struct {
	Secrets  *secrets.Secrets
	Settings *settings.Keeper
	Store    *store.Store

	Outside fetch.Client // how flows reach other systems; the zero Client: public addresses only
	Loop    callLoop
}
