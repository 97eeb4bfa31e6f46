package hooks

import (
	"bytes"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"syscall"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/contacts"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

// form posts fields and one file; no file when it has no type.
func (b *browser) form(path string, fields map[string]string, kind, data string) *answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			b.t.Fatal(err)
		}
	}
	if kind != "" {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name="media"; filename="../foto ñ.bin"`}, "Content-Type": {kind}})
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := part.Write([]byte(data)); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.headers["Content-Type"] = w.FormDataContentType()
	defer delete(b.headers, "Content-Type")
	return b.do("POST", path, &body)
}

// attachment is a file of a conversation, uploaded by its owner.
func (s *site) attachment(chat, owner, kind, name, data string) string {
	s.t.Helper()
	boss := s.user("uploader"+store.NewID(s.d.Store.Now()), rights.Admin)
	var file view.Media
	s.signIn(boss).form("/api/conversations/"+chat+"/media", nil, kind, data).want(201).into(&file)
	if _, err := s.d.Store.App.DB().NewQuery("UPDATE media SET owner = '" + owner + "', name = '" + name + "' WHERE id = '" + file.ID + "'").Execute(); err != nil {
		s.t.Fatal(err)
	}
	return file.ID
}

func TestMessageIsQueuedOnce(t *testing.T) {
	s := newSite(t)
	sales := s.area("sales")
	ana := s.user("ana", rights.Operator, sales)
	c := s.conversation(store.StatusOpen, sales, ana.ID)
	b := s.signIn(ana)
	path := "/api/conversations/" + c + "/messages"
	var first, again view.Message
	b.post(path, map[string]any{"clientId": "1", "text": "hola", "seenCursor": ""}).want(201).into(&first)
	b.post(path, map[string]any{"clientId": "1", "text": "hola"}).want(201).into(&again)
	if first.State != "queued" || first.ID != again.ID || first.ClientID != "1" || first.Author != ana.ID {
		t.Errorf("got %+v and %+v, want one queued message", first, again)
	}
	b.headers["Idempotency-Key"] = "2"
	b.post(path, map[string]any{"text": "otra"}).want(201).into(&first)
	b.post(path, map[string]any{"text": "otra"}).want(201).into(&again)
	if first.ID != again.ID {
		t.Error("the same Idempotency-Key made two messages")
	}
	if got := s.count("messages"); got != 2 {
		t.Errorf("got %d messages, want 2", got)
	}
	delete(b.headers, "Idempotency-Key")

	seen := first.Cursor
	s.says(c, "espera")
	e := b.post(path, map[string]any{"clientId": "3", "text": "tarde", "seenCursor": fmt.Sprint(seen)}).want(409).refusal()
	if list, _ := e.Data.(map[string]any)["messages"].([]any); e.Code != api.CodeBehind || len(list) != 1 {
		t.Errorf("got %+v, want the message that came since", e)
	}
	b.post(path, map[string]any{"clientId": "3", "text": "tarde", "seenCursor": seen + 10}).want(201) // a number will do
	b.post(path, map[string]any{"clientId": "4", "text": "x", "seenCursor": "x"}).want(400)
	b.post(path, map[string]any{"clientId": "5"}).want(400)
	b.post(path, "not JSON").want(400)
	b.post(path, `{"text":"`).want(400)
	b.post(path, `{"text":"`+strings.Repeat("x", api.BodyLimit)+`"}`).want(413)
}

func TestFileTravelsInAForm(t *testing.T) {
	s := newSite(t)
	sales := s.area("sales")
	ana, bea := s.user("ana", rights.Operator, sales), s.user("bea", rights.Operator, sales)
	c := s.conversation(store.StatusOpen, sales, ana.ID)
	b := s.signIn(ana)
	path := "/api/conversations/" + c + "/messages"
	fields := map[string]string{"clientId": "1", "text": "mira", "seconds": "2.6", "seenCursor": "0"}
	var m, again view.Message
	b.form(path, fields, "image/png", "picture").want(201).into(&m)
	b.form(path, fields, "image/png", "picture").want(201).into(&again)
	if m.Kind != "image" || m.Text != "mira" || m.Media == nil || m.Media.Name != "foto ñ.bin" || m.Media.Size != 7 || m.Media.Seconds != 3 {
		t.Fatalf("got %+v with media %+v, want an image with its caption", m, m.Media)
	}
	if again.ID != m.ID || s.count("media") != 1 {
		t.Errorf("got message %s and %d files after a repeat, want %s and 1", again.ID, s.count("media"), m.ID)
	}
	if got := b.get(m.Media.URL).want(200); string(got.body) != "picture" || got.header.Get("Content-Type") != "image/png" {
		t.Errorf("got %q as %s", got.body, got.header.Get("Content-Type"))
	}
	s.signIn(bea).get(m.Media.URL).want(404)
	s.guest().get(m.Media.URL).want(401)
	s.signIn(bea).form(path, fields, "image/png", "picture").want(404)
	b.form(path, map[string]string{"clientId": "2"}, "", "").want(400)
	b.form(path, map[string]string{"clientId": "2", "width": "wide"}, "image/png", "x").want(400)
	b.form(path, map[string]string{"clientId": "2", "note": "perhaps"}, "image/png", "x").want(400)
}

// A form that is refused leaves no file behind.
func TestFileOfARefusedFormIsNotKept(t *testing.T) {
	s := newSite(t)
	ana := s.user("ana", rights.Admin)
	open, closed := s.conversation(store.StatusOpen, "", ana.ID), s.conversation(store.StatusClosed, "", ana.ID)
	seen := s.says(open, "hola")
	s.says(open, "¿hola?")
	b := s.signIn(ana)
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
		b.form("/api/conversations/"+tt.to+"/messages", tt.fields, "image/png", "picture").want(tt.want)
		if got := s.count("media"); got != 0 {
			t.Errorf("%s: got %d files, want none", name, got)
		}
	}
	b.post("/api/conversations/"+open+"/messages", map[string]string{"clientId": "1", "text": "hola"}).want(201)
	b.form("/api/conversations/"+open+"/messages", map[string]string{"clientId": "1"}, "image/png", "picture").want(201)
	if got := s.count("media"); got != 0 {
		t.Errorf("the id of an earlier text: got %d files, want none", got)
	}
}

