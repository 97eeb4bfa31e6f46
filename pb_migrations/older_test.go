package pb_migrations_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// older is a database as the program that knew no migration from that file on left it.
func older(t *testing.T, before string) core.App {
	t.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir(), DBConnect: store.Connect})
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.ResetBootstrapState() })
	var known core.MigrationsList
	known.Copy(core.SystemMigrations)
	for _, m := range core.AppMigrations.Items() {
		if m.File < before {
			known.Register(m.Up, m.Down, m.File)
		}
	}
	if _, err := core.NewMigrationsRunner(app, known).Up(); err != nil {
		t.Fatal(err)
	}
	return app
}

func put(t *testing.T, app core.App, table string, row dbx.Params) {
	t.Helper()
	if _, err := app.NonconcurrentDB().Insert(table, row).Execute(); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
}

// TestFlowsOfAnOlderDatabase: a desk with flows at work opens, and has them with what is new empty.
func TestFlowsOfAnOlderDatabase(t *testing.T) {
	app := older(t, "1764000004")
	put(t, app, "flows", dbx.Params{"id": "flow00000000001", "name": "Recepción", "lang": "es", "draft": `{"spec":1}`, "version": 2,
		"triggers": `[{"on":"message"}]`, "order": 3, "active": true, "updated": "2026-01-01 00:00:00.000Z"})
	for n := range 2 {
		put(t, app, "flow_versions", dbx.Params{"id": fmt.Sprint("version0000000", n), "flow": "flow00000000001", "number": n + 1,
			"definition": `{"spec":1,"name":"Recepción"}`, "author": "ana", "note": "first"})
	}
	put(t, app, "conversations", dbx.Params{"id": "conversation001", "line": "line", "contact": "carla", "status": "bot", "flow": "flow00000000001",
		"version": 1, "lastAt": "2026-01-01 00:00:00.000Z", "startedAt": "2026-01-01 00:00:00.000Z"})
	if err := app.RunAllMigrations(); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT name || version || `order` || active || triggers || draft FROM flows":                    `Recepción231[{"on":"message"}]{"spec":1}`,
		"SELECT revision || draftBy || draftAt || kind || seq FROM flows":                                "00",
		"SELECT group_concat(number || author || note || kind || base || archivedAt) FROM flow_versions": "1anafirst0,2anafirst0",
		"SELECT id FROM conversations WHERE flow = 'flow00000000001' AND version = 1 AND flow != ''":     "conversation001",
		"SELECT COUNT(*) FROM flow_tests":                                                                "0",
		"SELECT COUNT(*) FROM flow_counts":                                                               "0",
	} {
		var got string
		if err := app.ConcurrentDB().NewQuery(query).Row(&got); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", query, got, err, want)
		}
	}
}

// TestClosedConversationsOfAnOlderDatabase: they are found by when they were closed.
func TestClosedConversationsOfAnOlderDatabase(t *testing.T) {
	app := older(t, "1764000006")
	for id, closed := range map[string]string{"conversation001": "2026-01-03", "conversation002": "2026-01-02"} {
		put(t, app, "conversations", dbx.Params{"id": id, "line": "line", "contact": "carla", "status": "closed", "closedAt": closed + " 00:00:00.000Z",
			"lastAt": "2026-01-01 00:00:00.000Z", "startedAt": "2026-01-01 00:00:00.000Z"})
	}
	if err := app.RunAllMigrations(); err != nil {
		t.Fatal(err)
	}
	var got string
	err := app.ConcurrentDB().NewQuery(`SELECT id FROM conversations INDEXED BY idx_conv_closed WHERE contact = 'carla' AND line = 'line' AND status = 'closed'
		ORDER BY closedAt DESC, id DESC LIMIT 1`).Row(&got)
	if err != nil || got != "conversation001" {
		t.Errorf("got %q, %v, want the one that was closed last", got, err)
	}
}

