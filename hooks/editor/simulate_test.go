package editor_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/editor"
	"mostrador/hooks/sample"
	"mostrador/whatsapp"
)

// trial is a conversation that is simulated and lived at once.
type trial struct {
	*desktest.Workshop
	flow    json.RawMessage
	session flows.Session
	contact flows.Contact
	steps   []map[string]any // as they were sent
	n       int
}

// simulate does one step by the route and answers what it says.
func (w *trial) simulate(input map[string]any) (says []string) {
	w.Site.T.Helper()
	step := map[string]any{"input": input, "world": map[string]any{"now": w.Desk.Store.Now().Format(time.RFC3339Nano), "contact": w.contact}}
	w.steps = append(w.steps, step)
	var out flows.Simulated
	w.Post("/api/flows/simulate", map[string]any{"flow": w.flow, "session": w.session, "input": step["input"], "world": step["world"]}).Want(200).Into(&out)
	w.session, w.contact = out.Session, out.Contact
	for _, action := range out.Actions {
		var a struct {
			Do, Text string
			Poll     *flows.Poll
		}
		if err := json.Unmarshal(action, &a); err != nil {
			w.Site.T.Fatal(err)
		}
		if a.Poll != nil {
			a.Text = a.Poll.Question
		}
		if a.Do == "send" {
			says = append(says, a.Text)
		}
	}
	return says
}

// live does the same on the desk; an empty text is time that passed.
func (w *trial) live(text string) []string {
	w.Site.T.Helper()
	before := len(w.SaidToCustomer())
	if text != "" {
		w.n++
		w.Gets(whatsapp.Message{ID: fmt.Sprint("m", w.n), Text: text, Name: w.contact.Name})
	}
	if _, err := w.Desk.Runner.InboxRound(w.Site.T.Context()); err != nil {
		w.Site.T.Fatal(err)
	}
	return w.SaidToCustomer()[before:]
}

// newTrial is a seeded desk on which only one of the ready-made flows begins.
func newTrial(t *testing.T, key string, lang flows.Lang) *trial {
	w := &trial{Workshop: desktest.NewWorkshop(t), contact: flows.Contact{Name: "Carla Ruiz", Phone: desktest.Carla.Phone}}
	w.Setting("zone", `"America/Argentina/Buenos_Aires"`)
	if err := sample.Seed(t.Context(), w.Desk, sample.Options{Lang: string(lang)}); err != nil {
		t.Fatal(err)
	}
	w.Exec("UPDATE areas SET awayText = ''") // the desk's, not the flow's
	w.Setting("autoCloseMessage", `""`)      // so is the goodbye to who was silent
	w.Exec("INSERT INTO lines (id, displayName, phone, standard) VALUES ('line', 'Casa Quintana', '5491100000001', TRUE)")
	var list api.Page[editor.FlowView]
	w.Get("/api/flows").Want(200).Into(&list)
	for _, f := range list.Items {
		path := "/api/flows/" + f.ID
		if f.Kind != key {
			w.Put(path, map[string]any{"active": false}).Want(200)
			continue
		}
		w.Put(path, map[string]any{"triggers": []any{map[string]any{"on": "message"}}}).Want(200)
		w.Publish(f.ID, nil)
		var detail editor.FlowDetail
		w.Get(path).Want(200).Into(&detail)
		w.flow = detail.Draft
		w.steps = nil
	}
	return w
}

// TestSimulatorIsLife: the same inputs at the same times get the same texts from the route and from the desk.
func TestSimulatorIsLife(t *testing.T) {
	script := []string{"hola", "zzz", "1", "Ana Gómez", "", "1", "2", "1", "más", "1", "1"}
	for _, key := range []string{"reception", "callback", "survey"} {
		for _, lang := range flows.Languages() {
			t.Run(key+"/"+string(lang), func(t *testing.T) {
				w := newTrial(t, key, lang)
				if key == "callback" {
					w.Pass(12 * time.Hour) // nine in the evening
				}
				said := 0
				for i, text := range script {
					w.Pass(90 * time.Second)
					input := map[string]any{"input": "text", "body": text}
					if text == "" {
						w.Pass(31 * time.Minute)
						input = map[string]any{"input": "timeout"}
					}
					simulated, lived := w.simulate(input), w.live(text)
					if !slices.Equal(simulated, lived) {
						t.Errorf("step %d, %q: the simulator says %q, the desk %q", i, text, simulated, lived)
					}
					said += len(lived)
					if w.session.Done {
						break
					}
				}
				if said < 2 {
					t.Errorf("the flow said %d texts: that shows nothing", said)
				}
			})
		}
	}
}