func TestUploadIsSentLater(t *testing.T) {
	s := newSite(t)
	ana := s.user("ana", rights.Admin)
	c := s.conversation(store.StatusOpen, "", ana.ID)
	b := s.signIn(ana)
	var file view.Media
	b.form("/api/conversations/"+c+"/media", nil, "", "").want(400)
	b.form("/api/conversations/"+c+"/media", nil, "application/octet-stream", "%PDF-1.4 ...").want(201).into(&file)
	if file.MIME != "application/pdf" {
		t.Errorf("got %s, want what its first bytes say", file.MIME)
	}
	var m view.Message
	b.post("/api/conversations/"+c+"/messages", map[string]string{"clientId": "1", "media": file.ID}).want(201).into(&m)
	if m.Kind != "document" || m.Media.ID != file.ID {
		t.Errorf("got %+v, want a document", m)
	}
	b.post("/api/conversations/"+c+"/messages", map[string]string{"clientId": "2", "media": file.ID}).want(400) // sent already
}

func TestFilesAreSafeToOpen(t *testing.T) {
	s := newSite(t)
	boss := s.user("boss", rights.Admin)
	c := s.conversation(store.StatusOpen, "", boss.ID)
	b := s.signIn(boss)
	for _, f := range []struct{ kind, query, wantType, wantOpen string }{
		{"image/jpeg", "", "image/jpeg", "inline"},
		{"image/jpeg", "?download=1", "image/jpeg", "attachment"},
		{"audio/ogg; codecs=opus", "", "audio/ogg; codecs=opus", "inline"},
		{"text/html", "", "application/octet-stream", "attachment"},
		{"image/svg+xml", "", "application/octet-stream", "attachment"},
		{"application/pdf", "", "application/octet-stream", "attachment"},
		{"nonsense", "", "application/octet-stream", "attachment"},
	} {
		id := s.attachment(c, boss.ID, f.kind, "factura ñ.pdf", "<script>alert(1)</script>")
		got := b.get("/api/files/" + id + f.query).want(200)
		open, name, _ := strings.Cut(got.header.Get("Content-Disposition"), "; ")
		if got.header.Get("Content-Type") != f.wantType || open != f.wantOpen || name != "filename*=UTF-8''factura%20%C3%B1.pdf" {
			t.Errorf("%s%s: got %s as %s %s, want %s as %s", f.kind, f.query, got.header.Get("Content-Type"), open, name, f.wantType, f.wantOpen)
		}
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
			"Cache-Control": "private, no-cache"} {
			if got := got.header.Get(header); got != want {
				t.Errorf("%s: got %s %q, want %q", f.kind, header, got, want)
			}
		}
	}
}

