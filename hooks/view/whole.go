package view

import (
	"net/http"
	"slices"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// whole reads one message of a conversation with everything that it says.
func (s *Views) whole(v rights.Viewer, chat, id string) (*Message, error) {
	if err := s.MaySee(v, chat); err != nil {
		return nil, err
	}
	db := s.Store.App.ConcurrentDB()
	m, err := store.One[store.Message](store.Execer(db), "SELECT * FROM messages WHERE id = ? AND conversation = ? AND pos > 0", id, chat)
	if err := api.Missing(err); err != nil {
		return nil, err
	}
	if err := store.Unfold(store.Execer(db), m); err != nil {
		return nil, err
	}
	views, err := Messages(db, v, []store.Message{*m})
	if err == nil && len(views) == 0 {
		err = api.ErrNotFound // it moved while this was read
	}
	if err != nil {
		return nil, err
	}
	shown := &views[0]
	shown.nameVotes()
	return shown, nil
}

// nameVotes names the options of votes as the whole poll does.
func (v *Message) nameVotes() {
	if v.Poll == nil {
		return
	}
	for _, option := range v.Poll.Options {
		shown := whatsapp.CutLetters(option, store.ShownOption)
		for _, vote := range v.Votes {
			if i := slices.Index(vote.Options, shown); i >= 0 {
				vote.Options[i] = option
			}
		}
	}
}

// showMessage is GET /api/conversations/{id}/messages/{message}.
func (s *Views) showMessage(r *api.Request) error {
	shown, err := s.whole(r.Me.Viewer, r.ID(), r.Request.PathValue("message"))
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, shown)
}
