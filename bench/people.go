package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// How the fan-out's desk is laid out: an agent sees 15 % of it.
const (
	areaCount     = 20
	areasPerAgent = 3
)

// spread makes the areas, has every customer write once, and moves the conversations to the areas in turns. In the areas
// people claim: agents with an open stream are available, and of a conversation that is dealt out one alone would hear.
func (r *Rig) spread(ctx context.Context, desk *DeskUnderTest, customers []string) (areas []string, err error) {
	for i := range areaCount {
		var area struct{ ID string }
		name := fmt.Sprintf("Area %d", i+1)
		err := desk.Admin.Call(ctx, "POST", "/api/areas", map[string]any{"key": fmt.Sprintf("area-%d", i+1), "name": name, "active": true, "policy": "manual"}, &area)
		if err != nil {
			return nil, err
		}
		areas = append(areas, area.ID)
	}
	if err := r.write(ctx, deskOwner, customers, len(customers)); err != nil {
		return nil, err
	}
	var list []Conversation
	err = until(ctx, "the conversations", func() bool {
		list, err = desk.Admin.Conversations(ctx, "", 100)
		return err == nil && len(list) == len(customers)
	})
	if err != nil {
		return nil, err
	}
	for i, c := range list {
		err := desk.Admin.Call(ctx, "POST", "/api/conversations/"+c.ID+"/transfer", map[string]string{"area": areas[i%len(areas)]}, nil)
		if err != nil {
			return nil, err
		}
	}
	return areas, nil
}

// operator makes one agent of the area that Flow hands over to, and signs them in.
func (d *DeskUnderTest) operator(ctx context.Context) (*Desk, error) {
	var areas struct{ Items []struct{ ID, Key string } }
	if err := d.Admin.Call(ctx, "GET", "/api/areas", nil, &areas); err != nil {
		return nil, err
	}
	for _, area := range areas.Items {
		if area.Key != "sales" {
			continue
		}
		err := d.Admin.Call(ctx, "POST", "/api/users", map[string]any{"name": "Agent", "username": "agent", "email": "agent@example.com",
			"role": "OPERATOR", "areas": []string{area.ID}, "password": adminPassword}, nil)
		if err != nil {
			return nil, err
		}
		return SignIn(ctx, d.URL, "agent", adminPassword)
	}
	return nil, errors.New("there is no area of sales")
}

// hire makes agents until there are n, each in three areas, and signs them in.
func (d *DeskUnderTest) hire(ctx context.Context, agents []*Desk, areas []string, n int) ([]*Desk, error) {
	have := len(agents)
	agents = append(agents, make([]*Desk, n-have)...)
	return agents, each(make([]string, n-have), func(i int, _ string) error {
		i += have
		name := fmt.Sprintf("agent%d", i)
		var own []string
		for k := range areasPerAgent {
			own = append(own, areas[(i*areasPerAgent+k)%len(areas)])
		}
		slices.Sort(own)
		err := d.Admin.Call(ctx, "POST", "/api/users", map[string]any{"name": name, "username": name, "email": name + "@example.com",
			"role": "OPERATOR", "areas": own, "password": adminPassword}, nil)
		if err != nil {
			return err
		}
		agents[i], err = SignIn(ctx, d.URL, name, adminPassword)
		return err
	})
}
