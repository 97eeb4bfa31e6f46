package flows

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Unreadable says where JSON can't be read as a flow: the problem for who made it, the error for the log. Parse and
// ParseFile fail with nothing else.
type Unreadable struct {
	Problem Problem
	Err     error
}

func (u *Unreadable) Error() string { return u.Err.Error() }

// Unwrap is the error for the log.
func (u *Unreadable) Unwrap() error { return u.Err }

func unreadable(code Code, node, field, arg string, err error) *Unreadable {
	return &Unreadable{Err: err, Problem: Problem{Level: Error, Code: code, Node: clip(node, MaxName), Field: clip(field, MaxName), Arg: clip(arg, 80)}}
}

// misread finds what is wrong in text, which is a whole flow, a file, or with node the JSON of one.
func misread(text []byte, node string, err error) *Unreadable {
	var badType *json.UnmarshalTypeError
	var badSyntax *json.SyntaxError
	var badSpec *specError
	switch {
	case errors.As(err, &badSpec):
		return unreadable(badSpec.code, "", "spec", fmt.Sprint(badSpec.spec), err)
	case errors.As(err, &badType):
		return unreadable(wrongType, node, badType.Field, cmp.Or(badType.Field, node, "JSON"), err)
	case errors.As(err, &badSyntax):
		return unreadable(badJSON, node, "", position(text, int(badSyntax.Offset)), err)
	}
	// encoding/json has no type for a field that it does not know: https://go.dev/issue/30715
	if _, name, ok := strings.Cut(err.Error(), `json: unknown field "`); ok {
		name = strings.TrimSuffix(name, `"`)
		return unreadable(unknownField, node, name, name, err)
	}
	return unreadable(badJSON, node, "", position(text, len(text)), err)
}

// position is line:column of a byte, both from 1.
func position(text []byte, offset int) string {
	before := text[:max(min(offset, len(text)), 0)]
	column := len(before) - bytes.LastIndexByte(before, '\n') - 1
	return fmt.Sprintf("%d:%d", bytes.Count(before, []byte("\n"))+1, max(column, 1))
}
