package view

import (
	"context"
	"fmt"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
)

// CountsView is how much there is to do in one viewer's sight. Waiting means one thing wherever it is said: a customer whom people
// have, and who has no answer (waitingSince). The bot's are not meant, nor what is snoozed.
type CountsView struct {
	Mine           int          `json:"mine"`           // live ones that are mine
	MineUnanswered int          `json:"mineUnanswered"` // of these, who wait
	Waiting        int          `json:"waiting"`        // whoever has them
	Unassigned     int          `json:"unassigned"`     // of these, whom nobody has
	Live           int          `json:"live"`           // all that are not closed
	Bot            int          `json:"bot"`            // of these, with the bot
	Escalated      int          `json:"escalated"`      // of those who wait, whom supervision was called for; 0 for operators, who are not called
	Areas          []AreaCounts `json:"areas"`          // that have something live; area is empty for what has none
}

// AreaCounts is the part of one area.
type AreaCounts struct {
	Area    string `json:"area"`
	Waiting int    `json:"waiting"`
	Live    int    `json:"live"`
}

// tally counts what one person, or nobody, has in one area.
type tally struct {
	Area      string `db:"area"`
	Assignee  string `db:"assignee"`
	Live      int    `db:"live"`
	Bot       int    `db:"bot"`
	Waiting   int    `db:"waiting"`
	Escalated int    `db:"escalated"`
}

// TallyQuery counts by all that decides who sees a conversation, so that the one rule of sight is asked once for each person and
// area. It reads one entry of a covering index for each live conversation, in the order of the groups.
const TallyQuery = `SELECT area, assignee, COUNT(*) AS live, SUM(status = 'bot') AS bot, SUM(` + unanswered + `) AS waiting, SUM(` + unanswered + ` AND escalatedAt != '') AS escalated
	FROM conversations INDEXED BY idx_conv_tally WHERE status != 'closed' GROUP BY area, assignee`

// unanswered is who waits; the partial indexes of those who wait have its first two conditions.
const unanswered = `(waitingSince != '' AND snoozedUntil = '' AND status IN ('waiting', 'open'))`

// Counts counts what a viewer sees.
func (s *Views) Counts(ctx context.Context, v rights.Viewer) (*CountsView, error) {
	var rows []tally
	if err := s.Store.App.ConcurrentDB().NewQuery(TallyQuery).WithContext(ctx).All(&rows); err != nil {
		return nil, fmt.Errorf("count conversations: %w", err)
	}
	c := &CountsView{Areas: []AreaCounts{}}
	for _, r := range rows {
		if v.Sees(r.Area, r.Assignee) {
			c.add(r, v)
		}
	}
	return c, nil
}

// add counts what the viewer sees; the rows come area by area.
func (c *CountsView) add(r tally, v rights.Viewer) {
	if n := len(c.Areas); n == 0 || c.Areas[n-1].Area != r.Area {
		c.Areas = append(c.Areas, AreaCounts{Area: r.Area})
	}
	area := &c.Areas[len(c.Areas)-1]
	area.Waiting += r.Waiting
	area.Live += r.Live
	c.Waiting += r.Waiting
	c.Live += r.Live
	c.Bot += r.Bot
	switch r.Assignee {
	case "":
		c.Unassigned += r.Waiting
	case v.ID:
		c.Mine += r.Live
		c.MineUnanswered += r.Waiting
	}
	if v.Role != rights.Operator {
		c.Escalated += r.Escalated
	}
}

// counts is GET /api/counts.
func (s *Views) counts(r *api.Request) error {
	answer, err := s.Counts(r.Request.Context(), r.Me.Viewer)
	return api.Okay(r, answer, err)
}
