package flows

import (
	"maps"
	"time"
)

// Env is what is known about the world at one step. All of it is data; the zero Env works.
type Env struct {
	Now      time.Time
	Zone     *time.Location      // of the line: dates and times are said in it; nil is UTC
	Hours    map[string]Calendar // by area key; "" is the desk's own. An area without one has the desk's; no calendar at all is always open
	Areas    map[string]string   // names by key, of the areas that exist; nil: not known, then any area is believed
	Contact  Contact
	Line     Line
	Area     string        // key of the conversation's area; empty: none yet
	Patience time.Duration // silence where the flow sets none; 0 is Patience
	Random   uint64        // fresh for every step
	Flows    map[Ref]Flow  // every flow that may be stood in or jumped to; shared, never written
}

// Contact is the customer.
type Contact struct {
	Name     string            `json:"name,omitempty"`
	Phone    string            `json:"phone,omitempty"` // E.164 digits; empty for who hides it
	Email    string            `json:"email,omitempty"`
	Document string            `json:"document,omitempty"`
	Language string            `json:"language,omitempty"`
	Area     string            `json:"area,omitempty"`   // preferred area's key
	Fields   map[string]string `json:"fields,omitempty"` // custom fields by key
	Tags     []string          `json:"tags,omitempty"`
}

// Line is the company's number that the customer wrote to.
type Line struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// Field returns the field named key: name, phone, email, document, language, area, or a custom field.
func (c Contact) Field(key string) string {
	switch key {
	case "name":
		return c.Name
	case "phone":
		return c.Phone
	case "email":
		return c.Email
	case "document":
		return c.Document
	case "language":
		return c.Language
	case "area":
		return c.Area
	}
	return c.Fields[key]
}

// here is now on the clock of the line.
func (e Env) here() time.Time {
	if e.Zone == nil {
		return e.Now.UTC()
	}
	return e.Now.In(e.Zone)
}

// calendar is the one that holds for area.
func (e Env) calendar(area string) Calendar {
	if c, ok := e.Hours[area]; ok {
		return c
	}
	return e.Hours[""]
}

// With returns the contact with one field written.
func (c Contact) With(key, value string) Contact {
	switch key {
	case "name":
		c.Name = value
	case "phone":
		c.Phone = value
	case "email":
		c.Email = value
	case "document":
		c.Document = value
	case "language":
		c.Language = value
	case "area":
		c.Area = value
	default:
		fields := maps.Clone(c.Fields)
		if fields == nil {
			fields = map[string]string{}
		}
		fields[key] = value
		c.Fields = fields
	}
	return c
}
