package wasim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/util/cbcutil"
)

const (
	mediaHost = "https://mmg.whatsapp.net"
	mediaAuth = "wasim-auth"
	// maxUpload bounds one file in bytes.
	maxUpload = 110 << 20
)

// blob is an encrypted file, or a picture, on the media servers.
type blob struct {
	data []byte
	line *Phone // the line that it was sent to, for faults; nil if a client uploaded it
	gone int    // HTTP status instead of the file; 0 while it is there
}

// mediaStore holds the files, oldest forgotten first. It is guarded by the server's mutex.
type mediaStore struct {
	blobs map[string]*blob
	order []string
	bytes int64
}

// put stores a file under its hash and returns its path. s.mu is held.
func (s *Server) put(prefix string, data []byte, line *Phone) string {
	h := sha256.Sum256(data)
	path := prefix + hex.EncodeToString(h[:])
	m := &s.media
	if old := m.blobs[path]; old != nil {
		old.gone = 0
		return path
	}
	for m.bytes+int64(len(data)) > s.opts.MaxMedia && len(m.order) > 0 {
		m.bytes -= int64(len(m.blobs[m.order[0]].data))
		delete(m.blobs, m.order[0])
		s.removeMedia(m.order[0])
		m.order = m.order[1:]
	}
	m.blobs[path] = &blob{data: data, line: line}
	m.order = append(m.order, path)
	m.bytes += int64(len(data))
	s.keepMedia(path, data)
	s.changed()
	return path
}

// directPath is how a message names a file. Clients append "&hash=…", so that it must have a query already.
func directPath(path string) string { return path + "?ccb=11-4" }

func pathOnly(direct string) string {
	path, _, _ := strings.Cut(direct, "?")
	return path
}

// onMediaConn tells a client where to upload. s.mu is held.
func (s *Server) onMediaConn(c *conn, n, _ *Node) {
	c.reply(n, Node{Tag: "media_conn", Attrs: Attrs{"auth": mediaAuth + "." + c.dev.phone.number, "ttl": 3600, "auth_ttl": 3600, "max_buckets": 12},
		Content: []Node{{Tag: "host", Attrs: Attrs{"hostname": "mmg.whatsapp.net", "type": "primary"}}}})
}

// serveUpload is POST /mms/<kind>/<token>?auth=&token=, where token is the base64url SHA-256 of the encrypted file.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodDelete: // history blobs, once read
		w.WriteHeader(http.StatusOK)
		return
	case http.MethodPost, http.MethodPut:
	default:
		http.Error(w, "POST a file", http.StatusMethodNotAllowed)
		return
	}
	auth, number, _ := strings.Cut(r.URL.Query().Get("auth"), ".")
	body := io.Reader(http.MaxBytesReader(w, r.Body, maxUpload))
	s.mu.Lock()
	line := s.byNumber(number)
	rate := 0
	if line != nil {
		rate = line.slowMedia()
	}
	s.mu.Unlock()
	if rate > 0 {
		body = &slowReader{r: body, rate: rate, done: r.Context().Done()}
	}
	data, err := io.ReadAll(body)
	if err != nil {
		http.Error(w, "the file could not be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	h := sha256.Sum256(data)
	token := strings.TrimRight(r.URL.Query().Get("token"), "=") // whatsmeow keeps the padding, Baileys strips it
	if auth != mediaAuth || token != base64.RawURLEncoding.EncodeToString(h[:]) {
		http.Error(w, "bad auth or token", http.StatusUnauthorized)
		return
	}
	s.mu.Lock()
	path := directPath(s.put("/v/", data, nil))
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"url": mediaHost + path, "direct_path": path, "handle": "wasim", "object_id": "wasim"})
}