// TestSimulationBecomesATest: what was tried is kept, passes, and is still what it was when the desk changes.
func TestSimulationBecomesATest(t *testing.T) {
	for _, key := range []string{"reception", "callback", "order"} {
		t.Run(key, func(t *testing.T) {
			w := newTrial(t, key, flows.English)
			w.Exec("UPDATE areas SET zone = 'America/Sao_Paulo' WHERE `key` = 'sales'")
			if key == "callback" {
				w.Pass(12 * time.Hour)
			}
			for _, text := range []string{"hi", map[string]string{"order": "QNT-1"}[key] + "1", "x", "", "1", "1"} {
				w.Pass(70 * time.Second)
				input := map[string]any{"input": "text", "body": text}
				if text == "" {
					input = map[string]any{"input": "timeout"}
				}
				w.simulate(input)
			}
			f := w.kept(key)
			path := "/api/flows/" + f + "/tests"
			var test editor.TestView
			w.Post(path, map[string]any{"name": "Tried", "steps": w.steps, "stubs": map[string]any{"look": map[string]any{"status": 200, "body": `{"state":"sent"}`}}}).Want(201).Into(&test)
			for _, part := range []string{`"now":"2026-03-02T`, `-03:00"`, `"line":{"id":"line","name":"Casa Quintana"`, `"sales":"sales"`, `"hours":{`, "> hi\n<", "> (waits"} {
				if !strings.Contains(test.Text, part) {
					t.Errorf("the test does not have %s:\n%s", part, test.Text)
				}
			}
			w.Exec("UPDATE hours SET week = '{}', updated = '2027'")
			w.Exec("UPDATE areas SET name = 'Other', updated = '2027'")
			var results api.Page[editor.TestResult]
			w.Post(path+"/run", nil).Want(200).Into(&results)
			for _, r := range results.Items {
				if !r.OK {
					t.Errorf("%s: got %+v, want it to pass\n%s", r.Name, r, test.Text)
				}
			}
		})
	}
}

// kept is the id of the flow of a kind.
func (w *trial) kept(kind string) string {
	w.Site.T.Helper()
	return desktest.All[struct {
		ID string `db:"id"`
	}](w.World, "SELECT id FROM flows WHERE kind = '"+kind+"'")[0].ID
}

