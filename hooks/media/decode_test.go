package media_test

import (
	"bytes"
	"encoding/binary"
	"go/parser"
	"go/token"
	"hash/crc32"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

// TestNothingOfOursDecodes what strangers send: no code of the product knows pictures or archives. The emulator's own
// protocol is compressed, and so is the page that we serve.
func TestNothingOfOursDecodes(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "node_modules") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			first, _, _ := strings.Cut(name, "/")
			picture := first == "image" || strings.HasPrefix(name, "golang.org/x/image") || strings.Contains(name, "imaging")
			packed := first == "archive" || first == "compress" && path != filepath.Join("..", "page", "page.go") && !strings.Contains(path, "wasim")
			if picture || packed {
				t.Errorf("%s imports %s: nothing that a stranger sent may be decoded here", path, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// bomb is a PNG of 30,000 × 30,000 pixels in 60 bytes: whoever decodes it takes gigabytes.
func bomb() string {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data)))
		body := append([]byte(kind), data...)
		b.Write(body)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 30_000), 30_000)
	chunk("IHDR", append(head, 8, 6, 0, 0, 0))
	chunk("IDAT", nil)
	chunk("IEND", nil)
	return b.String()
}

// onePixel is a whole PNG.
const onePixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89" +
	"\x00\x00\x00\rIDATx\xdac\xfc\xcf\xc0P\x0f\x00\x04\x85\x01\x80\x84\xa9\x8c!\x00\x00\x00\x00IEND\xaeB`\x82"

// TestPocketBaseDecodesNoPictures: its own route makes thumbnails, for superusers only, who get the file itself here.
func TestPocketBaseDecodesNoPictures(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	c := s.Conversation(store.StatusOpen, "", boss.ID)
	if err := s.Desk.Guard.SetSuperuser(t.Context(), "root@example.com", desktest.GoodPassword); err != nil {
		t.Fatal(err)
	}
	var in struct{ Token string }
	s.Guest().Post("/api/collections/_superusers/auth-with-password", map[string]string{"identity": "root@example.com", "password": desktest.GoodPassword}).Want(200).Into(&in)
	root := s.Guest()
	root.Headers["Authorization"] = in.Token
	for name, data := range map[string]string{"a bomb": bomb(), "a picture": onePixel} {
		id := s.Attachment(c, boss.ID, "image/png", "x.png", data)
		row := s.FileOf(id)
		stock := "/api/files/media/" + id + "/" + row.File + "?thumb=100x100"
		for _, b := range []*desktest.Browser{s.Guest(), s.SignIn(boss)} {
			if got := b.Get(stock); got.Status != 401 && got.Status != 404 {
				t.Errorf("%s: got %d, want it refused", name, got.Status)
			}
		}
		var token struct{ Token string }
		root.Post("/api/files/token", nil).Want(200).Into(&token)
		got := root.Get(stock + "&token=" + token.Token).Want(200)
		if string(got.Body) != data {
			t.Errorf("%s: got %d bytes, want the %d that were stored", name, len(got.Body), len(data))
		}
		if got := s.SignIn(boss).Get("/api/files/" + id + "?thumb=100x100").Want(200); string(got.Body) != data {
			t.Errorf("%s: got %d bytes by our own route, want the file", name, len(got.Body))
		}
	}
	thumbs := 0
	_ = filepath.WalkDir(filepath.Join(s.Desk.Store.App.DataDir(), "storage"), func(path string, _ fs.DirEntry, _ error) error {
		if strings.Contains(path, "thumbs_") {
			thumbs++
		}
		return nil
	})
	if thumbs != 0 {
		t.Errorf("got %d thumbnails, want none", thumbs)
	}
}
