package media_test

import (
	"errors"
	"strings"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/media"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

// TestDiskWarnsAdmins: from 80 % on, in the admin's language, and again until there is room.
func TestDiskWarnsAdmins(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.SignIn(s.User("boss", rights.Admin))
	for _, tt := range []struct {
		name        string
		free, total int64
		err         error
		want        string
	}{
		{"half", 50 << 30, 100 << 30, nil, ""},
		{"just under", 21 << 30, 100 << 30, nil, ""},
		{"four fifths", 20 << 30, 100 << 30, nil, media.WarnDiskFills.Code},
		{"the reserve", 1000 << 20, 100 << 30, nil, media.WarnDiskReserve.Code},
		{"nothing", 0, 100 << 30, nil, media.WarnDiskReserve.Code},
		{"room again", 50 << 30, 100 << 30, nil, ""},
		{"a system that does not tell", 0, 0, errors.New("no"), ""},
	} {
		s.Desk.Files.Disk = func(string) (media.Space, error) { return media.Space{Free: tt.free, Total: tt.total}, tt.err }
		for _, lang := range []string{"es", "pt-BR", "en"} {
			var got api.Page[api.Warning]
			boss.Headers["Accept-Language"] = lang
			boss.Get("/api/warnings").Want(200).Into(&got)
			if codes := warned(got.Items); codes != tt.want {
				t.Errorf("%s: got %q, want %q", tt.name, codes, tt.want)
			}
			for _, w := range got.Items {
				if w.Message == "" || strings.Contains(w.Message, "{") || w.Message == api.ErrInternal.Say(lang) {
					t.Errorf("%s, %s: got %q, want a whole sentence", tt.name, lang, w.Message)
				}
			}
		}
	}
}

func warned(all []api.Warning) string {
	var codes []string
	for _, w := range all {
		codes = append(codes, w.Code)
	}
	return strings.Join(codes, " ")
}

// TestUploadsLeaveTheReserve: agents hear that the disk is full before anything of the file is stored, and texts go on.
func TestUploadsLeaveTheReserve(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	c := s.Conversation(store.StatusOpen, "", boss.ID)
	flow := s.Flow(desktest.MenuFlow, "[]")
	b := s.SignIn(boss)
	free := int64(1000<<20) + 100
	s.Desk.Files.Disk = func(string) (media.Space, error) { return media.Space{Free: free, Total: 100 << 30}, nil }
	paths := []string{"/api/conversations/" + c + "/media", "/api/conversations/" + c + "/messages", "/api/flows/" + flow + "/media"}
	for _, path := range paths {
		if e := b.Form(path, map[string]string{"clientId": "1"}, "application/pdf", strings.Repeat("x", 200)).Want(507).Refusal(); e.Code != media.ErrDiskFull.Code {
			t.Errorf("%s: got %s, want %s", path, e.Code, media.ErrDiskFull.Code)
		}
	}
	if got := s.Count("media"); got != 0 {
		t.Errorf("got %d files, want none", got)
	}
	b.Post("/api/conversations/"+c+"/messages", map[string]string{"clientId": "2", "text": "hola"}).Want(201)
	free = 50 << 30
	for _, path := range paths {
		b.Form(path, map[string]string{"clientId": "3"}, "application/pdf", strings.Repeat("x", 200)).Want(201)
	}
}

// TestDiskOfThisMachine: the real one answers.
func TestDiskOfThisMachine(t *testing.T) {
	s, err := media.StatDisk(t.TempDir())
	if err != nil || s.Total <= 0 || s.Free < 0 || s.Free > s.Total {
		t.Errorf("got %+v, %v, want a disk", s, err)
	}
}
