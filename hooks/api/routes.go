package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strconv"

	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/core"
)

// access is who may call a route; what they may see and change is decided inside, by Viewer.
type access int

const (
	Guests      access = iota // no session needed
	Everybody                 // every user
	Supervisors               // SUPERVISOR and ADMIN
	Admins                    // ADMIN
)

// allows tells whether a role is enough.
func (a access) allows(r rights.Role) bool {
	switch a {
	case Admins:
		return r == rights.Admin
	case Supervisors:
		return r == rights.Admin || r == rights.Supervisor
	}
	return true
}

// Route is one line of the API.
type Route struct {
	Method, Path string
	Who          access
	Run          func(*Request) error // writes the answer; an error is answered for it
	Limit        int64                // of the body, bytes; 0: 1 MB, of a guest's 8 KB
}

// Request is one call of a route.
type Request struct {
	*core.RequestEvent
	API *API
	Me  *Caller // nil for guests
}

const (
	BodyLimit   = 1 << 20   // bytes of JSON; a 70 KB text fits many times
	UploadLimit = 110 << 20 // bytes of a form with a file: WhatsApp takes documents of 100 MB
)

// BodyLimit is how many bytes a body may have.
func (r Route) BodyLimit() int64 {
	switch {
	case r.Limit > 0:
		return r.Limit
	case r.Who == Guests:
		return GuestBody
	}
	return BodyLimit
}

// Serve runs one route for whoever may.
func (ap *API) Serve(r Route, e *core.RequestEvent) error {
	if a := ArrivalOf(e.Request); a != nil { // without PocketBase's copy of it, which is for who reads twice
		e.Request.Body = http.MaxBytesReader(e.Response, a, r.BodyLimit())
	}
	req := &Request{RequestEvent: e, API: ap, Me: SignedIn(e)}
	var err error
	switch {
	case r.Who != Guests && req.Me == nil:
		err = ErrSignedOut
	case r.Who != Guests && !req.means(req.Me.ID):
		err = errOtherUser
	case r.Who != Guests && !r.Who.allows(req.Me.Role):
		err = ErrForbidden
	default:
		err = r.Run(req)
	}
	if err != nil {
		return Refused(e, err)
	}
	return nil
}

// MeantUser is the header in which a page says for whom it asks. All tabs of a browser have one cookie: when somebody else
// signs in in another one, what this page sends must not go out in their name.
const MeantUser = "X-User"

// means tells whether a request is meant to be made by this user; one without the header is.
func (r *Request) means(user string) bool {
	meant := r.Request.Header.Get(MeantUser)
	return meant == "" || meant == user
}

// Read decodes the JSON body; no body at all is an empty object. Whatever does not fit is the sender's fault.
func (r *Request) Read(into any) error {
	body, err := io.ReadAll(r.Request.Body)
	if err != nil {
		return Unread(err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	err = json.Unmarshal(body, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		wrong.Field = JSONPath(into, wrong.Field)
	}
	return Unread(err)
}

// Parts reads a form with a file, if the disk has room for it: what is too large for memory lies there meanwhile.
func (r *Request) Parts() error {
	if err := r.API.HasRoom(max(r.Request.ContentLength, 0)); err != nil {
		return err
	}
	return Unread(r.Request.ParseMultipartForm(1 << 20))
}

// Unread is the answer to what the sender's body was refused for: the error itself where it says more, or where it is
// our disk's, which keeps the parts of a form.
func Unread(err error) error {
	var disk *fs.PathError
	if err == nil || ToRefusal(err).Status != http.StatusInternalServerError || errors.As(err, &disk) {
		return err
	}
	return errBadBody
}

// OK answers 200 with a value.
func (r *Request) OK(v any) error { return r.JSON(http.StatusOK, v) }

// Done answers 204.
func (r *Request) Done() error { return r.NoContent(http.StatusNoContent) }

// Page is a list as the API answers it.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"` // what ?before= takes for the next page; empty: that was all
}

const (
	DefaultPage = 50
	MaxPage     = 100
)

// Limit reads ?limit=, 1 to 100.
func (r *Request) Limit() (int, error) {
	text := r.Request.URL.Query().Get("limit")
	if text == "" {
		return DefaultPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > MaxPage {
		return 0, BadValue("limit")
	}
	return n, nil
}

// NewID is the id of what the request makes: by its Idempotency-Key the same each time, else a new one.
func (r *Request) NewID(what string) string {
	if key := r.Request.Header.Get(IdempotencyKey); key != "" {
		return store.IDOf(what, r.Me.ID, key)
	}
	return store.NewID(r.API.Store.Now())
}

// Query reads one parameter of the address.
func (r *Request) Query(name string) string { return r.Request.URL.Query().Get(name) }

// ID reads the {id} of the path.
func (r *Request) ID() string { return r.Request.PathValue("id") }

// Act makes a route of what a person does to a conversation; the answer is how it is then.
func Act[A any](do func(context.Context, rights.Viewer, string) (A, error)) func(*Request) error {
	return func(r *Request) error {
		shown, err := do(r.Request.Context(), r.Me.Viewer, r.ID())
		if err != nil {
			return err
		}
		return r.OK(shown)
	}
}

// ActWith is act for what needs to be told how.
func ActWith[T, A any](do func(context.Context, rights.Viewer, string, T) (A, error)) func(*Request) error {
	return func(r *Request) error {
		var how T
		if err := r.Read(&how); err != nil {
			return err
		}
		shown, err := do(r.Request.Context(), r.Me.Viewer, r.ID(), how)
		if err != nil {
			return err
		}
		return r.OK(shown)
	}
}
