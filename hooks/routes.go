package hooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strconv"

	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// access is who may call a route; what they may see and change is decided inside, by Viewer.
type access int

const (
	guests      access = iota // no session needed
	everybody                 // every user
	supervisors               // SUPERVISOR and ADMIN
	admins                    // ADMIN
)

// allows tells whether a role is enough.
func (a access) allows(r rights.Role) bool {
	switch a {
	case admins:
		return r == rights.Admin
	case supervisors:
		return r == rights.Admin || r == rights.Supervisor
	}
	return true
}

// route is one line of the API.
type route struct {
	method, path string
	who          access
	run          func(*request) error // writes the answer; an error is answered for it
	limit        int64                // of the body, bytes; 0: 1 MB, of a guest's 8 KB
}

// request is one call of a route.
type request struct {
	*core.RequestEvent
	desk *Desk
	me   *caller // nil for guests
}

const (
	bodyLimit   = 1 << 20   // bytes of JSON; a 70 KB text fits many times
	uploadLimit = 110 << 20 // bytes of a form with a file: WhatsApp takes documents of 100 MB
)

// Register binds the desk's routes, sessions and streams to the app. Call it once, before the app serves.
func (d *Desk) Register() {
	d.join()
	d.Hub.bind(d.Store.App)
	d.Store.App.OnServe().BindFunc(func(e *core.ServeEvent) error {
		for _, origin := range d.Web.Origins {
			if err := d.crossOrigin.AddTrustedOrigin(origin); err != nil {
				return err
			}
		}
		d.bindGuard(e)
		d.own = map[string]bool{}
		for _, r := range d.routes() {
			d.own[r.method+" "+r.path] = true
			bound := e.Router.Route(r.method, r.path, func(e *core.RequestEvent) error { return d.serve(r, e) })
			bound.Unbind(apis.DefaultBodyLimitMiddlewareId).Bind(apis.BodyLimit(r.bodyLimit()))
		}
		if err := e.Next(); err != nil {
			return err
		}
		e.Server.Handler = d.openDoor(e.Server.Handler)
		// For whoever is not known; letIn gives the others more.
		e.Server.ReadHeaderTimeout, e.Server.ReadTimeout = guestTime, guestTime
		e.Server.WriteTimeout, e.Server.IdleTimeout, e.Server.MaxHeaderBytes = writeTime, idleTime, headerMax
		return nil
	})
}

// routes lists the whole API, a file for each subject.
func (d *Desk) routes() []route {
	var all []route
	for _, subject := range [][]route{d.authRoutes(), d.conversationRoutes(), d.messageRoutes(), d.actionRoutes(), d.fileRoutes(), d.contactRoutes(), d.deskRoutes(), d.botRoutes(), d.peopleRoutes(),
		d.areaRoutes(), d.secretRoutes(), d.flowRoutes(), d.presenceRoutes(), d.runnerRoutes(), d.probeRoutes(), d.warningRoutes()} {
		all = append(all, subject...)
	}
	return all
}

// bodyLimit is how many bytes a body may have.
func (r route) bodyLimit() int64 {
	switch {
	case r.limit > 0:
		return r.limit
	case r.who == guests:
		return guestBody
	}
	return bodyLimit
}

// serve runs one route for whoever may.
func (d *Desk) serve(r route, e *core.RequestEvent) error {
	if a := arrivalOf(e.Request); a != nil { // without PocketBase's copy of it, which is for who reads twice
		e.Request.Body = http.MaxBytesReader(e.Response, a, r.bodyLimit())
	}
	req := &request{RequestEvent: e, desk: d, me: signedIn(e)}
	var err error
	switch {
	case r.who != guests && req.me == nil:
		err = refuse(http.StatusUnauthorized, codeSignedOut)
	case r.who != guests && !req.means(req.me.ID):
		err = refuse(http.StatusPreconditionFailed, codeOtherUser)
	case r.who != guests && !r.who.allows(req.me.Role):
		err = refuse(http.StatusForbidden, codeForbidden)
	default:
		err = r.run(req)
	}
	if err != nil {
		return refused(e, err)
	}
	return nil
}

// meantUser is the header in which a page says for whom it asks. All tabs of a browser have one cookie: when somebody else
// signs in in another one, what this page sends must not go out in their name.
const meantUser = "X-User"

// means tells whether a request is meant to be made by this user; one without the header is.
func (r *request) means(user string) bool {
	meant := r.Request.Header.Get(meantUser)
	return meant == "" || meant == user
}

// read decodes the JSON body; no body at all is an empty object. Whatever does not fit is the sender's fault.
func (r *request) read(into any) error {
	body, err := io.ReadAll(r.Request.Body)
	if err != nil {
		return unread(err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	err = json.Unmarshal(body, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		wrong.Field = jsonPath(into, wrong.Field)
	}
	return unread(err)
}

// parts reads a form with a file, if the disk has room for it: what is too large for memory lies there meanwhile.
func (r *request) parts() error {
	if err := r.desk.hasRoom(max(r.Request.ContentLength, 0)); err != nil {
		return err
	}
	return unread(r.Request.ParseMultipartForm(1 << 20))
}

// unread is the answer to what the sender's body was refused for: the error itself where it says more, or where it is
// our disk's, which keeps the parts of a form.
func unread(err error) error {
	var disk *fs.PathError
	if err == nil || toRefusal(err).Status != http.StatusInternalServerError || errors.As(err, &disk) {
		return err
	}
	return refuse(http.StatusBadRequest, codeBadBody)
}

// ok answers 200 with a value.
func (r *request) ok(v any) error { return r.JSON(http.StatusOK, v) }

// done answers 204.
func (r *request) done() error { return r.NoContent(http.StatusNoContent) }

// page is a list as the API answers it.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"` // what ?before= takes for the next page; empty: that was all
}

const (
	defaultPage = 50
	maxPage     = 100
)

// limit reads ?limit=, 1 to 100.
func (r *request) limit() (int, error) {
	text := r.Request.URL.Query().Get("limit")
	if text == "" {
		return defaultPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPage {
		return 0, badValue("limit")
	}
	return n, nil
}

// newID is the id of what the request makes: by its Idempotency-Key the same each time, else a new one.
func (r *request) newID(what string) string {
	if key := r.Request.Header.Get(idempotencyKey); key != "" {
		return store.IDOf(what, r.me.ID, key)
	}
	return store.NewID(r.desk.Store.Now())
}

// query reads one parameter of the address.
func (r *request) query(name string) string { return r.Request.URL.Query().Get(name) }

// id reads the {id} of the path.
func (r *request) id() string { return r.Request.PathValue("id") }