// serveDownload is GET /v/<hash> and GET /pp/<hash>.
func (s *Server) serveDownload(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	b := s.media.blobs[strings.TrimSuffix(r.URL.Path, "/")]
	code, rate := http.StatusNotFound, 0
	var data []byte
	if b != nil {
		data, code = b.data, b.gone
		if b.line != nil {
			rate = b.line.slowMedia()
		}
	}
	s.mu.Unlock()
	if code != 0 {
		http.Error(w, "no such file", code)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", fmt.Sprint(len(data)))
	if rate == 0 {
		_, _ = w.Write(data)
		return
	}
	out := &slowReader{r: strings.NewReader(string(data)), rate: rate, done: r.Context().Done()}
	buf := make([]byte, slowStep(rate))
	for {
		n, err := out.Read(buf)
		if n > 0 {
			if _, e := w.Write(buf[:n]); e != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
		}
		if err != nil {
			return
		}
	}
}

// slowStep is how many bytes pass per tenth of a second.
func slowStep(rate int) int { return max(rate/10, 1) }

// slowReader lets rate bytes pass per second.
type slowReader struct {
	r    io.Reader
	rate int
	done <-chan struct{}
}

func (s *slowReader) Read(p []byte) (int, error) {
	select {
	case <-time.After(100 * time.Millisecond):
	case <-s.done:
		return 0, errors.New("hung up")
	}
	return s.r.Read(p[:min(len(p), slowStep(s.rate))])
}

// mediaKeys are the keys of one file: IV, cipher key and MAC key, from the key in the message.
func mediaKeys(key []byte, kind whatsmeow.MediaType) (iv, cipher, mac []byte) {
	x := derive(key, nil, string(kind), 112)
	return x[:16], x[16:48], x[48:80]
}

func mediaMAC(key, iv, sealed []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(iv)
	m.Write(sealed)
	return m.Sum(nil)[:10]
}

// file is an uploaded file as a message describes it.
type file struct {
	path, url          string
	key, sealed, plain []byte // media key, SHA-256 of the encrypted file, SHA-256 of the file
	size               uint64
}

// upload encrypts a file as a phone does and puts it on the media servers. s.mu is held.
func (s *Server) upload(data []byte, kind whatsmeow.MediaType, line *Phone) (file, error) {
	f, _, err := s.uploadWith(randomBytes(32), data, kind, line)
	return f, err
}

func (s *Server) uploadWith(key, data []byte, kind whatsmeow.MediaType, line *Phone) (file, string, error) {
	iv, cipher, mac := mediaKeys(key, kind)
	// A copy: the cipher may write into the spare capacity of its input.
	sealed, err := cbcutil.Encrypt(cipher, iv, append(make([]byte, 0, len(data)+32), data...))
	if err != nil {
		return file{}, "", fmt.Errorf("encrypt media: %w", err)
	}
	sealed = append(sealed, mediaMAC(mac, iv, sealed)...)
	path := s.put("/v/", sealed, line)
	sealedHash, plainHash := sha256.Sum256(sealed), sha256.Sum256(data)
	direct := directPath(path)
	return file{path: direct, url: mediaHost + direct, key: key, sealed: sealedHash[:], plain: plainHash[:], size: uint64(len(data))}, path, nil
}

// download reads a file as a phone does. s.mu is held.
func (s *Server) download(path string, key []byte, kind whatsmeow.MediaType) ([]byte, error) {
	b := s.media.blobs[pathOnly(path)]
	if b == nil || b.gone != 0 || len(b.data) < 10 {
		return nil, errors.New("not on the media servers")
	}
	iv, cipher, mac := mediaKeys(key, kind)
	sealed, tag := b.data[:len(b.data)-10], b.data[len(b.data)-10:]
	if !hmac.Equal(mediaMAC(mac, iv, sealed), tag) {
		return nil, errors.New("the file does not match its key")
	}
	return cbcutil.Decrypt(cipher, iv, append([]byte(nil), sealed...)) // decrypts in place
}

// onPicture answers who asks for a profile picture. s.mu is held.
func (s *Server) onPicture(c *conn, n, picture *Node) {
	p := s.user(jid(n, "target"))
	if p == nil || p.picture == nil {
		c.replyError(n, 404, "item-not-found")
		return
	}
	path := directPath(s.put("/pp/", p.picture, nil))
	c.reply(n, Node{Tag: "picture", Attrs: Attrs{"id": p.pictureID(), "type": picture.Attrs["type"], "url": "https://pps.whatsapp.net" + path, "direct_path": path}})
}

// onSetPicture changes the account's own picture. s.mu is held.
func (s *Server) onSetPicture(c *conn, n, picture *Node) {
	p := c.dev.phone
	p.setPicture(content(picture))
	c.reply(n, Node{Tag: "picture", Attrs: Attrs{"id": p.pictureID()}})
}

func (p *Phone) pictureID() string { return fmt.Sprintf("17000%05d", p.pictures) }

// SetPicture changes the account's profile picture, or removes it (nil), and tells who wrote with it.
func (p *Phone) SetPicture(jpeg []byte) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	p.setPicture(jpeg)
	part := Node{Tag: "set", Attrs: Attrs{"jid": p.from(nil), "id": p.pictureID(), "author": p.from(nil)}}
	if jpeg == nil {
		part = Node{Tag: "delete", Attrs: Attrs{"jid": p.from(nil), "author": p.from(nil)}}
	}
	for _, line := range p.lines() {
		for _, d := range line.linked() {
			d.deliver(p.srv.notification("picture", p.from(nil), part))
		}
	}
}

func (p *Phone) setPicture(jpeg []byte) {
	if len(jpeg) == 0 {
		jpeg = nil
	}
	p.picture = jpeg
	p.pictures++
	p.srv.changed()
}

// lines are the accounts with linked devices that this phone has exchanged messages with. s.mu is held.
func (p *Phone) lines() []*Phone {
	var out []*Phone
	for with := range p.partners {
		if len(with.companions) > 0 {
			out = append(out, with)
		}
	}
	sortPhones(out)
	return out
}
