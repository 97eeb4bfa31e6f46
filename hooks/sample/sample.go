// Package sample: what an empty desk is given: sample areas and flows, and the past of a demo.
package sample

import (
	"context"
	"fmt"

	"mostrador/flows"
	"mostrador/hooks"
	"mostrador/hooks/conversation"
	"mostrador/hooks/editor"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// Options are how Seed fills a desk.
type Options struct {
	Lang       string // es, pt-BR or en; empty: es
	AlwaysOpen bool   // opening hours round the clock: a demo is tried at any hour
}

// Seed gives an empty desk something to start from: areas, opening hours, the reception flow at work and the other
// ready-made ones as drafts, quick replies and tags. What is there already stays as it is, so that it may run again.
func Seed(ctx context.Context, d *hooks.Desk, o Options) error {
	if o.Lang == "" {
		o.Lang = "es"
	}
	texts, ok := samples[o.Lang]
	if !ok {
		return fmt.Errorf("there are no samples in %q: choose es, pt-BR or en", o.Lang)
	}
	err := d.Store.Write(ctx, func(t *store.Tx) error {
		first, err := seedAreas(t, texts)
		if err != nil {
			return err
		}
		for _, seed := range []func() error{
			func() error { return seedHours(t, o.AlwaysOpen) },
			func() error { return seedFlows(t, flows.Lang(o.Lang)) },
			func() error { return seedReplies(t, texts) },
			func() error { return seedTags(t, texts) },
			func() error { return settings.Preset(t, "lang", o.Lang) },
			func() error { return settings.Preset(t, "defaultArea", first) },
		} {
			if err := seed(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return d.Settings.Reload(ctx)
}

// seedAreas makes the areas that the ready-made flows know by key, and answers the id of the first one.
func seedAreas(t *store.Tx, texts sample) (first string, err error) {
	for i, key := range flows.ReadyAreas {
		a := texts.areas[key]
		err := settings.Sow(t, "areas", dbx.Params{"key": key, "name": a.name, "description": a.description, "active": true, "order": i + 1,
			"color": i + 1, "policy": conversation.PolicyLeast, "awayText": texts.away, "created": store.Stamp(t.Now), "updated": store.Stamp(t.Now)})
		if err != nil {
			return "", err
		}
	}
	err = t.DB().Select("id").From("areas").Where(dbx.HashExp{"key": flows.ReadyAreas[0]}).Row(&first)
	return first, err
}

func seedHours(t *store.Tx, always bool) error {
	week := map[string][]string{}
	for _, day := range []string{"monday", "tuesday", "wednesday", "thursday", "friday"} {
		week[day] = []string{"09:00-18:00"}
	}
	week["saturday"] = []string{"09:00-13:00"}
	week["sunday"] = []string{}
	if always {
		for day := range week {
			week[day] = []string{"00:00-24:00"}
		}
	}
	return settings.Sow(t, "hours", dbx.Params{"area": "", "week": store.Raw(week), "days": "{}", "updated": store.Stamp(t.Now)})
}

// seedFlows publishes the reception, which answers first messages; the others wait as drafts. Each has its tests.
func seedFlows(t *store.Tx, lang flows.Lang) error {
	for _, key := range flows.ReadyKeys() {
		s, err := editor.ReadySeedling(key, lang)
		if err != nil {
			return fmt.Errorf("read the ready-made flow %s: %w", key, err)
		}
		var known int
		err = t.First(&known, "SELECT COUNT(*) FROM flows WHERE kind = ? OR name = ?", key, s.Name)
		if err != nil {
			return fmt.Errorf("look for flow %q: %w", s.Name, err)
		}
		if known > 0 {
			continue
		}
		s.By = store.BySystem
		row, err := editor.Plant(t, s)
		if err != nil {
			return err
		}
		if key != "reception" {
			continue
		}
		if _, err := editor.PublishFlow(t, row, editor.VersionRow{Definition: row.Draft}); err != nil {
			return err
		}
	}
	return nil
}

func seedReplies(t *store.Tx, texts sample) error {
	for _, r := range texts.replies {
		err := settings.Sow(t, "quick_replies", dbx.Params{"shortcut": r.shortcut, "text": r.text, "area": "", "owner": "",
			"created": store.Stamp(t.Now), "updated": store.Stamp(t.Now)})
		if err != nil {
			return err
		}
	}
	return nil
}

func seedTags(t *store.Tx, texts sample) error {
	for i, name := range texts.tags {
		if err := settings.Sow(t, "tags", dbx.Params{"name": name, "color": i + 1, "created": store.Stamp(t.Now)}); err != nil {
			return err
		}
	}
	return nil
}
