package flows

import (
	"encoding/json"
	"strconv"
	"strings"
)

// from takes a part out of an answer.
func (p pick) from(doc any, body string) Value {
	if p.Path == "" {
		return Value{Type: TypeText, Text: strings.TrimSpace(body)}
	}
	for key := range strings.SplitSeq(strings.NewReplacer("[", ".", "]", "").Replace(p.Path), ".") {
		switch at := doc.(type) {
		case map[string]any:
			doc = at[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(at) {
				return Value{}
			}
			doc = at[i]
		default:
			return Value{}
		}
	}
	return valueOf(doc)
}

// valueOf makes a variable of a piece of JSON. What is too long for one is left out rather than cut in the middle.
func valueOf(doc any) Value {
	switch v := doc.(type) {
	case string:
		return Value{Type: TypeText, Text: v}
	case bool:
		return Value{Type: TypeBool, Text: strconv.FormatBool(v)}
	case json.Number:
		if _, ok := parseNumber(v.String()); ok {
			return Value{Type: TypeNumber, Text: trimNumber(v.String())}
		}
		return Value{Type: TypeText, Text: v.String()}
	case nil:
		return Value{}
	}
	b, err := json.Marshal(doc)
	if err != nil || len(b) > MaxValue {
		return Value{}
	}
	return Value{Type: TypeJSON, Text: string(b)}
}