func TestSimulateOnThisDesk(t *testing.T) {
	w := desktest.NewWorkshop(t)
	w.Setting("zone", `"America/Argentina/Buenos_Aires"`)
	other := w.Flow(string(desktest.Ending("Other", "From the other flow.")), "[]")
	w.Insert("hours", map[string]any{"area": "", "week": `{"monday":["09:00-18:00"]}`, "days": "{}"})
	flow := `{"spec":1,"lang":"en","start":"h","nodes":{"h":{"type":"hours","open":"o","closed":"c"},"o":{"type":"message","say":"Open at {{now.time}}.","next":"j"},
		"c":{"type":"redirect","area":"gone","say":"Closed."},"j":{"type":"jump","flow":"` + other + `"}}}`
	for body, want := range map[string]string{
		``: `Open at 09:00.|From the other flow.`,
		`,"world":{"now":"2026-03-02T05:00:00Z"}`:                                                      `Closed.|I am passing you to a person of our team.`,
		`,"world":{"hours":{"":{"tuesday":["09:00-18:00"]}}}`:                                          `Closed.|I am passing you to a person of our team.`,
		`,"world":{"hours":{"":{"tuesday":["09:00-18:00"]}},"areas":{"gone":"Here"}}`:                  `Closed.`,
		`,"flows":{"` + other + `":{"spec":1,"start":"a","nodes":{"a":{"type":"end","say":"Mine."}}}}`: `Open at 09:00.|Mine.`,
	} {
		var out flows.Simulated
		w.Post("/api/flows/simulate", `{"flow":`+flow+`,"input":{"input":"start"}`+body+`}`).Want(200).Into(&out)
		var says []string
		for _, a := range out.Actions {
			var send struct{ Do, Text string }
			if err := json.Unmarshal(a, &send); err == nil && send.Do == "send" {
				says = append(says, send.Text)
			}
		}
		if got := strings.Join(says, "|"); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
	for want, body := range map[string]string{
		"bad_flow":  `{"flow":{"spec":1,"nodes":{"a":{"type":"bomb"}}},"input":{"input":"start"}}`,
		"input":     `{"flow":` + flow + `,"input":{"input":"bomb"}}`,
		"world":     `{"flow":` + flow + `,"input":{"input":"start"},"world":{"hours":{"":{"someday":[]}}}}`,
		"world.now": `{"flow":` + flow + `,"input":{"input":"start"},"world":{"now":"noon"}}`,
		"flows":     `{"flow":` + flow + `,"input":{"input":"start"},"flows":{"x":{}}}`,
	} {
		if e := w.Post("/api/flows/simulate", body).Want(400).Refusal(); e.Code != want && e.Data.(map[string]any)[want] == nil && want != "flows" && want != "world.now" {
			t.Errorf("%s: got %+v", want, e)
		}
	}
}

func TestStepsThatCannotBeTold(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(nil)
	path := "/api/flows/" + f.ID + "/tests"
	e := w.Post(path, `{"name":"x","steps":[{"input":{"input":"text","body":"hi"}},{"input":{"input":"text","body":"(starts)"}}]}`).Want(400).Refusal()
	if e.Code != "unsayable" || !strings.Contains(e.Message, "2") {
		t.Errorf("got %+v, want step 2 to be named", e)
	}
	w.Post(path, `{"name":"x","steps":[{"input":{"input":"bomb"}}]}`).Want(400)
	w.Post(path, `{"name":"x","steps":[`+strings.TrimSuffix(strings.Repeat(`{"input":{"input":"start"}},`, editor.MaxSteps+1), ",")+`]}`).Want(400)
}

// BenchmarkSimulate is one step of a flow of 200 nodes by the route: a flow that is tried for the first time, and one that
// is sent along again with the next step, as the builder does.
func BenchmarkSimulate(b *testing.B) {
	b.Run("same flow", func(b *testing.B) { benchmarkSimulate(b, false) })
	b.Run("new flow", func(b *testing.B) { benchmarkSimulate(b, true) })
}

func benchmarkSimulate(b *testing.B, edited bool) {
	w := desktest.NewWorkshop(b)
	var nodes []string
	for i := 0; i < 200; i += 2 {
		nodes = append(nodes, fmt.Sprintf(`"n%d":{"type":"menu","name":"Menu %d","say":"Hola {{contact.name:first|tú}}","options":[{"id":"a","label":"Ventas","next":"n%d"},{"id":"b","label":"Soporte técnico","words":["no anda"],"next":"n%d"},{"id":"c","label":"Otra cosa","next":"n%d"}]},
			"n%d":{"type":"message","say":"Dijiste {{message}}.","next":"n%d"}`, i, i, i+1, i+1, i+1, i+1, (i+2)%200))
	}
	body := `{"flow":{"spec":1,"lang":"es","name":"EDIT","start":"n0","nodes":{` + strings.Join(nodes, ",") + `}},"session":{"frames":[{"node":"n8"}],"wait":"customer","wakesAt":"2026-03-03T00:00:00Z"},"input":{"input":"text","body":"2"}}`
	took := make([]time.Duration, 0, 1<<16)
	for b.Loop() {
		sent := body
		if edited {
			sent = strings.Replace(body, "EDIT", fmt.Sprint(len(took)), 1)
		}
		from := time.Now()
		w.Post("/api/flows/simulate", sent).Want(200)
		took = append(took, time.Since(from))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(len(body)), "body-B")
}

// TestSimulateAtTheEndOfTime: JSON has no times after the year 9999, and a flow waits for up to thirty days.
func TestSimulateAtTheEndOfTime(t *testing.T) {
	w := desktest.NewWorkshop(t)
	for now, status := range map[string]int{"9999-11-30T00:00:00Z": 200, "9999-12-31T23:59:59Z": 400} {
		w.Post("/api/flows/simulate", `{"flow":{"spec":1,"start":"n","nodes":{"n":{"type":"ask","say":"x","var":"v"}}},"input":{"input":"start"},"world":{"now":"`+now+`"}}`).Want(status)
	}
}
