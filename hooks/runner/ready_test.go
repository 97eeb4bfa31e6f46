package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp/wasim"

	"github.com/pocketbase/dbx"
)

// TestReadyFlowsInLife plays the tests of the ready-made flows with simulated customers over WhatsApp's protocol: what the
// transcripts say is what the customer's phone shows and what the desk did.
func TestReadyFlowsInLife(t *testing.T) {
	languages := []flows.Lang{"es", "pt-BR", "en"}
	for _, key := range flows.ReadyKeys() {
		for speaks, lang := range languages {
			made, err := flows.Ready(key, lang)
			if err != nil {
				t.Fatal(err)
			}
			for i, test := range made.Tests {
				if testing.Short() && i%len(languages) != speaks {
					continue // each in one language; the simulator plays all of them in package flows
				}
				t.Run(fmt.Sprintf("%s/%s/%s", key, lang, strings.Fields(test.About)[0]+"…"), func(t *testing.T) {
					l := newLife(t, made, test)
					l.play(test.Part("chat"))
				})
			}
		}
	}
}

// life is one transcript being lived.
type life struct {
	*desktest.Shop
	phone   *wasim.Phone
	shown   int    // entries of the phone that were compared
	goodbye string // said by the desk, not by the flow
	other   *otherSystem
}

// newLife opens a desk in the world of a transcript, with the flow at work.
func newLife(t *testing.T, made flows.ReadyMade, test flows.Transcript) *life {
	var world flows.World
	if text := test.Part("world.json"); text != "" {
		if err := json.Unmarshal([]byte(text), &world); err != nil {
			t.Fatal(err)
		}
	}
	l := &life{Shop: desktest.NewShop(t), other: newOtherSystem(t)}
	l.Desk.Calls.Outside.Allow = []string{l.other.Listener.Addr().String()}
	if _, err := l.Desk.Secrets.Save(t.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, "orders", "key-4711", nil); err != nil {
		t.Fatal(err)
	}
	l.Exec("UPDATE flows SET active = FALSE, updated = '1'")
	for _, area := range []string{"support", "billing"} {
		l.Area(area)
	}
	on := map[string]string{"survey": desktest.OnEnd}[made.Key]
	if on == "" {
		on = `[{"on":"message"}]`
	}
	l.Flow(strings.ReplaceAll(string(made.JSON), otherAddress, l.other.URL), on)
	l.Exec("UPDATE lines SET displayName = '" + world.Line.Name + "'")
	l.inWorld(world)
	l.goodbye = l.Desk.Settings.Get().AutoCloseMessage
	mode := wasim.LID
	number := desktest.CarlaNumber
	if world.Contact.Phone != "" {
		number = "+" + world.Contact.Phone
	} else {
		mode = wasim.LIDHidden
	}
	l.phone = l.Server.Phone(number, wasim.Name(world.Contact.Name), wasim.Address(mode))
	return l
}

// inWorld sets the clock, the zone and the opening hours.
func (l *life) inWorld(world flows.World) {
	now, zone := world.Now, "UTC"
	if now.IsZero() {
		now = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	} else if _, offset := now.Zone(); offset == -3*60*60 {
		zone = "America/Argentina/Buenos_Aires"
	}
	l.Setting("zone", `"`+zone+`"`)
	for area, hours := range world.Hours {
		week, days := flows.Hours{}, flows.Hours{}
		for day, windows := range hours {
			if strings.Contains(day, "-") {
				days[day] = windows
			} else {
				week[day] = windows
			}
		}
		id := ""
		if area != "" {
			id = l.AreaID(area)
		}
		l.Insert("hours", dbx.Params{"area": id, "week": store.Raw(week), "days": store.Raw(days), "updated": "1"})
	}
	l.Ahead.Store(int64(time.Until(now)))
}

