package calls

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/fetch"
	"mostrador/hooks/secrets"
	"mostrador/hooks/store"
)

// askHTTP makes the request of an http node.
func (ca *Calls) askHTTP(ctx context.Context, row *Call) Outcome {
	var h flows.HTTP
	store.Decode(row.Request, &h)
	r := fetch.Request{Method: h.Method, URL: h.URL, Body: []byte(h.Body), Timeout: max(row.Deadline.Time().Sub(ca.Store.Now()), time.Millisecond)}
	var sealed []string
	for _, l := range h.Headers {
		line, err := ca.Secrets.Header(&h, l)
		if err != nil {
			return ca.unanswered(row, err)
		}
		if line.Secret {
			sealed = append(sealed, strings.TrimPrefix(line.Value, l.Value))
		}
		if !strings.EqualFold(l.Name, api.IdempotencyKey) {
			r.Headers = append(r.Headers, line)
		}
	}
	r.Headers = append(r.Headers, fetch.Header{Name: api.IdempotencyKey, Value: keyOf(&h, row)})
	if h.Body != "" && !hasHeader(h.Headers, "Content-Type") {
		kind := "text/plain; charset=utf-8"
		if json.Valid(r.Body) {
			kind = "application/json"
		}
		r.Headers = append(r.Headers, fetch.Header{Name: "Content-Type", Value: kind})
	}
	answer, err := ca.Outside.Do(ctx, r)
	if err != nil {
		return ca.unanswered(row, err)
	}
	out := Outcome{result: flows.Result{Status: answer.Status, Body: string(secrets.Mask(answer.Body, sealed))}}
	if out.again = repeatable(row) && slices.Contains(passing, answer.Status); out.again {
		out.wait = retryAfter(answer.Header, ca.Store.Now())
	}
	return out
}

// passing are the statuses of a trouble that may be over in a moment.
var passing = []int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// unanswered is the outcome of an attempt without an answer. What never left may be tried again whatever it is.
func (ca *Calls) unanswered(row *Call, err error) Outcome {
	var failed *fetch.Error
	var why noAnswer
	var held secrets.Denied
	switch {
	case errors.As(err, &failed) && failed.Code == fetch.Canceled:
		return Outcome{broken: true}
	case errors.As(err, &held):
		failed = &fetch.Error{Code: fetch.Code(held), Sent: true}
	case errors.As(err, &why):
		failed = &fetch.Error{Code: fetch.Code(why), Sent: true}
	case failed == nil:
		failed = &fetch.Error{Code: CallFault, Sent: true}
	}
	ca.Store.App.Logger().Warn("another system did not answer", "call", row.ID, "conversation", row.Conversation, "attempt", row.Attempts, "host", row.Host, "reason", failed.Code, "error", err)
	again := slices.Contains([]fetch.Code{fetch.UnknownHost, fetch.Unreachable, fetch.BadAnswer}, failed.Code) && (!failed.Sent || repeatable(row))
	return Outcome{result: flows.Result{Err: string(failed.Code)}, again: again}
}

// keyed reports whether the node names the header itself: whoever wrote it says that the other side looks at it.
func keyed(h *flows.HTTP) bool { return hasHeader(h.Headers, api.IdempotencyKey) }

// keyOf is what the node writes into the header, or the row's id.
func keyOf(h *flows.HTTP, row *Call) string {
	for _, l := range h.Headers {
		if strings.EqualFold(l.Name, api.IdempotencyKey) && l.Value != "" {
			return l.Value
		}
	}
	return row.ID
}

func hasHeader(headers []flows.Header, name string) bool {
	return slices.ContainsFunc(headers, func(l flows.Header) bool { return strings.EqualFold(l.Name, name) })
}

// retryAfter is how long an answer asks us to wait, in seconds or until a date (RFC 9110, section 10.2.3); 0: it does not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
