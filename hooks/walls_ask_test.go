package hooks_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

// TestWhatAskingBringsEachRole is the role × route table for the parameters of the list: what each gets who asks for it. The
// operator, the supervisor and ana work in sales, bob works in help, and cleo in both; each conversation is named by its area
// and who has it.
func TestWhatAskingBringsEachRole(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	me := map[rights.Role]rights.Viewer{rights.Operator: s.User("op", rights.Operator, sales), rights.Supervisor: s.User("sup", rights.Supervisor, sales), rights.Admin: s.User("boss", rights.Admin)}
	ana, bob, cleo := s.User("ana", rights.Operator, sales), s.User("bob", rights.Operator, help), s.User("cleo", rights.Operator, sales, help)
	names := map[string]string{}
	for _, c := range []struct{ name, status, area, who string }{
		{"sales-free", store.StatusWaiting, sales, ""}, {"sales-ana", store.StatusOpen, sales, ana.ID}, {"sales-ana-over", store.StatusClosed, sales, ana.ID},
		{"sales-cleo", store.StatusOpen, sales, cleo.ID}, {"sales-cleo-over", store.StatusClosed, sales, cleo.ID}, {"sales-free-over", store.StatusClosed, sales, ""},
		{"help-free", store.StatusWaiting, help, ""}, {"help-bob", store.StatusOpen, help, bob.ID}, {"help-bob-over", store.StatusClosed, help, bob.ID},
		{"help-cleo", store.StatusOpen, help, cleo.ID}, {"help-cleo-over", store.StatusClosed, help, cleo.ID}, {"help-free-over", store.StatusClosed, help, ""},
		{"none-free", store.StatusBot, "", ""}, {"none-cleo", store.StatusOpen, "", cleo.ID},
		{"help-op", store.StatusOpen, help, me[rights.Operator].ID}, {"help-sup", store.StatusClosed, help, me[rights.Supervisor].ID},
	} {
		names[s.Conversation(c.status, c.area, c.who)] = c.name
	}
	s.Exec("UPDATE contacts SET pushName = 'Carla'")
	const nothing = ""
	for _, row := range []struct {
		ask                         string
		operator, supervisor, admin string // what they get, by name
	}{
		{"assignee=ANA", nothing, "sales-ana sales-ana-over", "sales-ana sales-ana-over"},
		{"assignee=BOB", nothing, nothing, "help-bob help-bob-over"},
		{"assignee=BOB&status=closed", nothing, nothing, "help-bob-over"},
		{"assignee=BOB&status=open", nothing, nothing, "help-bob"},
		{"assignee=BOB&q=carla", nothing, nothing, "help-bob help-bob-over"},
		{"assignee=BOB&area=HELP", nothing, nothing, "help-bob help-bob-over"},
		{"assignee=BOB&area=SALES", nothing, nothing, nothing},
		{"assignee=BOB&order=wait", nothing, nothing, nothing},
		{"assignee=BOB&line=line&unread=false&view=all", nothing, nothing, "help-bob help-bob-over"},
		{"assignee=CLEO", nothing, "sales-cleo sales-cleo-over", "help-cleo help-cleo-over none-cleo sales-cleo sales-cleo-over"},
		{"assignee=CLEO&status=closed", nothing, "sales-cleo-over", "help-cleo-over sales-cleo-over"},
		{"assignee=CLEO&status=open,closed", nothing, "sales-cleo sales-cleo-over", "help-cleo help-cleo-over none-cleo sales-cleo sales-cleo-over"},
		{"assignee=CLEO&q=carla", nothing, "sales-cleo sales-cleo-over", "help-cleo help-cleo-over none-cleo sales-cleo sales-cleo-over"},
		{"assignee=CLEO&area=HELP", nothing, nothing, "help-cleo help-cleo-over"},
		{"assignee=CLEO&view=mine", "help-op", nothing, nothing},
		{"assignee=none", "sales-free sales-free-over", "sales-free sales-free-over", "help-free help-free-over none-free sales-free sales-free-over"},
		{"assignee=none&area=HELP", nothing, nothing, "help-free help-free-over"},
		{"assignee=none&status=closed", "sales-free-over", "sales-free-over", "help-free-over sales-free-over"},
		{"assignee=none&view=waiting", "sales-free", "sales-free", "help-free sales-free"},
		{"assignee=me", "help-op", "help-sup", nothing},
		{"assignee=me&area=SALES", nothing, nothing, nothing},
		{"assignee=me&area=HELP", "help-op", "help-sup", nothing},
		{"area=HELP", "help-op", "help-sup", "help-bob help-bob-over help-cleo help-cleo-over help-free help-free-over help-op help-sup"},
		{"area=HELP&order=wait", nothing, nothing, "help-free"},
		{"order=wait", "sales-free", "sales-free", "help-free sales-free"},
		{"status=closed", "sales-free-over", "help-sup sales-ana-over sales-cleo-over sales-free-over",
			"help-bob-over help-cleo-over help-free-over help-sup sales-ana-over sales-cleo-over sales-free-over"},
		{"tag=vip", nothing, nothing, nothing},
	} {
		ask := strings.NewReplacer("ANA", ana.ID, "BOB", bob.ID, "CLEO", cleo.ID, "SALES", sales, "HELP", help).Replace(row.ask)
		s.Guest().Get("/api/conversations?" + ask).Want(401)
		for role, want := range map[rights.Role]string{rights.Operator: row.operator, rights.Supervisor: row.supervisor, rights.Admin: row.admin} {
			query, err := url.ParseQuery(ask + "&limit=2")
			if err != nil {
				t.Fatal(err)
			}
			ids, _ := s.SignIn(me[role]).All(query)
			for i, id := range ids {
				ids[i] = names[id]
			}
			slices.Sort(ids)
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("%s as %s: got %q, want %q", row.ask, role, got, want)
			}
		}
	}
}
