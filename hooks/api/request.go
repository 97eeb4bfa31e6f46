package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
)

// IdempotencyKey is the header by which the other side can tell that a request comes again (draft-ietf-httpapi-idempotency-key-header).
// It always goes along, with the row's id.
const IdempotencyKey = "Idempotency-Key"

// Created answers 201 with what was made.
func (r *Request) Created(v any) error { return r.JSON(http.StatusCreated, v) }

// ListOf answers a whole list.
func ListOf[T any](r *Request, items []T, err error) error {
	if err != nil {
		return err
	}
	return r.OK(Page[T]{Items: items})
}

// Okay answers a value.
func Okay[T any](r *Request, v T, err error) error {
	if err != nil {
		return err
	}
	return r.OK(v)
}

// Number reads a parameter of the address that is one; 0 when it is left out.
func (r *Request) Number(name string) (int, error) {
	text := r.Query(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, BadValue(name)
	}
	return n, nil
}

// Flag reads a parameter of the address that is true or false; false when it is left out.
func (r *Request) Flag(name string) (bool, error) {
	text := r.Query(name)
	if text == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		return false, BadValue(name)
	}
	return on, nil
}

// Number takes 12, "12", "" and null: a page that has seen nothing yet has no cursor.
type Number int64

// UnmarshalJSON reads what a page may send for a cursor.
func (n *Number) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	if text == "" || text == "null" {
		*n = 0
		return nil
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil { // refused by its field, as a Moment
		return &json.UnmarshalTypeError{Value: "value", Type: reflect.TypeFor[int64]()}
	}
	*n = Number(v)
	return nil
}