// TestWaitsOfAnOlderDatabase: who waited goes on waiting, and no answer counts as on its way.
func TestWaitsOfAnOlderDatabase(t *testing.T) {
	app := older(t, "1764000007")
	put(t, app, "conversations", dbx.Params{"id": "conversation001", "line": "line", "contact": "carla", "status": "open", "waitingSince": "2026-01-01 00:00:00.000Z",
		"lastAt": "2026-01-01 00:00:00.000Z", "startedAt": "2026-01-01 00:00:00.000Z"})
	if err := app.RunAllMigrations(); err != nil {
		t.Fatal(err)
	}
	var got string
	err := app.ConcurrentDB().NewQuery("SELECT waitingSince || waitedSince FROM conversations").Row(&got)
	if want := "2026-01-01 00:00:00.000Z"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// TestFilesOfAnOlderDatabase: what is to be fetched is found by line and size.
func TestFilesOfAnOlderDatabase(t *testing.T) {
	app := older(t, "1764000008")
	put(t, app, "media", dbx.Params{"id": "media0000000001", "conversation": "conversation001", "message": "message00000001", "line": "line", "state": "pending", "size": 7})
	if err := app.RunAllMigrations(); err != nil {
		t.Fatal(err)
	}
	var got string
	err := app.ConcurrentDB().NewQuery(`SELECT id FROM media INDEXED BY idx_media_due WHERE state = 'pending' AND line = 'line' AND dueAt <= '2' AND size = 7`).Row(&got)
	if err != nil || got != "media0000000001" {
		t.Errorf("got %q, %v, want the file", got, err)
	}
}

// TestWhatSomebodyHadInAnAreaOfAnOlderDatabase: it is found by both, whoever else had something there.
func TestWhatSomebodyHadInAnAreaOfAnOlderDatabase(t *testing.T) {
	app := older(t, "1764000013")
	for id, had := range map[string][2]string{"conversation001": {"sales", "ana"}, "conversation002": {"help", "ana"}, "conversation003": {"sales", "bea"}} {
		put(t, app, "conversations", dbx.Params{"id": id, "line": "line", "contact": "carla", "status": "closed", "area": had[0], "assignee": had[1],
			"lastAt": "2026-01-01 00:00:00.000Z", "startedAt": "2026-01-01 00:00:00.000Z"})
	}
	if err := app.RunAllMigrations(); err != nil {
		t.Fatal(err)
	}
	var got string
	err := app.ConcurrentDB().NewQuery(`SELECT group_concat(id) FROM conversations INDEXED BY idx_conv_closed_area
		WHERE area = 'sales' AND assignee = 'ana' AND status = 'closed'`).Row(&got)
	if err != nil || got != "conversation001" {
		t.Errorf("got %q, %v, want what ana had in sales", got, err)
	}
}

// TestWhoWaitsInAnOlderDatabase: they are counted and listed, those whom supervision was called for as well, without what is snoozed.
func TestWhoWaitsInAnOlderDatabase(t *testing.T) {
	app := older(t, "1764000014")
	for id, row := range map[string][3]string{"conversation001": {"2", "", ""}, "conversation002": {"1", "", "2"}, "conversation003": {"1", "3", "2"}, "conversation004": {"", "", ""}} {
		put(t, app, "conversations", dbx.Params{"id": id, "line": "line", "contact": id, "status": "open", "area": "sales", "waitingSince": row[0], "snoozedUntil": row[1],
			"escalatedAt": row[2], "lastAt": "2026-01-01 00:00:00.000Z", "startedAt": "2026-01-01 00:00:00.000Z"})
	}
	if err := app.RunAllMigrations(); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT COUNT(*) FROM conversations INDEXED BY idx_conv_tally WHERE status != 'closed' AND area = 'sales'":                                      "4",
		"SELECT group_concat(id) FROM conversations INDEXED BY idx_conv_waits WHERE waitingSince != '' AND snoozedUntil = ''":                           "conversation002,conversation001",
		"SELECT group_concat(id) FROM conversations INDEXED BY idx_conv_escalated WHERE waitingSince != '' AND snoozedUntil = '' AND escalatedAt != ''": "conversation002",
	} {
		var got string
		if err := app.ConcurrentDB().NewQuery(query).Row(&got); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", query, got, err, want)
		}
	}
}

