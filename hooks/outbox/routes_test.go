package outbox_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/contacts"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

func TestMessageIsQueuedOnce(t *testing.T) {
	s := desktest.NewSite(t)
	sales := s.Area("sales")
	ana := s.User("ana", rights.Operator, sales)
	c := s.Conversation(store.StatusOpen, sales, ana.ID)
	b := s.SignIn(ana)
	path := "/api/conversations/" + c + "/messages"
	var first, again view.Message
	b.Post(path, map[string]any{"clientId": "1", "text": "hola", "seenCursor": ""}).Want(201).Into(&first)
	b.Post(path, map[string]any{"clientId": "1", "text": "hola"}).Want(201).Into(&again)
	if first.State != "queued" || first.ID != again.ID || first.ClientID != "1" || first.Author != ana.ID {
		t.Errorf("got %+v and %+v, want one queued message", first, again)
	}
	b.Headers["Idempotency-Key"] = "2"
	b.Post(path, map[string]any{"text": "otra"}).Want(201).Into(&first)
	b.Post(path, map[string]any{"text": "otra"}).Want(201).Into(&again)
	if first.ID != again.ID {
		t.Error("the same Idempotency-Key made two messages")
	}
	if got := s.Count("messages"); got != 2 {
		t.Errorf("got %d messages, want 2", got)
	}
	delete(b.Headers, "Idempotency-Key")

	seen := first.Cursor
	s.Says(c, "espera")
	e := b.Post(path, map[string]any{"clientId": "3", "text": "tarde", "seenCursor": fmt.Sprint(seen)}).Want(409).Refusal()
	if list, _ := e.Data.(map[string]any)["messages"].([]any); e.Code != outbox.ErrBehind.Code || len(list) != 1 {
		t.Errorf("got %+v, want the message that came since", e)
	}
	b.Post(path, map[string]any{"clientId": "3", "text": "tarde", "seenCursor": seen + 10}).Want(201) // a number will do
	b.Post(path, map[string]any{"clientId": "4", "text": "x", "seenCursor": "x"}).Want(400)
	b.Post(path, map[string]any{"clientId": "5"}).Want(400)
	b.Post(path, "not JSON").Want(400)
	b.Post(path, `{"text":"`).Want(400)
	b.Post(path, `{"text":"`+strings.Repeat("x", api.BodyLimit)+`"}`).Want(413)
}

func TestFileTravelsInAForm(t *testing.T) {
	s := desktest.NewSite(t)
	sales := s.Area("sales")
	ana, bea := s.User("ana", rights.Operator, sales), s.User("bea", rights.Operator, sales)
	c := s.Conversation(store.StatusOpen, sales, ana.ID)
	b := s.SignIn(ana)
	path := "/api/conversations/" + c + "/messages"
	fields := map[string]string{"clientId": "1", "text": "mira", "seconds": "2.6", "seenCursor": "0"}
	var m, again view.Message
	b.Form(path, fields, "image/png", "picture").Want(201).Into(&m)
	b.Form(path, fields, "image/png", "picture").Want(201).Into(&again)
	if m.Kind != "image" || m.Text != "mira" || m.Media == nil || m.Media.Name != "foto ñ.bin" || m.Media.Size != 7 || m.Media.Seconds != 3 {
		t.Fatalf("got %+v with media %+v, want an image with its caption", m, m.Media)
	}
	if again.ID != m.ID || s.Count("media") != 1 {
		t.Errorf("got message %s and %d files after a repeat, want %s and 1", again.ID, s.Count("media"), m.ID)
	}
	if got := b.Get(m.Media.URL).Want(200); string(got.Body) != "picture" || got.Header.Get("Content-Type") != "image/png" {
		t.Errorf("got %q as %s", got.Body, got.Header.Get("Content-Type"))
	}
	s.SignIn(bea).Get(m.Media.URL).Want(404)
	s.Guest().Get(m.Media.URL).Want(401)
	s.SignIn(bea).Form(path, fields, "image/png", "picture").Want(404)
	b.Form(path, map[string]string{"clientId": "2"}, "", "").Want(400)
	b.Form(path, map[string]string{"clientId": "2", "width": "wide"}, "image/png", "x").Want(400)
	b.Form(path, map[string]string{"clientId": "2", "note": "perhaps"}, "image/png", "x").Want(400)
}

