package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// APIError is what a request gets that was not carried out: PocketBase's shape, and the code that the sentence was made of.
type APIError struct {
	Status  int    `json:"status"`
	Message string `json:"message"` // a sentence in the user's language
	Code    string `json:"code"`
	Data    any    `json:"data"`
}

// answerError tells the user what went wrong in their language, and the log why. What the business foresees is a
// *Refusal; everything else is a fault of ours.
func answerError(e *core.RequestEvent, lang string, err error) error {
	if e.Written() {
		return nil // too late to say anything else
	}
	r := ToRefusal(err).in(lang)
	if r.Status >= 500 {
		e.App.Logger().Error("request", "pattern", e.Request.Pattern, "error", err)
	}
	answer := APIError{Status: r.Status, Code: r.Code, Message: r.said.In(lang, r.Args), Data: r.Data}
	if answer.Data == nil {
		answer.Data = map[string]any{}
		if field, ok := r.Args["field"].(string); ok {
			answer.Data = map[string]any{field: map[string]any{"code": r.Code, "message": answer.Message}}
		}
	}
	if seconds, ok := r.Args["seconds"].(int); ok {
		e.Response.Header().Set("Retry-After", fmt.Sprint(seconds))
	}
	return e.JSON(r.Status, answer)
}

// ToRefusal finds what to answer to an error.
func ToRefusal(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	var tooBig *http.MaxBytesError
	var badJSON *json.SyntaxError
	var badType *json.UnmarshalTypeError
	var badTime *time.ParseError
	var fromPocketBase *router.ApiError
	switch {
	case errors.As(err, &tooBig):
		return ErrTooBig
	case errors.As(err, &badType) && badType.Field != "":
		return BadValue(badType.Field)
	case errors.As(err, &badJSON), errors.As(err, &badType), errors.As(err, &badTime):
		return errBadBody
	case errors.Is(err, store.ErrStopped):
		return ErrStopping
	case errors.Is(err, context.Canceled): // the browser went away: nobody reads this
		return errBadBody
	case errors.As(err, &fromPocketBase) && fromPocketBase.Status == http.StatusRequestEntityTooLarge:
		return ErrTooBig
	}
	return ErrInternal
}

// Missing turns "no such row" into the answer for it.
func Missing(err error) error {
	if store.IsNone(err) {
		return ErrNotFound
	}
	return err
}

// Invalid names the field that PocketBase did not take; other errors stay as they are.
func Invalid(err error) error {
	fields := router.NewBadRequestError("", err).Data
	if len(fields) == 0 {
		return err
	}
	field := slices.Sorted(maps.Keys(fields))[0]
	if why, ok := fields[field].(map[string]any); ok && why["code"] == "validation_not_unique" {
		return ErrNameTaken.With("field", field)
	}
	return BadValue(field)
}