// play does what the customer does and compares what the phone and the desk show.
func (l *life) play(chat string) {
	l.T.Helper()
	rows := strings.Split(strings.TrimRight(chat, "\n"), "\n")
	for i := 0; i < len(rows); i++ {
		mark, text := rows[i][:1], strings.TrimPrefix(rows[i][1:], " ")
		for ; i+1 < len(rows) && (rows[i+1] == "" || strings.HasPrefix(rows[i+1], "  ")); i++ {
			text += "\n" + strings.TrimPrefix(rows[i+1], "  ")
		}
		switch mark {
		case ">":
			l.does(text)
		case "<":
			l.sees(text)
		case "*":
			l.did(text)
		}
	}
	if rest := l.fresh(); len(rest) > 0 && !(len(rest) == 1 && rest[0].Text == l.goodbye) {
		l.T.Errorf("the phone shows %q beyond the transcript", desktest.Texts(rest))
	}
}

// does is what the customer, or time, does.
func (l *life) does(text string) {
	l.T.Helper()
	verb, rest, _ := strings.Cut(strings.Trim(text, "()"), " ")
	switch {
	case text == "(starts)":
		l.talkAndClose()
	case strings.HasPrefix(text, "(waits "):
		d, err := time.ParseDuration(rest)
		if err != nil {
			l.T.Fatal(err)
		}
		l.Ahead.Add(int64(d))
		l.Desk.Store.WakeInbox()
	case text == "(sends voice)":
		if _, err := l.phone.Say(l.Owner, wasim.Say{Media: &wasim.SayMedia{Kind: "voice", MIME: "audio/ogg", Data: []byte("OggS voice")}}); err != nil {
			l.T.Fatal(err)
		}
	case verb == "http":
		l.other.answer(rest)
	case strings.HasPrefix(text, "("):
		l.T.Fatalf("the transcript does %q (%s), which nobody can live", text, verb)
	default:
		l.Say(l.phone, text)
	}
}

// talkAndClose has a person talk to the customer and close, and lets the time pass after which the survey begins.
func (l *life) talkAndClose() {
	l.T.Helper()
	l.Say(l.phone, "hola")
	c := l.Thread("the customer is with people", func(c store.Conversation) bool { return c.Status == store.StatusWaiting })
	boss := rights.Viewer{ID: "boss", Role: rights.Admin}
	if _, err := l.Desk.Outbox.Send(l.T.Context(), boss, c.ID, outbox.NewMessage{ClientID: "1", Text: "All done."}); err != nil {
		l.T.Fatal(err)
	}
	l.Reads(l.phone, "All done.")
	if _, err := l.Desk.Conversations.CloseConversation(l.T.Context(), boss, c.ID, conversation.Closing{}); err != nil {
		l.T.Fatal(err)
	}
	l.shown = len(l.phone.Chat(l.Owner))
	l.Ahead.Add(int64(conversation.SurveyAfter))
	l.Desk.Store.WakeInbox()
}

// fresh are the messages of the shop that the phone shows and nobody compared.
func (l *life) fresh() []wasim.Entry {
	return slices.DeleteFunc(l.phone.Chat(l.Owner)[l.shown:], func(e wasim.Entry) bool { return e.FromMe })
}

// sees compares the next message on the phone.
func (l *life) sees(want string) {
	l.T.Helper()
	ctx, cancel := context.WithTimeout(l.T.Context(), desktest.Patience)
	defer cancel()
	next := -1
	_, err := l.phone.WaitFor(ctx, func(wasim.Entry) bool {
		next = slices.IndexFunc(l.phone.Chat(l.Owner)[l.shown:], func(e wasim.Entry) bool { return !e.FromMe })
		return next >= 0
	})
	if err != nil {
		l.T.Fatalf("the phone shows nothing more, want %q: %v", want, err)
	}
	got := l.phone.Chat(l.Owner)[l.shown+next]
	l.shown += next + 1
	text := got.Text
	if got.Kind == "poll" {
		text = "[poll] " + text + "\n- " + strings.Join(got.Options, "\n- ")
	}
	if text != want {
		l.T.Fatalf("the phone shows %q, want %q", text, want)
	}
}