// A form that is refused leaves no file behind.
func TestFileOfARefusedFormIsNotKept(t *testing.T) {
	s := desktest.NewSite(t)
	ana := s.User("ana", rights.Admin)
	open, closed := s.Conversation(store.StatusOpen, "", ana.ID), s.Conversation(store.StatusClosed, "", ana.ID)
	seen := s.Says(open, "hola")
	s.Says(open, "¿hola?")
	b := s.SignIn(ana)
	for name, tt := range map[string]struct {
		to     string
		fields map[string]string
		want   int
	}{
		"somebody wrote meanwhile": {open, map[string]string{"seenCursor": fmt.Sprint(seen.Pos)}, 409},
		"closed":                   {closed, nil, 409},
		"a note":                   {closed, map[string]string{"note": "true", "text": "x"}, 400},
		"planned for yesterday":    {open, map[string]string{"sendAt": "2026-03-01T00:00:00Z"}, 400},
	} {
		b.Form("/api/conversations/"+tt.to+"/messages", tt.fields, "image/png", "picture").Want(tt.want)
		if got := s.Count("media"); got != 0 {
			t.Errorf("%s: got %d files, want none", name, got)
		}
	}
	b.Post("/api/conversations/"+open+"/messages", map[string]string{"clientId": "1", "text": "hola"}).Want(201)
	b.Form("/api/conversations/"+open+"/messages", map[string]string{"clientId": "1"}, "image/png", "picture").Want(201)
	if got := s.Count("media"); got != 0 {
		t.Errorf("the id of an earlier text: got %d files, want none", got)
	}
}

func TestUploadIsSentLater(t *testing.T) {
	s := desktest.NewSite(t)
	ana := s.User("ana", rights.Admin)
	c := s.Conversation(store.StatusOpen, "", ana.ID)
	b := s.SignIn(ana)
	var file view.Media
	b.Form("/api/conversations/"+c+"/media", nil, "", "").Want(400)
	b.Form("/api/conversations/"+c+"/media", nil, "application/octet-stream", "%PDF-1.4 ...").Want(201).Into(&file)
	if file.MIME != "application/pdf" {
		t.Errorf("got %s, want what its first bytes say", file.MIME)
	}
	var m view.Message
	b.Post("/api/conversations/"+c+"/messages", map[string]string{"clientId": "1", "media": file.ID}).Want(201).Into(&m)
	if m.Kind != "document" || m.Media.ID != file.ID {
		t.Errorf("got %+v, want a document", m)
	}
	b.Post("/api/conversations/"+c+"/messages", map[string]string{"clientId": "2", "media": file.ID}).Want(400) // sent already
}

func TestFilesAreSafeToOpen(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	c := s.Conversation(store.StatusOpen, "", boss.ID)
	b := s.SignIn(boss)
	for _, f := range []struct{ kind, query, wantType, wantOpen string }{
		{"image/jpeg", "", "image/jpeg", "inline"},
		{"image/jpeg", "?download=1", "image/jpeg", "attachment"},
		{"audio/ogg; codecs=opus", "", "audio/ogg; codecs=opus", "inline"},
		{"text/html", "", "application/octet-stream", "attachment"},
		{"image/svg+xml", "", "application/octet-stream", "attachment"},
		{"application/pdf", "", "application/octet-stream", "attachment"},
		{"nonsense", "", "application/octet-stream", "attachment"},
	} {
		id := s.Attachment(c, boss.ID, f.kind, "factura ñ.pdf", "<script>alert(1)</script>")
		got := b.Get("/api/files/" + id + f.query).Want(200)
		open, name, _ := strings.Cut(got.Header.Get("Content-Disposition"), "; ")
		if got.Header.Get("Content-Type") != f.wantType || open != f.wantOpen || name != "filename*=UTF-8''factura%20%C3%B1.pdf" {
			t.Errorf("%s%s: got %s as %s %s, want %s as %s", f.kind, f.query, got.Header.Get("Content-Type"), open, name, f.wantType, f.wantOpen)
		}
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
			"Cache-Control": "private, no-cache"} {
			if got := got.Header.Get(header); got != want {
				t.Errorf("%s: got %s %q, want %q", f.kind, header, got, want)
			}
		}
	}
}

// The next person at the same browser has another's file in its cache: the desk is asked each time whether it may be shown.
func TestFilesInTheCacheAreStillBehindTheWall(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	ana, bea := s.User("ana", rights.Operator, sales), s.User("bea", rights.Operator, help)
	c := s.Conversation(store.StatusOpen, sales, ana.ID)
	path := "/api/files/" + s.Attachment(c, ana.ID, "image/png", "x.png", "picture")
	hers, others := s.SignIn(ana), s.SignIn(bea)
	first := hers.Get(path).Want(200)
	tag := first.Header.Get("ETag")
	if tag == "" {
		t.Fatal("got no ETag to ask again with")
	}
	hers.Headers["If-None-Match"], others.Headers["If-None-Match"] = tag, tag
	again := hers.Get(path).Want(304)
	others.Get(path).Want(404)
	hers.Post("/api/conversations/"+c+"/transfer", map[string]string{"area": help}).Want(200)
	hers.Get(path).Want(404)
	others.Get(path).Want(304)
	for _, got := range []*desktest.Answer{first, again} {
		if got := got.Header.Get("Cache-Control"); got != "private, no-cache" {
			t.Errorf("got Cache-Control %q, want that the browser asks before it shows the file", got)
		}
	}
}

