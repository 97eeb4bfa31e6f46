package hooks

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"mostrador/hooks/store"
)

const (
	viewingFor = 150 * time.Second // the page says so again every minute; browsers that vanish do not say so
	writingFor = 12 * time.Second
	maxViews   = 20_000 // who views what, over the whole desk: some 5 MB
)

// ViewerView is somebody who has a conversation before their eyes.
type ViewerView struct {
	User   string `json:"user"`
	Name   string `json:"name"`
	Typing bool   `json:"typing"`
}

// viewers is who has which conversation before their eyes: what was told, for whoever comes later. A restart forgets it.
type viewers struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[string]map[string]glance // by conversation and user
	n   int
}

// view is until when somebody counts as being there, and as writing.
type glance struct{ here, typing time.Time }

// note keeps what somebody does: who writes is there, and who stops writing stays.
func (v *viewers) note(event, chat, user string, on bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	one, known := v.by[chat][user]
	switch {
	case event == store.EventTyping && on:
		one = glance{now.Add(viewingFor), now.Add(writingFor)}
	case event == store.EventTyping && !known: // the end of a writing whose page is gone
		return
	case event == store.EventTyping:
		one.typing = time.Time{}
	case on:
		one.here = now.Add(viewingFor)
	default:
		v.drop(chat, user)
		return
	}
	if !known && v.n >= maxViews {
		v.prune(now)
	}
	if !known && v.n >= maxViews {
		return // told, and not kept
	}
	if v.by[chat] == nil {
		if v.by == nil {
			v.by = map[string]map[string]glance{}
		}
		v.by[chat] = map[string]glance{}
	}
	if !known {
		v.n++
	}
	v.by[chat][user] = one
}

func (v *viewers) drop(chat, user string) {
	if _, known := v.by[chat][user]; !known {
		return
	}
	delete(v.by[chat], user)
	v.n--
	if len(v.by[chat]) == 0 {
		delete(v.by, chat)
	}
}

func (v *viewers) prune(now time.Time) {
	for chat, users := range v.by {
		for user, one := range users {
			if !now.Before(one.here) {
				v.drop(chat, user)
			}
		}
	}
}

// of is who views a conversation now.
func (v *viewers) of(chat string) (list []ViewerView) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	for user, one := range v.by[chat] {
		if !now.Before(one.here) {
			v.drop(chat, user)
			continue
		}
		list = append(list, ViewerView{User: user, Typing: now.Before(one.typing)})
	}
	return list
}

// others are who else views a conversation now, by name. Who does not see it any more, because it went to another area
// or because they left, is not there.
func (d *Desk) others(ctx context.Context, c *store.Conversation, me string) []ViewerView {
	list := []ViewerView{}
	for _, one := range d.viewers.of(c.ID) {
		who, err := d.Guard.Accounts.Get(ctx, one.User)
		if err != nil || one.User == me || !who.Sees(c.Area, c.Assignee) {
			continue
		}
		one.Name = cmp.Or(who.Name, who.Username)
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b ViewerView) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.User, b.User)) })
	return list
}
