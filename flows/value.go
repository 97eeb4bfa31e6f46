package flows

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Value is the value of a variable. Its text is canonical: a number as 1234.5, a date as 2006-01-02, a time as
// RFC 3339, a truth as "true" or "false", a file as its reference. In JSON a plain text is a string.
type Value struct {
	Type Type   `json:"type"`
	Text string `json:"text"`
}

// Type is the type of a variable.
type Type string

// The types. Empty is TypeText.
const (
	TypeText     Type = "text"
	TypeNumber   Type = "number"
	TypeDate     Type = "date"
	TypeTime     Type = "time"
	TypeBool     Type = "bool"
	TypeEmail    Type = "email"
	TypePhone    Type = "phone"
	TypeDocument Type = "document"
	TypeFile     Type = "file"
	TypePlace    Type = "location"
	TypeJSON     Type = "json"
)

// MarshalJSON writes a text as a string, anything else with its type.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.Type == "" || v.Type == TypeText {
		return json.Marshal(v.Text)
	}
	type plain Value
	return json.Marshal(plain(v))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Value) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte(`"`)) {
		v.Type = TypeText
		return json.Unmarshal(b, &v.Text)
	}
	type plain Value
	return json.Unmarshal(b, (*plain)(v))
}

// clip shortens s to n characters, the last of them an ellipsis, and drops what is not UTF-8 so that s survives JSON.
func clip(s string, n int) string {
	if !utf8.ValidString(s) {
		s = string(bytes.ToValidUTF8([]byte(s), nil))
	}
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	i := 0
	for pos := range s {
		if i == n-1 {
			return s[:pos] + "…"
		}
		i++
	}
	return s
}

// known reports whether t is a type, or none.
func (t Type) known() bool {
	switch t {
	case "", TypeText, TypeNumber, TypeDate, TypeTime, TypeBool, TypeEmail, TypePhone, TypeDocument, TypeFile, TypePlace, TypeJSON:
		return true
	}
	return false
}