// did waits until the desk did what a line beginning with a star says.
func (l *life) did(what string) {
	l.T.Helper()
	verb, rest, _ := strings.Cut(what, " ")
	switch {
	case verb == "close" || verb == "close:":
		l.Thread(what, func(c store.Conversation) bool { return c.Status == store.StatusClosed && !c.InFlow() })
	case verb == "hand":
		l.handedOver(rest)
	case verb == "GET":
		l.other.asked(l, what)
	case verb == "rated":
		score, _, _ := strings.Cut(rest, " ")
		l.event(what, "rated", `"score":`+score)
	case verb == "comment:":
		l.event(what, "rated", `"comment":`+string(store.Raw(rest)))
	case verb == "tags":
		l.Thread(what, func(c store.Conversation) bool {
			return strings.Contains(string(c.Tags), strings.TrimPrefix(rest, "+"))
		})
	case verb == "contact":
		_, value, _ := strings.Cut(rest, " = ")
		desktest.Row(l.Shop, what, "SELECT name FROM contacts", nil, func(c struct {
			Name string `db:"name"`
		}) bool {
			return string(store.Raw(c.Name)) == value
		})
	default:
		l.T.Fatalf("the transcript says %q, which nobody looks at", what)
	}
}

func (l *life) event(what, kind, data string) {
	l.T.Helper()
	l.Until(what, func() bool {
		return slices.ContainsFunc(desktest.All[store.EventRow](l.World, "SELECT * FROM events WHERE kind = '"+kind+"'"), func(e store.EventRow) bool {
			return strings.Contains(string(e.Data), data)
		})
	})
}

// handedOver compares area, priority and note of a handover: over to "sales" (priority 1): note.
func (l *life) handedOver(how string) {
	l.T.Helper()
	var area string
	if _, err := fmt.Sscanf(how, "over to %q", &area); err != nil {
		l.T.Fatalf("%q: %v", how, err)
	}
	id := ""
	if area != "" {
		id = l.AreaID(area)
	}
	head, note, noted := strings.Cut(how, ": ")
	l.Thread(how, func(c store.Conversation) bool {
		return c.Status == store.StatusWaiting && (c.Area == id || id == "") && (c.Priority > 0) == strings.Contains(head, "(priority")
	})
	if noted {
		l.Until(how, func() bool {
			notes := desktest.All[store.Message](l.World, "SELECT * FROM messages WHERE kind = 'note'")
			return len(notes) > 0 && notes[len(notes)-1].Text == note
		})
	}
}

// otherAddress is where the ready-made flows ask; here it is a server of the test.
const otherAddress = "https://api.example.com"

// otherSystem answers a request when the transcript says so.
type otherSystem struct {
	*httptest.Server
	requests chan string // path and what a secret was put behind
	answers  chan string // status and body, or why there is none
}

func newOtherSystem(t *testing.T) *otherSystem {
	o := &otherSystem{requests: make(chan string, 10), answers: make(chan string)}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.requests <- r.URL.Path + " " + r.Header.Get("Authorization")
		select {
		case answer := <-o.answers:
			status, body, _ := strings.Cut(answer, " ")
			code, err := strconv.Atoi(status)
			if err != nil {
				code = http.StatusInternalServerError // what the flow takes for no answer, too
			}
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(o.Close)
	return o
}

// answer lets the request that is under way be answered. What comes after its deadline reaches nobody.
func (o *otherSystem) answer(what string) {
	select {
	case o.answers <- what:
	case <-time.After(100 * time.Millisecond):
	}
}

// asked compares the request that arrived.
func (o *otherSystem) asked(l *life, what string) {
	l.T.Helper()
	line, header, _ := strings.Cut(what, "\n")
	want := strings.TrimPrefix(line, "GET "+otherAddress) + " " + strings.Replace(strings.TrimPrefix(header, "Authorization: "), "<orders>", "key-4711", 1)
	select {
	case got := <-o.requests:
		if got != want {
			l.T.Errorf("was asked for %q, want %q", got, want)
		}
	case <-time.After(desktest.Patience):
		l.T.Fatalf("was not asked, want %q", want)
	}
}
