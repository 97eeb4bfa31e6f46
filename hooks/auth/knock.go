package auth

import (
	"maps"
	"slices"
	"strings"

	"mostrador/hooks/api"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/core"
)

// knock is one try at a door for guests, as the limiter counts it: by where it comes from before a byte of it is read, and by
// whom it is for once that is known. A browser in which somebody has signed in before counts by itself, not by its address:
// who floods an office's address, or a person's name, keeps nobody out of their own browser.
type knock struct {
	guard   *Guard
	kind    string   // of the door: login, setup, superuser
	address string   // RealIP
	own     device   // the browser, if it is known
	taken   []string // keys under which the try was counted
}

// knock asks by browser, or else by address.
func (g *Guard) knock(e *core.RequestEvent, kind string) (*knock, error) {
	k := &knock{guard: g, kind: kind, address: e.RealIP(), own: g.deviceOf(e.Request)}
	limits := k.byAddress()
	if k.own.hash != "" {
		limits = map[string]int{kind + "Browser " + k.own.hash: TriesByOwn}
	}
	return k, k.take(limits)
}

// byAddress counts a network, and with IPv6 the larger one that it is a part of.
func (k *knock) byAddress() map[string]int {
	limits := map[string]int{k.kind + "Address " + api.Network(k.address): TriesByIP}
	if bloc := NetworkBloc(k.address); bloc != "" {
		limits[k.kind+"Bloc "+bloc] = TriesByBloc
	}
	return limits
}

// at asks by whom the try is for: a person's id, or what was written when nobody is called so.
func (k *knock) at(person, name string) error {
	if person != "" && slices.Contains(k.own.people, person) {
		return k.take(map[string]int{k.kind + "Own " + person + " " + k.own.hash: TriesByPair})
	}
	who := "Person " + person
	if person == "" {
		who = "Name " + store.Cut(name, 255)
	}
	limits := map[string]int{
		k.kind + who: TriesByName,
		k.kind + "Pair" + who + " " + api.Network(k.address): TriesByPair,
	}
	if k.own.hash != "" { // the browser is another's: here it is like any other at its address
		maps.Copy(limits, k.byAddress())
	}
	if err := k.take(limits); err != nil {
		k.giveBack() // one who tries on and on keeps nobody else out
		return err
	}
	return nil
}

func (k *knock) take(limits map[string]int) error {
	if wait := k.guard.Logins.Take(limits); wait > 0 {
		return tooFast(wait)
	}
	k.taken = slices.AppendSeq(k.taken, maps.Keys(limits))
	return nil
}

// giveBack forgets a try that was right.
func (k *knock) giveBack() {
	k.guard.Logins.GiveBack(k.taken...)
	k.taken = nil
}

// NetworkBloc is the first 48 bits of IPv6, which one customer may have as well; empty for IPv4.
func NetworkBloc(ip string) string { return api.FirstGroups(ip, 3, "") }

// keyKnock is where the guard leaves the knock at the dashboard's door.
const keyKnock = "mostradorKnock"

// knockAtDashboard counts a try to get into the dashboard by where it comes from; it returns how long to wait.
func (g *Guard) knockAtDashboard(e *core.RequestEvent) error {
	if e.Request.Method != "POST" || !ofSuperusers(e) {
		return nil
	}
	k, err := g.knock(e, "superuser")
	e.Set(keyKnock, k)
	return err
}

// bindDashboard counts the tries to get into the dashboard by whom they are for, and makes the browser known in which one was
// right.
func (g *Guard) bindDashboard() {
	g.Store.App.OnRecordAuthWithPasswordRequest(core.CollectionNameSuperusers).BindFunc(func(e *core.RecordAuthWithPasswordRequestEvent) error {
		return g.atDashboard(e.RequestEvent, e.Record, e.Identity, e.Next)
	})
	g.Store.App.OnRecordAuthWithOTPRequest(core.CollectionNameSuperusers).BindFunc(func(e *core.RecordAuthWithOTPRequestEvent) error {
		return g.atDashboard(e.RequestEvent, e.Record, "", e.Next)
	})
	g.Store.App.OnRecordAuthRequest(core.CollectionNameSuperusers).BindFunc(func(e *core.RecordAuthRequestEvent) error {
		if k, ok := e.Get(keyKnock).(*knock); ok && e.AuthMethod != "" {
			k.giveBack()
			g.keepDevice(e.RequestEvent, e.Record.Id)
		}
		return e.Next()
	})
}

func (g *Guard) atDashboard(e *core.RequestEvent, who *core.Record, name string, next func() error) error {
	k, ok := e.Get(keyKnock).(*knock)
	if !ok {
		return next()
	}
	person := ""
	if who != nil {
		person = who.Id
	}
	if err := k.at(person, strings.ToLower(strings.TrimSpace(name))); err != nil {
		return api.Refused(e, err)
	}
	return next()
}
