package hooks_test

import (
	"slices"
	"strings"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// TestNoRouteTellsOfAnotherArea asks every GET of the desk for everything of another area by its id, and with its id as every
// parameter. Names of people and areas are everybody's, to hand a conversation over; what customers are and say is not.
func TestNoRouteTellsOfAnotherArea(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	bob := s.User("bob", rights.Operator, help)
	s.Exec("UPDATE users SET email = 'secret@example.com' WHERE id = '" + bob.ID + "'")
	var foreign []string
	for _, status := range []string{store.StatusOpen, store.StatusClosed} {
		for _, who := range []string{"", bob.ID} {
			c := s.Conversation(status, help, who)
			m := s.Says(c, "secret text")
			file := s.Attachment(c, bob.ID, "image/png", "secret.png", "secret picture")
			foreign = append(foreign, c, s.Get(c).Contact, m.ID, file)
		}
	}
	reply := s.Insert("quick_replies", dbx.Params{"shortcut": "secret", "text": "secret reply", "area": help})
	own := s.Insert("quick_replies", dbx.Params{"shortcut": "bobs", "text": "secret words", "owner": bob.ID})
	foreign = append(foreign, reply, own, bob.ID, help)
	s.Exec("UPDATE contacts SET name = 'Secret Carla', email = 'secret@customer.com', document = 'secret-1'")
	s.Exec("UPDATE conversations SET lastText = 'secret text', tags = '[\"secret tag\"]'")
	viewers, asked := []rights.Viewer{s.User("op", rights.Operator, sales), s.User("sup", rights.Supervisor, sales), s.User("lone", rights.Operator), s.User("head", rights.Supervisor)}, 0
	if testing.Short() {
		viewers = viewers[:2]
	}
	for _, v := range viewers {
		b := s.SignIn(v)
		for _, r := range s.Desk.Routes() {
			if r.Method != "GET" || r.Who == api.Guests {
				continue
			}
			paths := []string{r.Path}
			for _, id := range foreign {
				of := strings.NewReplacer("{id}", id, "{name}", "secret.png", "{number}", "1").Replace(r.Path)
				paths = append(paths, of, of+"?area="+id+"&assignee="+id+"&line="+id+"&tag=secret+tag&q=secret", of+"?assignee="+id, of+"?area="+id+"&order=wait",
					of+"?q=secret&status=closed", of+"?before="+id, of+"?since=0")
			}
			slices.Sort(paths)
			for _, path := range slices.Compact(paths) {
				asked++
				got := b.Get(path)
				if body := strings.ToLower(string(got.Body)); strings.Contains(body, "secret") && !strings.Contains(body, `"code"`) {
					t.Errorf("%s as %s of %d areas: got %d with what is another area's: %.300s", path, v.Role, len(v.Areas), got.Status, got.Body)
				}
			}
		}
	}
	if asked < 1000 {
		t.Errorf("asked %d times, want more than 1000", asked)
	}
}
