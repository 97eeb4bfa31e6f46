package flows

import (
	"maps"
	"strings"
	"time"
)

// lookup finds a variable. Names with a dot belong to the world: contact., line., area., flow., now.; "message" is the
// customer's last text, "first" the text with which the conversation began. Unknown names are empty.
func (r *run) lookup(name string) Value {
	space, key, dotted := strings.Cut(name, ".")
	if !dotted {
		return r.s.Vars[name]
	}
	switch space {
	case "contact":
		return r.contactValue(key)
	case "line":
		return Value{Text: map[string]string{"name": r.env.Line.Name, "phone": r.env.Line.Phone, "id": r.env.Line.ID}[key]}
	case "area":
		return Value{Text: map[string]string{"name": r.env.Areas[r.env.Area], "id": r.env.Area}[key]}
	case "flow":
		return Value{Text: map[string]string{"name": r.flow.Name, "id": r.flow.ID}[key]}
	case "now":
		return r.nowValue(key)
	}
	return r.s.Vars[name]
}

func (r *run) contactValue(key string) Value {
	if v, ok := r.wrote[key]; ok {
		return Value{Text: v}
	}
	if key == "tags" {
		return Value{Text: strings.Join(r.tags(), ", ")}
	}
	return Value{Text: clip(r.env.Contact.Field(key), MaxValue)}
}

func (r *run) nowValue(key string) Value {
	now := r.env.here()
	switch key {
	case "date":
		return Value{Type: TypeDate, Text: now.Format(time.DateOnly)}
	case "time":
		return Value{Text: now.Format("15:04")}
	case "datetime":
		return Value{Type: TypeTime, Text: now.Format(time.RFC3339)}
	case "hour":
		return Value{Type: TypeNumber, Text: now.Format("15")}
	case "weekday":
		return Value{Text: r.locale().days[now.Weekday()]}
	case "greeting":
		return Value{Text: r.locale().greeting(now.Hour())}
	}
	return Value{}
}

// set gives a variable a value, or removes it when the text is empty. False means that there is no room: the caller
// hands over.
func (r *run) set(name string, v Value) bool {
	v.Text = clip(v.Text, MaxValue)
	if v.Type == "" {
		v.Type = TypeText // as it reads after a journey through JSON
	}
	if !r.own {
		r.s.Vars, r.own = maps.Clone(r.s.Vars), true
	}
	if v.Text == "" {
		delete(r.s.Vars, name)
		return true
	}
	if r.s.Vars == nil {
		r.s.Vars = map[string]Value{}
	}
	r.s.Vars[name] = v
	size := 0
	for k, v := range r.s.Vars {
		size += len(k) + len(v.Text)
	}
	return len(r.s.Vars) <= MaxVars && size <= MaxVarsLen
}