// The next person at the same browser has another's file in its cache: the desk is asked each time whether it may be shown.
func TestFilesInTheCacheAreStillBehindTheWall(t *testing.T) {
	s := newSite(t)
	sales, help := s.area("sales"), s.area("help")
	ana, bea := s.user("ana", rights.Operator, sales), s.user("bea", rights.Operator, help)
	c := s.conversation(store.StatusOpen, sales, ana.ID)
	path := "/api/files/" + s.attachment(c, ana.ID, "image/png", "x.png", "picture")
	hers, others := s.signIn(ana), s.signIn(bea)
	first := hers.get(path).want(200)
	tag := first.header.Get("ETag")
	if tag == "" {
		t.Fatal("got no ETag to ask again with")
	}
	hers.headers["If-None-Match"], others.headers["If-None-Match"] = tag, tag
	again := hers.get(path).want(304)
	others.get(path).want(404)
	hers.post("/api/conversations/"+c+"/transfer", map[string]string{"area": help}).want(200)
	hers.get(path).want(404)
	others.get(path).want(304)
	for _, got := range []*answer{first, again} {
		if got := got.header.Get("Cache-Control"); got != "private, no-cache" {
			t.Errorf("got Cache-Control %q, want that the browser asks before it shows the file", got)
		}
	}
}

func TestPartsOfFiles(t *testing.T) {
	s := newSite(t)
	boss := s.user("boss", rights.Admin)
	id := s.attachment(s.conversation(store.StatusOpen, "", boss.ID), boss.ID, "audio/ogg", "", "0123456789")
	b := s.signIn(boss)
	b.headers["Range"] = "bytes=2-4"
	got := b.get("/api/files/" + id + "/voice.ogg").want(206)
	if string(got.body) != "234" || got.header.Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("got %q (%s), want 234", got.body, got.header.Get("Content-Range"))
	}
	delete(b.headers, "Range")
	b.headers["If-None-Match"] = got.header.Get("ETag")
	b.get("/api/files/" + id).want(304)
	delete(b.headers, "If-None-Match")
	if _, err := s.d.Store.App.DB().NewQuery("UPDATE media SET state = 'pending'").Execute(); err != nil {
		t.Fatal(err)
	}
	b.get("/api/files/" + id).want(409)
	b.get("/api/files/nothing").want(404)
}

func TestContactShowsOnlyOnesConversations(t *testing.T) {
	s := newSite(t)
	sales, help := s.area("sales"), s.area("help")
	ana, boss := s.user("ana", rights.Operator, sales), s.user("boss", rights.Admin)
	c := s.conversation(store.StatusWaiting, sales, "")
	contact := s.get(c).Contact
	now := store.Stamp(s.d.Store.Now())
	s.insert("conversations", map[string]any{"line": "line", "contact": contact, "status": store.StatusClosed, "area": help, "lastAt": now, "startedAt": now})
	var card contacts.ContactCard
	s.signIn(ana).get("/api/contacts/" + contact).want(200).into(&card)
	if len(card.Conversations) != 1 || card.Conversations[0].ID != c || card.Name != "Carla" || card.ID != contact {
		t.Errorf("got %+v, want Carla with the one conversation in sales", card)
	}
	s.signIn(boss).get("/api/contacts/" + contact).want(200).into(&card)
	if len(card.Conversations) != 2 {
		t.Errorf("the admin got %d conversations, want 2", len(card.Conversations))
	}
}

// What cannot be understood is told to the sender, and is no fault of the desk.
func TestBodiesThatCannotBeRead(t *testing.T) {
	s := newSite(t)
	ana := s.user("ana", rights.Operator, s.area("sales"))
	c := "/api/conversations/" + s.conversation(store.StatusOpen, ana.Areas[0], ana.ID)
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
			b := s.signIn(ana)
			if tt.kind != "" {
				b.headers["Content-Type"] = tt.kind
			}
			b.post(c+tt.path, tt.body).want(400).refusal()
		})
	}
	if got := len(s.messages()); got != 0 {
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
