package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Messages returns a conversation's messages, oldest first.
func (d *Desk) Messages(ctx context.Context, conversation string) ([]Message, error) {
	var all []Message
	for before := ""; ; {
		var list struct {
			Items []Message
			Next  string
		}
		err := d.Call(ctx, "GET", "/api/conversations/"+conversation+"/messages?limit=100&before="+before, nil, &list)
		if err != nil {
			return nil, err
		}
		all = append(all, list.Items...)
		if before = list.Next; before == "" {
			slices.Reverse(all)
			return slices.DeleteFunc(all, func(m Message) bool { return m.Kind == "event" }), nil
		}
	}
}

// chats returns every conversation with its messages, by the customer's number.
func (c *crash) chats(ctx context.Context) (map[string][]Message, error) {
	byNumber := map[string][]Message{}
	for before := ""; ; {
		var list struct {
			Items []Conversation
			Next  string
		}
		if err := c.admin.Call(ctx, "GET", "/api/conversations?view=all&limit=100&before="+before, nil, &list); err != nil {
			return nil, err
		}
		for _, conversation := range list.Items {
			messages, err := c.admin.Messages(ctx, conversation.ID)
			if err != nil {
				return nil, err
			}
			number := "+" + strings.TrimPrefix(conversation.Contact.Phone, "+")
			if byNumber[number] != nil {
				return nil, fmt.Errorf("%s has two conversations", number)
			}
			byNumber[number] = messages
		}
		if before = list.Next; before == "" {
			return byNumber, nil
		}
	}
}

// rest waits until every message that was written is stored, answered, and nothing is under way.
func (c *crash) rest(ctx context.Context) error {
	wrote := len(c.wrote()) * c.o.Messages
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(restLimit)
	before, in, pending := -1, 0, 0
	for {
		chats, err := c.chats(ctx)
		if err != nil {
			return fmt.Errorf("read the desk: %w", err)
		}
		all := 0
		in, pending = 0, 0
		for _, messages := range chats {
			all += len(messages)
			for _, m := range messages {
				if m.Direction == "in" {
					in++
				} else if m.State == "queued" || m.State == "sending" {
					pending++
				}
			}
		}
		if in >= wrote && pending == 0 && all == before {
			return nil
		}
		before = all
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return fmt.Errorf("after %s: %d of %d messages are stored and %d answers are still under way", restLimit, in, wrote, pending)
		case <-tick.C:
		}
	}
}

// compare holds each phone against the database, direction by direction.
func (c *crash) compare(ctx context.Context) (CrashReport, error) {
	report := CrashReport{Kills: c.o.Kills, Customers: len(c.wrote()), Taken: int(c.taken.Load()), Resent: int(c.resent.Load())}
	chats, err := c.chats(ctx)
	if err != nil {
		return report, err
	}
	for i, script := range c.wrote() {
		number := crashCustomer(i)
		entries, err := c.rig.Phones.Chat(ctx, number, deskOwner, 0, 0)
		if err != nil {
			return report, err
		}
		var wrote, got, stored, sent []string
		for _, e := range entries {
			if e.FromMe {
				wrote = append(wrote, e.Text)
			} else {
				got = append(got, e.Text)
			}
		}
		for _, m := range chats[number] {
			if m.Direction == "in" {
				stored = append(stored, m.Text)
			} else {
				sent = append(sent, m.Text)
			}
		}
		report.In, report.Out = report.In+len(stored), report.Out+len(sent)
		if !slices.Equal(wrote, stored) {
			return report, fmt.Errorf("customer %d wrote %q, the desk has %q", i, wrote, stored)
		}
		if !slices.Equal(got, sent) {
			return report, fmt.Errorf("the desk wrote %q, customer %d has %q", sent, i, got)
		}
		want := script.said()
		flow, agent := sent[:min(len(sent), len(want))], sent[min(len(sent), len(want)):]
		if !slices.Equal(flow, want) {
			return report, fmt.Errorf("the flow answered customer %d %q, want %q", i, flow, want)
		}
		if twice := repeated(agent); twice != "" {
			return report, fmt.Errorf("the agent answered customer %d twice: %q", i, twice)
		}
	}
	return report, nil
}

// repeated finds a text that was sent twice: every answer of the agent is due once.
func repeated(texts []string) string {
	seen := map[string]bool{}
	for _, text := range texts {
		if seen[text] {
			return text
		}
		seen[text] = true
	}
	return ""
}
