package hooks_test

import (
	"fmt"
	"strings"
	"testing"

	"mostrador/hooks"
	"mostrador/hooks/calls"
	"mostrador/hooks/contacts"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/editor"
	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/presence"
	"mostrador/hooks/receive"
	"mostrador/hooks/runner"
	"mostrador/hooks/secrets"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

// TestQueriesUseTheirIndex holds the queries that run all the time to their indexes: none may read a whole table.
func TestQueriesUseTheirIndex(t *testing.T) {
	d := desktest.NewDesk(t)
	tests := []struct{ name, query, want string }{
		{"live conversation", store.LiveQuery, "idx_conv_one_live"},
		{"longest waits", fmt.Sprintf(view.LongestQuery, "area = 'a' AND assignee = '' AND status = 'waiting' OR assignee = 'u'", 51), "COVERING INDEX idx_conv_waits"},
		{"longest waits of those who are late", fmt.Sprintf(view.EscalatedQuery, "area = 'a' AND assignee = '' AND status = 'waiting' OR assignee = 'u'", 51), "COVERING INDEX idx_conv_escalated"},
		{"last conversation", conversation.LastQuery, "idx_conv_closed"},
		{"who can take one", conversation.PickQuery("u.id"), "idx_memberships_area"},
		{"how many somebody has", "SELECT " + conversation.OpenCount + " FROM users u WHERE u.id = 'x'", "idx_conv_live_assignee"},
		{"waiting line", conversation.QueueQuery, "idx_conv_live_area"},
		{"areas of somebody", conversation.AreasQuery, "idx_memberships_user"},
		{"availability of somebody", presence.AvailabilityUpdate, "sqlite_autoindex_users"},
		{"snoozed", conversation.SnoozedDue, "idx_conv_snoozed"},
		{"unanswered", conversation.UnansweredDue, "idx_conv_unanswered"},
		{"held by somebody", conversation.HeldBy, "idx_conv_live_assignee"},
		{"left behind", conversation.LeftBehind, "idx_conv_open_quiet"},
		{"waiting in an area", conversation.WaitingIn, "idx_conv_live_area"},
		{"quiet", conversation.QuietDue, "idx_conv_open_quiet"},
		{"stuck", conversation.StuckQuery, "idx_msg_outbox"},
		{"client id", outbox.ClientIDQuery, "idx_msg_client"},
		{"newer messages", outbox.NewerQuery, "idx_msg_conv"},
		{"up to where visits are counted", editor.CountedQuery, "idx_flow_counts_pos"},
		{"visits to count", editor.UncountedQuery, "idx_events_kind"},
		{"oldest message that waits", hooks.OldestQuery, "idx_msg_inbox"},
		{"older messages that wait", runner.OlderPending, "idx_msg_inbox"},
		{"messages of a merged thread", contacts.MoveQuery, "idx_msg_conv"},
		{"messages that were moved", contacts.MovedQuery, "idx_msg_seq"},
		{"hidden messages of a merged contact", contacts.HiddenOf[0], "idx_msg_conv"},
		{"hidden messages that both had", contacts.HiddenOf[1], "idx_msg_conv"},
		{"hidden change", receive.UnreadableChange, "idx_msg_wa"},
		{"answers on their way", conversation.OnItsWayQuery, "idx_msg_outbox"},
		{"the customer's next word", conversation.NextWordQuery, "idx_msg_conv"},
		{"unsent uploads", media.UnsentUploads, "idx_media_unsent"},
		{"held by a time-lock", outbox.TimelockedQuery, "idx_msg_outbox"},
		{"results", runner.PendingResults, "idx_calls_inbox"},
		{"timers", runner.DueTimers, "idx_conv_wake"},
		{"words that wait", conversation.UnheardQuery, "idx_msg_inbox"},
		{"older messages", calls.OlderQuery, "idx_msg_inbox"},
		{"due calls", calls.DueCalls, "idx_calls_due"},
		{"late calls", calls.LateCalls, "idx_calls_late"},
		{"running calls", calls.RunningCalls, "idx_calls_running"},
		{"secret", secrets.SecretQuery, "idx_secrets_name"},
		{"all secrets", secrets.AllSecrets, "idx_secrets_name"},
		{"last texts", calls.LastTexts, "idx_msg_conv"},
		{"old calls", calls.OldCalls, "idx_calls_old"},
		{"versions of a flow", editor.VersionsQuery, "idx_flow_versions"},
		{"one version", editor.VersionQuery, "idx_flow_versions"},
		{"tests of a flow", editor.TestsQuery, "idx_flow_tests_flow"},
		{"one test", editor.TestQuery, "sqlite_autoindex_flow_tests_1"},
		{"who is in a flow", editor.InsideQuery, "idx_conv_flow"},
		{"who is in which flow", editor.FlowsInside, "COVERING INDEX idx_conv_flow"},
		{"versions that everybody left", editor.LeftVersions, "idx_flow_versions_used"},
		{"files to fetch", media.DueMedia, "idx_media_due"},
		{"files of a conversation that wait, too", media.AlikeOfChat, "idx_media_chat_due"},
		{"files of a line that wait, too", media.AlikeOfLine, "idx_media_due"},
		{"files that wait for the disk", media.WaitingForDisk, "COVERING INDEX idx_media_waiting"},
		{"files that wait for tomorrow", media.ResumeQuota, "idx_media_waiting"},
		{"files of who is not blocked any more", media.ResumeBlocked, "idx_media_chat_due"},
		{"who sent a file", media.SenderQuery, "sqlite_autoindex_media_1"},
		{"a file's account", media.ChargeQuery, "sqlite_autoindex_contacts_1"},
		{"the same file", media.SameQuery, "idx_media_hash"},
		{"who needs a file", media.NamedQuery, "idx_media_hash"},
		{"counts of a flow", editor.CountsQuery, "idx_flow_counts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var steps []struct {
				Detail string `db:"detail"`
			}
			if err := d.Store.App.NonconcurrentDB().NewQuery("EXPLAIN QUERY PLAN " + desktest.Literal(tt.query)).All(&steps); err != nil {
				t.Fatal(err)
			}
			var plan []string
			made := "SCAN CONSTANT ROW" // and what the query itself has put together
			for _, s := range steps {
				if name, ok := strings.CutPrefix(s.Detail, "MATERIALIZE "); ok {
					made += " SCAN " + name
				}
				if !strings.HasPrefix(s.Detail, "SCAN (subquery") && !strings.Contains(made, s.Detail) {
					plan = append(plan, s.Detail)
				}
			}
			got := strings.Join(plan, "\n")
			if strings.Contains(got, "SCAN") || !strings.Contains(got, tt.want) {
				t.Errorf("got plan\n%s\nwant a search by %s and no scan", got, tt.want)
			}
		})
	}
}
