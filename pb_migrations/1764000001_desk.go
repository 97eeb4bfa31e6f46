package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The desk: lines, contacts, conversations, messages and what happened to them.
//
// Rows point at each other by plain text ids, not by relation fields: PocketBase clears relations row by row when a
// target is deleted (90 s for one area at 430k messages). Nothing here is hard-deleted by the product.
//
// Two numbers order everything, both drawn from one counter inside the writing transaction: pos is a row's fixed place
// in its conversation, seq is its last change and the cursor that clients catch up by.
func init() {
	m.Register(func(app core.App) error {
		return saveAll(app, linesCollection(), contactsCollection(), conversationsCollection(), messagesCollection(),
			mediaCollection(), reactionsCollection(), eventsCollection())
	}, func(app core.App) error {
		return drop(app, "events", "reactions", "media", "messages", "conversations", "contacts", "lines")
	})
}

func linesCollection() *core.Collection {
	return collection("lines", []core.Field{
		&core.TextField{Name: "name", Required: true, Max: 120},
		&core.TextField{Name: "displayName", Max: 120}, // what the linked device is called on the phone; empty: Mostrador
		&core.TextField{Name: "phone", Max: 20},        // linked number, digits; empty: not linked
		&core.TextField{Name: "device", Max: 120},      // whatsapp.Config.Device; empty: not linked
		&core.BoolField{Name: "enabled"},               // should run
		&core.BoolField{Name: "paused"},                // the bot is silent; people go on
		&core.BoolField{Name: "standard"},              // the line meant when none is named
		&core.TextField{Name: "state", Max: 20},        // last known whatsapp.State
		&core.TextField{Name: "reason", Max: 60},
		&core.DateField{Name: "since"},
		&core.DateField{Name: "until"},
		created(), updated(),
	})
}

func contactsCollection() *core.Collection {
	return collection("contacts", []core.Field{
		&core.TextField{Name: "name", Max: 200},     // given by an agent or asked by a flow; empty: pushName
		&core.TextField{Name: "pushName", Max: 200}, // what WhatsApp tells
		&core.TextField{Name: "phone", Max: 20},     // digits, as WhatsApp answers to it; empty: unknown
		&core.TextField{Name: "lid", Max: 30},       // digits of the hidden id; empty: unknown
		&core.TextField{Name: "phoneKey", Max: 20},  // phone without the national variants (BR 9, AR 9, MX 1); for look-up
		&core.TextField{Name: "document", Max: 40},
		&core.TextField{Name: "email", Max: 200},
		&core.TextField{Name: "lang", Max: 10},          // empty: unknown
		&core.TextField{Name: "preferredArea", Max: 15}, // empty: none
		&core.JSONField{Name: "fields", MaxSize: 64 << 10},
		&core.JSONField{Name: "tags", MaxSize: 16 << 10},
		&core.BoolField{Name: "blocked"},
		&core.TextField{Name: "mergedInto", Max: 15}, // the contact that this one turned out to be; empty: itself
		&core.NumberField{Name: "seq", OnlyInt: true},
		created(), updated(),
	},
		index{"idx_contacts_phone", true, "phone", "phone != ''"},
		index{"idx_contacts_lid", true, "lid", "lid != ''"},
		index{"idx_contacts_phonekey", false, "phoneKey", "phoneKey != ''"},
		index{"idx_contacts_seq", false, "seq", ""},
	)
}

