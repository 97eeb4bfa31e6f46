package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
)

// JSONPath is a field of a body as its sender calls it: encoding/json names the embedded Go structs on the way, too.
func JSONPath(into any, path string) string {
	at, sent := reflect.TypeOf(into), []string{}
	for name := range strings.SplitSeq(path, ".") {
		for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map}, at.Kind()) {
			at = at.Elem()
		}
		var embedded bool
		if at, embedded = inBody(at, name); !embedded {
			sent = append(sent, name)
		}
	}
	return strings.Join(sent, ".")
}

// inBody finds what encoding/json calls by this name in a struct: a field, or a struct that is embedded.
func inBody(in reflect.Type, name string) (found reflect.Type, embedded bool) {
	if in.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(in) {
			tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if tag == name || f.Anonymous && tag == "" && f.Name == name {
				return f.Type, tag == ""
			}
		}
	}
	return reflect.TypeFor[any](), false // of a kind that reads itself
}

// Moment is a time in a body. What is none is refused by its field, which time.Time's own error does not tell.
type Moment struct{ time.Time }

// UnmarshalJSON reads RFC 3339; null is the zero time.
func (m *Moment) UnmarshalJSON(b []byte) error {
	if m.Time.UnmarshalJSON(b) != nil {
		return &json.UnmarshalTypeError{Value: "value", Type: reflect.TypeFor[time.Time]()}
	}
	return nil
}