// TestStoredFilesOfAnOlderDatabase: they lie where they lay, nobody has an account yet, and what was to be fetched is found.
func TestStoredFilesOfAnOlderDatabase(t *testing.T) {
	app := older(t, "1764000011")
	put(t, app, "media", dbx.Params{"id": "media0000000001", "conversation": "conversation001", "message": "message00000001", "state": "ready", "file": "a.jpg"})
	put(t, app, "media", dbx.Params{"id": "media0000000002", "conversation": "conversation001", "message": "message00000002", "line": "line", "state": "pending", "size": 7})
	put(t, app, "contacts", dbx.Params{"id": "contact00000001", "phone": "1"})
	if err := app.RunAllMigrations(); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT file || hash || wanted FROM media WHERE id = 'media0000000001'":                                                            "a.jpg0",
		"SELECT id FROM media INDEXED BY idx_media_chat_due WHERE state = 'pending' AND conversation = 'conversation001' AND dueAt <= '2'": "media0000000002",
		"SELECT filesDay || filesCount || filesBytes FROM contacts":                                                                        "00",
	} {
		var got string
		if err := app.ConcurrentDB().NewQuery(query).Row(&got); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", query, got, err, want)
		}
	}
}

// TestLongMessagesOfAnOlderDatabase: they are cut, the whole of them lies apart, and the others stay as they are.
func TestLongMessagesOfAnOlderDatabase(t *testing.T) {
	app := older(t, "1764000010")
	long := strings.Repeat("ñ", 1<<20)
	card := "BEGIN:VCARD\nFN:Ana\nPHOTO:" + long + "\nTEL:+5491122223333\nEND:VCARD"
	extra, err := json.Marshal(map[string]any{"place": map[string]any{"lat": 1.5, "lng": 2, "address": long}, "cards": []any{map[string]any{"name": "Ana", "vcard": card}}})
	if err != nil {
		t.Fatal(err)
	}
	for id, row := range map[string]dbx.Params{
		"message00000001": {"text": "hola", "extra": `{"what":"x"}`}, "message00000002": {"text": strings.Repeat("🙂", 4096)},
		"message00000003": {"text": long, "quote": `{"id":"Q","text":"` + long + `"}`}, "message00000004": {"extra": string(extra)},
	} {
		row["id"], row["conversation"], row["contact"], row["line"], row["direction"], row["kind"] = id, "conversation001", "carla", "line", "in", "text"
		row["author"], row["state"], row["sentAt"], row["waId"] = "contact", "received", "2026-01-01 00:00:00.000Z", id
		put(t, app, "messages", row)
	}
	votes, err := json.Marshal(slices.Repeat([]string{long}, 30))
	if err != nil {
		t.Fatal(err)
	}
	put(t, app, "reactions", dbx.Params{"id": "reaction0000001", "message": "message00000001", "author": "contact", "kind": "vote", "votes": string(votes)})
	if err := app.RunAllMigrations(); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT group_concat(id) FROM message_texts":                                                                  "message00000003,message00000004",
		"SELECT text || extra FROM messages WHERE id = 'message00000001'":                                             `hola{"what":"x"}`,
		"SELECT length(text) FROM messages WHERE id = 'message00000002'":                                              "4096",
		"SELECT length(text) || ' ' || length(quote) || extra FROM messages WHERE id = 'message00000003'":             `4096 1044{"cut":true,"dropped":true}`,
		"SELECT length(text) || ' ' || (extra->'$.dropped') FROM message_texts WHERE id='message00000003'":            "65536 true",
		"SELECT extra->'$.place.lat' || length(extra->>'$.place.address') FROM messages WHERE id = 'message00000004'": "1.51024",
		"SELECT extra->>'$.cards[0].vcard' FROM messages WHERE id = 'message00000004'":                                "BEGIN:VCARD\nFN:Ana\nTEL:+5491122223333\nEND:VCARD",
		"SELECT length(votes) < 20000 FROM reactions":                                                                 "1",
	} {
		var got string
		if err := app.ConcurrentDB().NewQuery(query).Row(&got); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", query, got, err, want)
		}
	}
}

