package lines

import (
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// ActivityView is what a customer does in a conversation right now.
type ActivityView struct {
	Conversation string `json:"conversation"`
	Contact      string `json:"contact"`
	State        string `json:"state"`            // composing, recording, paused; online, offline
	Seen         string `json:"seen,omitempty"`   // offline: last time online, if told
	Author       string `json:"author,omitempty"` // contact
}

// showActivity tells those who see the conversation that its customer types, or is there.
func (l *Lines) showActivity(line string, a whatsapp.Activity) {
	var c sightOf
	err := l.Store.App.ConcurrentDB().NewQuery(`SELECT c.id, c.contact, c.area, c.assignee FROM conversations c WHERE c.line = {:line} AND c.status != 'closed'
		AND c.contact IN (SELECT id FROM contacts WHERE phone = {:phone} AND phone != '' UNION SELECT id FROM contacts WHERE lid = {:lid} AND lid != '')
		LIMIT 1`).Bind(dbx.Params{"line": line, "phone": a.Chat.Phone, "lid": a.Chat.LID}).One(&c)
	if err != nil {
		if !store.IsNone(err) {
			l.Store.App.Logger().Warn("show typing", "error", err)
		}
		return
	}
	name := "typing"
	if a.State == "online" || a.State == "offline" {
		name = "presence"
	}
	l.Store.Publish([]store.Event{{Name: name, Conversation: true, ID: c.ID, Area: c.Area, Assignee: c.Assignee,
		Data: ActivityView{Conversation: c.ID, Contact: c.Contact, State: a.State, Seen: store.ISOTime(a.Seen), Author: store.ByContact}}})
}

type sightOf struct {
	ID       string `db:"id"`
	Contact  string `db:"contact"`
	Area     string `db:"area"`
	Assignee string `db:"assignee"`
}