func TestPartsOfFiles(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	id := s.Attachment(s.Conversation(store.StatusOpen, "", boss.ID), boss.ID, "audio/ogg", "", "0123456789")
	b := s.SignIn(boss)
	b.Headers["Range"] = "bytes=2-4"
	got := b.Get("/api/files/" + id + "/voice.ogg").Want(206)
	if string(got.Body) != "234" || got.Header.Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("got %q (%s), want 234", got.Body, got.Header.Get("Content-Range"))
	}
	delete(b.Headers, "Range")
	b.Headers["If-None-Match"] = got.Header.Get("ETag")
	b.Get("/api/files/" + id).Want(304)
	delete(b.Headers, "If-None-Match")
	if _, err := s.Desk.Store.App.DB().NewQuery("UPDATE media SET state = 'pending'").Execute(); err != nil {
		t.Fatal(err)
	}
	b.Get("/api/files/" + id).Want(409)
	b.Get("/api/files/nothing").Want(404)
}

func TestContactShowsOnlyOnesConversations(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	ana, boss := s.User("ana", rights.Operator, sales), s.User("boss", rights.Admin)
	c := s.Conversation(store.StatusWaiting, sales, "")
	contact := s.Get(c).Contact
	now := store.Stamp(s.Desk.Store.Now())
	s.Insert("conversations", map[string]any{"line": "line", "contact": contact, "status": store.StatusClosed, "area": help, "lastAt": now, "startedAt": now})
	var card contacts.ContactCard
	s.SignIn(ana).Get("/api/contacts/" + contact).Want(200).Into(&card)
	if len(card.Conversations) != 1 || card.Conversations[0].ID != c || card.Name != "Carla" || card.ID != contact {
		t.Errorf("got %+v, want Carla with the one conversation in sales", card)
	}
	s.SignIn(boss).Get("/api/contacts/" + contact).Want(200).Into(&card)
	if len(card.Conversations) != 2 {
		t.Errorf("the admin got %d conversations, want 2", len(card.Conversations))
	}
}

// What cannot be understood is told to the sender, and is no fault of the desk.
func TestBodiesThatCannotBeRead(t *testing.T) {
	s := desktest.NewSite(t)
	ana := s.User("ana", rights.Operator, s.Area("sales"))
	c := "/api/conversations/" + s.Conversation(store.StatusOpen, ana.Areas[0], ana.ID)
	const form = "multipart/form-data; boundary=x"
	for name, tt := range map[string]struct{ path, kind, body string }{
		"a day in words":              {"/snooze", "", `{"until":"mañana"}`},
		"an empty time":               {"/snooze", "", `{"until":""}`},
		"a number for a time":         {"/snooze", "", `{"until":5}`},
		"a message to be sent soon":   {"/messages", "", `{"text":"hola","sendAt":"soon"}`},
		"half an object":              {"/messages", "", `{"text":`},
		"an object and more":          {"/messages", "", `{"text":"hola"} {"text":"hola"}`},
		"a list":                      {"/messages", "", `[]`},
		"no JSON":                     {"/messages", "", `text=hola`},
		"a form without a boundary":   {"/messages", "multipart/form-data", "--x\r\n"},
		"a form that is cut":          {"/messages", form, "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nho"},
		"a form of nonsense":          {"/media", form, "hola"},
		"JSON instead of a form":      {"/media", "application/json", `{}`},
		"a form that is cut, a file":  {"/media", form, "--x\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a\"\r\n\r\nho"},
		"a header that is none":       {"/media", form, "--x\r\nnonsense\r\n\r\nhola\r\n--x--\r\n"},
		"no file at all, but a field": {"/media", form, "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhola\r\n--x--\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			b := s.SignIn(ana)
			if tt.kind != "" {
				b.Headers["Content-Type"] = tt.kind
			}
			b.Post(c+tt.path, tt.body).Want(400).Refusal()
		})
	}
	if got := len(s.Messages()); got != 0 {
		t.Errorf("got %d messages, want none", got)
	}
}

func TestFullDiskIsNotTheSendersFault(t *testing.T) {
	for err, want := range map[error]int{
		&fs.PathError{Op: "write", Path: "part", Err: syscall.ENOSPC}: 500, &http.MaxBytesError{Limit: 1}: 413, http.ErrNotMultipart: 400,
	} {
		if got := api.ToRefusal(api.Unread(fmt.Errorf("read form: %w", err))).Status; got != want {
			t.Errorf("%v: got %d, want %d", err, got, want)
		}
	}
}