// TestCountsAreOneRowADay: whoever writes them adds to the row that is there.
func TestCountsAreOneRowADay(t *testing.T) {
	app := older(t, "9")
	for i := range 2 {
		_, err := app.NonconcurrentDB().NewQuery(`INSERT INTO flow_counts (id, flow, version, node, what, port, day, n)
			VALUES ({:id}, 'f', 1, 'menu', 'left', 'sales', '2026-03-02', 5)
			ON CONFLICT (flow, version, node, what, port, day) DO UPDATE SET n = n + excluded.n`).Bind(dbx.Params{"id": fmt.Sprint("count", i)}).Execute()
		if err != nil {
			t.Fatal(err)
		}
	}
	var rows, n int
	if err := app.ConcurrentDB().NewQuery("SELECT COUNT(*), SUM(n) FROM flow_counts").Row(&rows, &n); err != nil || rows != 1 || n != 10 {
		t.Errorf("got %d rows, %d, %v, want 1 row with 10", rows, n, err)
	}
}

// TestMigrationsGoBack: each has a way back.
func TestMigrationsGoBack(t *testing.T) {
	app := older(t, "9")
	var all core.MigrationsList
	for _, m := range core.AppMigrations.Items() {
		all.Register(m.Up, m.Down, m.File)
	}
	runner := core.NewMigrationsRunner(app, all)
	if _, err := runner.Down(len(all.Items())); err != nil {
		t.Fatal(err)
	}
	if c, err := app.FindCollectionByNameOrId("conversations"); err == nil {
		t.Errorf("got collection %s after going back, want none", c.Name)
	}
}

// TestCallsOfAnOlderDatabase: a customer who waits for another system in a desk that kept no calls is answered by the
// flow's own clock; there is nothing to carry over, and a call is there once.
func TestCallsOfAnOlderDatabase(t *testing.T) {
	app := older(t, "1764000003")
	put(t, app, "conversations", dbx.Params{"id": "conversation001", "line": "line", "contact": "carla", "status": "bot", "session": `{"wait":"result","call":"1-0"}`,
		"wakeAt": "2026-01-01 00:00:15.000Z", "lastAt": "2026-01-01 00:00:00.000Z", "startedAt": "2026-01-01 00:00:00.000Z"})
	if err := app.RunAllMigrations(); err != nil {
		t.Fatal(err)
	}
	var waits string
	err := app.ConcurrentDB().NewQuery("SELECT wakeAt || (SELECT COUNT(*) FROM calls) || (SELECT COUNT(*) FROM secrets) FROM conversations WHERE id = 'conversation001'").Row(&waits)
	if err != nil || waits != "2026-01-01 00:00:15.000Z00" {
		t.Errorf("got %q, %v, want the conversation as it was and nothing else", waits, err)
	}
	row := dbx.Params{"id": "call00000000001", "conversation": "conversation001", "call": "1-0", "kind": "http", "state": "queued"}
	put(t, app, "calls", row)
	row["id"] = "call00000000002"
	if _, err := app.NonconcurrentDB().Insert("calls", row).Execute(); err == nil {
		t.Error("the same call is there twice")
	}
}

// TestNumbersOfAnOlderDatabase: a Brazilian landline shares its key with no mobile number any more; mobile ones stay alike.
func TestNumbersOfAnOlderDatabase(t *testing.T) {
	app := older(t, "1764000017")
	for phone, key := range map[string]string{"5511933334444": "551133334444", "5511987654321": "551187654321", "551133334444": "551133334444"} {
		put(t, app, "contacts", dbx.Params{"id": "contact" + (phone + "00")[5:13], "phone": phone, "phoneKey": key})
	}
	if err := app.RunAllMigrations(); err != nil {
		t.Fatal(err)
	}
	var got string
	err := app.ConcurrentDB().NewQuery("SELECT group_concat(phoneKey) FROM (SELECT phoneKey FROM contacts ORDER BY phone)").Row(&got)
	if want := "551133334444,5511933334444,551187654321"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