func conversationsCollection() *core.Collection {
	return collection("conversations", []core.Field{
		&core.TextField{Name: "line", Required: true, Max: 15},
		&core.TextField{Name: "contact", Required: true, Max: 15},
		&core.SelectField{Name: "status", Required: true, MaxSelect: 1, Values: []string{"bot", "waiting", "open", "closed"}},
		&core.TextField{Name: "area", Max: 15},     // empty: none yet; only admins see it
		&core.TextField{Name: "assignee", Max: 15}, // empty: nobody
		&core.NumberField{Name: "priority", OnlyInt: true},
		&core.TextField{Name: "flow", Max: 15}, // empty: not in a flow
		&core.NumberField{Name: "version", OnlyInt: true},
		&core.JSONField{Name: "session", MaxSize: 256 << 10}, // flows.Session
		&core.DateField{Name: "wakeAt"},                      // when the flow wants to be told of silence; empty: never
		&core.NumberField{Name: "unread", OnlyInt: true},     // customer messages that no person has seen
		&core.NumberField{Name: "readPos", OnlyInt: true},    // pos of the last message that people have seen
		&core.NumberField{Name: "toldPos", OnlyInt: true},    // pos up to which WhatsApp was told so
		&core.DateField{Name: "lastAt", Required: true},      // of the last message
		&core.TextField{Name: "lastText", Max: 300},          // preview of the last message
		&core.TextField{Name: "lastKind", Max: 20},
		&core.TextField{Name: "lastAuthor", Max: 15}, // contact, flow, phone, system or a user id
		&core.TextField{Name: "lastMessage", Max: 15},
		&core.DateField{Name: "waitingSince"}, // the first customer message without an answer by a person; empty: none
		&core.DateField{Name: "quietFrom"},    // silence counts from here at the earliest (taken, reopened, woken); empty: from the last message
		&core.DateField{Name: "snoozedUntil"}, // empty: not snoozed
		&core.DateField{Name: "escalatedAt"},  // empty: not escalated
		&core.DateField{Name: "awayAt"},       // the away text was sent; empty: not in this conversation
		&core.DateField{Name: "startedAt", Required: true},
		&core.DateField{Name: "assignedAt"},
		&core.DateField{Name: "firstReplyAt"}, // first answer of a person; empty: none yet
		&core.DateField{Name: "closedAt"},
		&core.TextField{Name: "closedBy", Max: 15},
		&core.TextField{Name: "closeReason", Max: 200},
		&core.JSONField{Name: "tags", MaxSize: 16 << 10},
		&core.NumberField{Name: "seq", OnlyInt: true},
	},
		index{"idx_conv_one_live", true, "contact, line", "status != 'closed'"}, // one live conversation per contact and line
		index{"idx_conv_contact", false, "contact, startedAt DESC", ""},
		index{"idx_conv_area", false, "area, lastAt DESC, id DESC", ""},
		index{"idx_conv_free", false, "area, lastAt DESC, id DESC", "assignee = ''"}, // what operators see of an area
		index{"idx_conv_assignee", false, "assignee, lastAt DESC, id DESC", ""},
		index{"idx_conv_last", false, "lastAt DESC, id DESC", ""},
		index{"idx_conv_live_area", false, "area, status, assignee, lastAt DESC, id DESC", "status != 'closed'"},
		index{"idx_conv_live_assignee", false, "assignee, status, lastAt DESC, id DESC", "status != 'closed'"},
		index{"idx_conv_live", false, "status, lastAt DESC, id DESC", "status != 'closed'"},
		index{"idx_conv_open_quiet", false, "lastAt, id", "status = 'open'"},
		index{"idx_conv_tell", false, "line, id", "toldPos < readPos"},
		index{"idx_conv_unanswered", false, "waitingSince, id", "waitingSince != '' AND escalatedAt = ''"},
		index{"idx_conv_wake", false, "wakeAt", "wakeAt != ''"},
		index{"idx_conv_snoozed", false, "snoozedUntil, id", "snoozedUntil != ''"},
		index{"idx_conv_seq", false, "seq", ""},
	)
}

func messagesCollection() *core.Collection {
	return collection("messages", []core.Field{
		&core.TextField{Name: "conversation", Required: true, Max: 15},
		&core.TextField{Name: "contact", Required: true, Max: 15},
		&core.TextField{Name: "line", Required: true, Max: 15},
		&core.TextField{Name: "waId", Max: 100}, // WhatsApp's id; empty: a note
		&core.TextField{Name: "clientId", Max: 64},
		&core.SelectField{Name: "direction", Required: true, MaxSelect: 1, Values: []string{"in", "out"}},
		&core.TextField{Name: "kind", Required: true, Max: 20}, // whatsapp.Kind, or note
		&core.TextField{Name: "text", Max: 1 << 20},
		&core.TextField{Name: "author", Required: true, Max: 15}, // contact, flow, phone, system or a user id
		&core.SelectField{Name: "state", Required: true, MaxSelect: 1, Values: []string{"received", "queued", "sending", "sent", "delivered", "read", "played", "failed"}},
		&core.TextField{Name: "reason", Max: 200}, // failed: a code for the sentence
		&core.BoolField{Name: "pending"},          // in: the inbox loop has not seen it
		&core.BoolField{Name: "outbox"},           // out: not sent yet (queued or sending)
		&core.NumberField{Name: "attempts", OnlyInt: true},
		&core.DateField{Name: "dueAt"},                     // out: not before; empty: at once
		&core.TextField{Name: "target", Max: 100},          // out reaction, edit, revoke: waId of the message that it changes
		&core.TextField{Name: "media", Max: 15},            // id in media; empty: none
		&core.JSONField{Name: "quote", MaxSize: 16 << 10},  // whatsapp.Quote
		&core.JSONField{Name: "extra", MaxSize: 256 << 10}, // place, cards, poll, what, as whatsapp.Message has them
		&core.DateField{Name: "sentAt", Required: true},    // WhatsApp's time; our own until it is known
		&core.DateField{Name: "editedAt"},                  // empty: as first written
		&core.DateField{Name: "revokedAt"},                 // empty: not taken back
		&core.NumberField{Name: "pos", OnlyInt: true},      // place in the conversation; 0: not shown (reactions, edits, revokes on their way out)
		&core.NumberField{Name: "seq", OnlyInt: true},
	},
		index{"idx_msg_wa", true, "waId, line, contact, direction", "waId != ''"}, // WhatsApp delivers at least once; we store once
		index{"idx_msg_client", true, "conversation, clientId", "clientId != ''"}, // a retried request is not a second message
		index{"idx_msg_conv", false, "conversation, pos DESC", ""},
		index{"idx_msg_inbox", false, "pos, id", "pending = TRUE"},
		index{"idx_msg_outbox", false, "line, contact, id, dueAt, attempts", "outbox = TRUE"},
		index{"idx_msg_seq", false, "seq", ""},
	)
}

