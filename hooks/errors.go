package hooks

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// apiError is what a request gets that was not carried out: PocketBase's shape, and the code that the sentence was made of.
type apiError struct {
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
	r := toRefusal(err).in(lang)
	if r.Status >= 500 {
		e.App.Logger().Error("request", "pattern", e.Request.Pattern, "error", err)
	}
	answer := apiError{Status: r.Status, Code: r.Code, Message: sentence(lang, r.Code, r.Args), Data: r.Data}
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

// toRefusal finds what to answer to an error.
func toRefusal(err error) *Refusal {
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
		return refuse(http.StatusRequestEntityTooLarge, codeTooBig)
	case errors.As(err, &badType) && badType.Field != "":
		return badValue(badType.Field)
	case errors.As(err, &badJSON), errors.As(err, &badType), errors.As(err, &badTime):
		return refuse(http.StatusBadRequest, codeBadBody)
	case errors.Is(err, store.ErrStopped):
		return refuse(http.StatusServiceUnavailable, codeStopping)
	case errors.Is(err, context.Canceled): // the browser went away: nobody reads this
		return refuse(http.StatusBadRequest, codeBadBody)
	case errors.As(err, &fromPocketBase) && fromPocketBase.Status == http.StatusRequestEntityTooLarge:
		return refuse(http.StatusRequestEntityTooLarge, codeTooBig)
	}
	return refuse(http.StatusInternalServerError, codeInternal)
}

// badValue refuses one field of a request.
func badValue(field string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: codeBadValue, Args: map[string]any{"field": field}}
}

// The languages that the desk speaks; English is for whoever asks for none of them.
var languages = []string{"es", "pt-BR", "en"}

// language picks one of ours from what the user chose, else from Accept-Language (in its order; weights are ignored,
// because browsers send them sorted).
func language(chosen, accept string) string {
	for _, tag := range append([]string{chosen}, strings.Split(accept, ",")...) {
		tag, _, _ = strings.Cut(strings.TrimSpace(tag), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		switch base {
		case "es", "en":
			return base
		case "pt":
			return "pt-BR"
		}
	}
	return "en"
}

// Say is the refusal in a person's words, for whoever is not a route: the command line.
func (r *Refusal) Say(lang string) string {
	r = r.in(lang)
	return sentence(lang, r.Code, r.Args)
}

// sentence is a code in words. An unknown code, which a test forbids, reads as a fault of ours.
func sentence(lang, code string, args map[string]any) string {
	texts, ok := sentences[code]
	if !ok {
		texts = sentences[codeInternal]
	}
	return texts.in(lang, args)
}

// in is the sentence in one language, with its places filled.
func (s said) in(lang string, args map[string]any) string {
	text := map[string]string{"es": s.es, "pt-BR": s.pt, "en": s.en}[lang]
	for name := range maps.Keys(args) {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(args[name]))
	}
	return text
}

// missing turns "no such row" into the answer for it.
func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errNotFound
	}
	return err
}
