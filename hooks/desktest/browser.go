package desktest

import (
	"bytes"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"strconv"
	"sync"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
)

// From lets a browser come from an address, as a proxy that is trusted would say.
func (s *Site) From(ip string) *Browser {
	s.Desk.Store.App.Settings().TrustedProxy.Headers = []string{"X-Real-IP"}
	b := s.Guest()
	b.Headers["X-Real-IP"] = ip
	return b
}

func (b *Browser) Login(name, password string) *Answer {
	return b.Post("/api/auth/login", map[string]string{"identity": name, "password": password})
}

// Flood uses up what the limiter gives to everybody: for a person from anywhere, and at this address.
func (s *Site) Flood(person string) {
	TryAll(s.Desk.Guard.Logins, "loginPerson "+person, auth.TriesByName, auth.TriesByName)
	TryAll(s.Desk.Guard.Logins, "loginAddress 127.0.0.1", auth.TriesByIP, auth.TriesByIP)
}

// All reads every page.
func (b *Browser) All(query url.Values) (ids []string, pages int) {
	b.t.Helper()
	for pages = 1; ; pages++ {
		var p view.ConversationPage
		b.Get("/api/conversations?" + query.Encode()).Want(200).Into(&p)
		for _, c := range p.Items {
			ids = append(ids, c.ID)
		}
		if p.Next == "" {
			return ids, pages
		}
		query.Set("before", p.Next)
	}
}

// Crowd is how many try the same thing at the same moment.
const Crowd = 12

// Rush lets a crowd do something at once, and answers what each heard.
func (s *Site) Rush(do func(i int) *Answer) []*Answer {
	s.T.Helper()
	s.Desk.Guard.Hashing.Wait = time.Minute // this is not about how long a password takes
	answers := make([]*Answer, Crowd)
	var gate, done sync.WaitGroup
	gate.Add(1)
	for i := range answers {
		done.Go(func() {
			gate.Wait()
			answers[i] = do(i)
		})
	}
	gate.Done()
	done.Wait()
	return answers
}

// Rows counts rows of a table.
func (s *Site) Rows(table, where string) (n int) {
	s.T.Helper()
	if err := s.Desk.Store.App.DB().NewQuery("SELECT COUNT(*) FROM " + table + " WHERE " + where).Row(&n); err != nil {
		s.T.Fatal(err)
	}
	return n
}

// Copy is the same browser for another goroutine.
func (b *Browser) Copy() *Browser {
	c := &Browser{t: b.t, url: b.url, Cookies: map[string]string{}, Headers: map[string]string{}}
	for k, v := range b.Cookies {
		c.Cookies[k] = v
	}
	for k, v := range b.Headers {
		c.Headers[k] = v
	}
	return c
}

func (b *Browser) Keyed(key string) *Browser {
	c := b.Copy()
	c.Headers[api.IdempotencyKey] = key
	return c
}

func (s *Site) UserID(name string) (id string) {
	s.T.Helper()
	if err := s.Desk.Store.App.DB().Select("id").From("users").Where(dbx.HashExp{"username": name}).Row(&id); err != nil {
		s.T.Fatal(err)
	}
	return id
}

// Form posts fields and one file; no file when it has no type.
func (b *Browser) Form(path string, fields map[string]string, kind, data string) *Answer {
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
	b.Headers["Content-Type"] = w.FormDataContentType()
	defer delete(b.Headers, "Content-Type")
	return b.Do("POST", path, &body)
}

// Attachment is a file of a conversation, uploaded by its owner.
func (s *Site) Attachment(chat, owner, kind, name, data string) string {
	s.T.Helper()
	boss := s.User("uploader"+store.NewID(s.Desk.Store.Now()), rights.Admin)
	var file view.Media
	s.SignIn(boss).Form("/api/conversations/"+chat+"/media", nil, kind, data).Want(201).Into(&file)
	if _, err := s.Desk.Store.App.DB().NewQuery("UPDATE media SET owner = '" + owner + "', name = '" + name + "' WHERE id = '" + file.ID + "'").Execute(); err != nil {
		s.T.Fatal(err)
	}
	return file.ID
}

// ThreadLine is a message or an event as a page reads it.
type ThreadLine struct {
	ID     string
	Kind   string
	Event  string
	Text   string
	Cursor string
}

func (b *Browser) Changes(since int64) ChangesAnswer {
	b.t.Helper()
	var got ChangesAnswer
	b.Get("/api/changes?since=" + strconv.FormatInt(since, 10)).Want(200).Into(&got)
	return got
}

type ChangesAnswer struct {
	Conversations []view.Conversation
	Messages      []ThreadLine
	Removed       []string
	Cursor        int64 `json:",string"`
	More          bool
}