func mediaCollection() *core.Collection {
	return collection("media", []core.Field{
		&core.TextField{Name: "conversation", Required: true, Max: 15},
		&core.TextField{Name: "message", Max: 15}, // empty: uploaded, not sent yet
		&core.TextField{Name: "line", Max: 15},
		&core.SelectField{Name: "state", Required: true, MaxSelect: 1, Values: []string{"pending", "ready", "failed"}},
		&core.TextField{Name: "reason", Max: 200},
		&core.TextField{Name: "mime", Max: 200},
		&core.TextField{Name: "name", Max: 300},
		&core.NumberField{Name: "size", OnlyInt: true}, // bytes
		&core.NumberField{Name: "seconds", OnlyInt: true},
		&core.NumberField{Name: "width", OnlyInt: true},
		&core.NumberField{Name: "height", OnlyInt: true},
		&core.TextField{Name: "wave", Max: 200},         // voice: 64 levels, base64
		&core.TextField{Name: "thumb", Max: 100_000},    // small JPEG, base64
		&core.JSONField{Name: "ref", MaxSize: 16 << 10}, // where WhatsApp keeps it
		&core.FileField{Name: "file", MaxSelect: 1, MaxSize: 200 << 20, Protected: true},
		&core.NumberField{Name: "attempts", OnlyInt: true},
		&core.DateField{Name: "dueAt"}, // pending: next try; empty: at once
		&core.TextField{Name: "owner", Max: 15},
		created(),
	},
		index{"idx_media_message", false, "message", ""},
		index{"idx_media_conv", false, "conversation, created DESC", ""},
		index{"idx_media_pending", false, "dueAt", "state = 'pending'"},
	)
}

func reactionsCollection() *core.Collection {
	return collection("reactions", []core.Field{
		&core.TextField{Name: "message", Required: true, Max: 15},
		&core.TextField{Name: "author", Required: true, Max: 15}, // contact, phone or a user id
		&core.SelectField{Name: "kind", Required: true, MaxSelect: 1, Values: []string{"reaction", "vote"}},
		&core.TextField{Name: "emoji", Max: 40},
		&core.JSONField{Name: "votes", MaxSize: 16 << 10},
		&core.DateField{Name: "at"},
	}, index{"idx_reactions_one", true, "message, kind, author", ""})
}

func eventsCollection() *core.Collection {
	return collection("events", []core.Field{
		&core.TextField{Name: "conversation", Max: 15}, // empty: not about a conversation
		&core.TextField{Name: "kind", Required: true, Max: 60},
		&core.TextField{Name: "actor", Required: true, Max: 15}, // contact, flow, phone, system or a user id
		&core.TextField{Name: "fromArea", Max: 15},              // who could see the conversation before, to tell them that it left
		&core.TextField{Name: "fromAssignee", Max: 15},
		&core.JSONField{Name: "data", MaxSize: 64 << 10},
		&core.DateField{Name: "at", Required: true},
		&core.NumberField{Name: "pos", OnlyInt: true},
	},
		index{"idx_events_conv", false, "conversation, pos DESC", ""},
		index{"idx_events_pos", false, "pos", ""},
		index{"idx_events_kind", false, "kind, pos DESC", ""},
	)
}
