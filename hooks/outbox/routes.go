package outbox

import (
	"cmp"
	"mime"
	"net/http"
	"strconv"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/store"
)

func (s *Outbox) Routes() []api.Route {
	return []api.Route{
		{Method: "POST", Path: "/api/conversations/{id}/messages", Who: api.Everybody, Run: s.send, Limit: api.UploadLimit},
		{Method: "POST", Path: "/api/conversations/{id}/messages/{message}/retry", Who: api.Everybody, Run: s.retry},
		{Method: "POST", Path: "/api/conversations/{id}/media", Who: api.Everybody, Run: s.Files.Upload, Limit: api.UploadLimit},
	}
}

// MessageForm is NewMessage as pages and scripts send it.
type MessageForm struct {
	NewMessage
	SeenCursor  api.Number `json:"seenCursor"`
	BeganCursor api.Number `json:"beganCursor"`
	SendAt      api.Moment `json:"sendAt"`
}

// send takes a message, as JSON or as a form with the file itself under "media".
func (s *Outbox) send(r *api.Request) error {
	if err := s.Files.MayAnswer(r); err != nil {
		return err // before anything is read
	}
	n, err := s.readMessage(r)
	if err != nil {
		return err
	}
	shown, err := s.Send(r.Request.Context(), r.Me.Viewer, r.ID(), n)
	if err != nil {
		return err
	}
	return r.Created(shown)
}

func (s *Outbox) readMessage(r *api.Request) (NewMessage, error) {
	kind, _, _ := mime.ParseMediaType(r.Request.Header.Get("Content-Type"))
	var in MessageForm
	if kind == "multipart/form-data" {
		return s.readForm(r)
	}
	r.Request.Body = http.MaxBytesReader(r.Response, r.Request.Body, api.BodyLimit)
	if err := r.Read(&in); err != nil {
		return in.NewMessage, err
	}
	in.NewMessage.SeenCursor, in.NewMessage.BeganCursor, in.NewMessage.SendAt = int64(in.SeenCursor), int64(in.BeganCursor), in.SendAt.Time
	in.ClientID = cmp.Or(in.ClientID, r.Request.Header.Get(api.IdempotencyKey))
	return in.NewMessage, nil
}

// readForm stores the file of a form and reads its other fields. A form that was sent before is not stored again.
func (s *Outbox) readForm(r *api.Request) (n NewMessage, err error) {
	if err := r.Parts(); err != nil {
		return n, err
	}
	form := r.Request.PostForm
	n = NewMessage{ClientID: cmp.Or(form.Get("clientId"), r.Request.Header.Get(api.IdempotencyKey)), Text: form.Get("text"),
		Kind: form.Get("kind"), Quote: form.Get("quote")}
	for name, cursor := range map[string]*int64{"seenCursor": &n.SeenCursor, "beganCursor": &n.BeganCursor} {
		if text := form.Get(name); text != "" {
			if *cursor, err = strconv.ParseInt(text, 10, 64); err != nil {
				return n, api.BadValue(name)
			}
		}
	}
	if note := form.Get("note"); note != "" {
		if n.Note, err = strconv.ParseBool(note); err != nil {
			return n, api.BadValue("note")
		}
	}
	if at := form.Get("sendAt"); at != "" {
		if n.SendAt, err = time.Parse(time.RFC3339, at); err != nil {
			return n, api.BadValue("sendAt")
		}
	}
	n.Media = "the file of the form"
	if earlier, err := s.earlier(r, n); err != nil || earlier != nil {
		return n, err
	}
	shown, err := s.Files.KeepUpload(r)
	if err != nil {
		return n, err
	}
	n.Media = shown.ID
	return n, nil
}

// earlier refuses what Send would refuse, before its file is stored. A form that was sent before needs no file.
func (s *Outbox) earlier(r *api.Request, n NewMessage) (earlier *store.Message, err error) {
	err = s.Store.Write(r.Request.Context(), func(t *store.Tx) error {
		_, earlier, err = maySend(t, r.Me.Viewer, r.ID(), &n)
		return err
	})
	return earlier, err
}

func (s *Outbox) retry(r *api.Request) error {
	shown, err := s.Retry(r.Request.Context(), r.Me.Viewer, r.ID(), r.Request.PathValue("message"))
	return api.Okay(r, shown, err)
}
