package hooks

import (
	"context"

	"mostrador/flows"
	"mostrador/hooks/fetch"
)

// header is one line of a request, with its secret behind the value.
func (d *Desk) header(ctx context.Context, h *flows.HTTP, l flows.Header) (fetch.Header, error) {
	if l.Secret != "" {
		return fetch.Header{}, noAnswer(callNoSecret)
	}
	return fetch.Header{Name: l.Name, Value: l.Value}, nil
}
