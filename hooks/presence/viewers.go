package presence

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"mostrador/hooks/store"
)

const (
	ViewingFor = 150 * time.Second // the page says so again every minute; browsers that vanish do not say so
	writingFor = 12 * time.Second
	MaxViews   = 20_000 // who views what, over the whole desk: some 5 MB
)

// ViewerView is somebody who has a conversation before their eyes.
type ViewerView struct {
	User   string `json:"user"`
	Name   string `json:"name"`
	Typing bool   `json:"typing"`
}

// Viewers is who has which conversation before their eyes: what was told, for whoever comes later. A restart forgets it.
type Viewers struct {
	Now func() time.Time
	mu  sync.Mutex
	By  map[string]map[string]glance // by conversation and user
	N   int
}

// view is until when somebody counts as being there, and as writing.
type glance struct{ here, typing time.Time }

// Note keeps what somebody does: who writes is there, and who stops writing stays.
func (v *Viewers) Note(event, chat, user string, on bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.Now()
	one, known := v.By[chat][user]
	switch {
	case event == store.EventTyping && on:
		one = glance{now.Add(ViewingFor), now.Add(writingFor)}
	case event == store.EventTyping && !known: // the end of a writing whose page is gone
		return
	case event == store.EventTyping:
		one.typing = time.Time{}
	case on:
		one.here = now.Add(ViewingFor)
	default:
		v.drop(chat, user)
		return
	}
	if !known && v.N >= MaxViews {
		v.prune(now)
	}
	if !known && v.N >= MaxViews {
		return // told, and not kept
	}
	if v.By[chat] == nil {
		if v.By == nil {
			v.By = map[string]map[string]glance{}
		}
		v.By[chat] = map[string]glance{}
	}
	if !known {
		v.N++
	}
	v.By[chat][user] = one
}

func (v *Viewers) drop(chat, user string) {
	if _, known := v.By[chat][user]; !known {
		return
	}
	delete(v.By[chat], user)
	v.N--
	if len(v.By[chat]) == 0 {
		delete(v.By, chat)
	}
}

func (v *Viewers) prune(now time.Time) {
	for chat, users := range v.By {
		for user, one := range users {
			if !now.Before(one.here) {
				v.drop(chat, user)
			}
		}
	}
}

// Of is who views a conversation now.
func (v *Viewers) Of(chat string) (list []ViewerView) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.Now()
	for user, one := range v.By[chat] {
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
func (s *Presence) others(ctx context.Context, c *store.Conversation, me string) []ViewerView {
	list := []ViewerView{}
	for _, one := range s.viewers.Of(c.ID) {
		who, err := s.Guard.Accounts.Get(ctx, one.User)
		if err != nil || one.User == me || !who.Sees(c.Area, c.Assignee) {
			continue
		}
		one.Name = cmp.Or(who.Name, who.Username)
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b ViewerView) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.User, b.User)) })
	return list
}
