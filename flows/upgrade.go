package flows

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNewerSpec means that the flow was written by a newer version of the program.
var ErrNewerSpec = errors.New("the flow was made by a newer version of Mostrador; update this one")

// upgrades[n] turns a flow of spec n into one of spec n+1, in place. Never edit one that was released: add the next.
var upgrades = map[int]func(map[string]any) error{}

// Upgrade brings a flow's JSON to the format of this program. What is in it already comes back untouched.
func Upgrade(b []byte) ([]byte, error) { return upgrade(b, Spec, upgrades) }

// specError is a format that can't be read.
type specError struct {
	code Code
	spec int
	err  error
}

func (e *specError) Error() string { return e.err.Error() }
func (e *specError) Unwrap() error { return e.err }

// upgrade brings a flow's JSON to the spec target, one step after the other. A flow that is there already is returned
// untouched.
func upgrade(b []byte, target int, steps map[int]func(map[string]any) error) ([]byte, error) {
	var head struct {
		Spec int `json:"spec"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	switch {
	case head.Spec == target:
		return b, nil
	case head.Spec > target:
		return nil, &specError{newerSpec, head.Spec, fmt.Errorf("spec %d: %w", head.Spec, ErrNewerSpec)}
	}
	var doc map[string]any
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	for n := head.Spec; n < target; n++ {
		step, ok := steps[n]
		if !ok {
			return nil, &specError{unknownSpec, n, fmt.Errorf("spec %d is not known; this program reads up to %d", n, target)}
		}
		if err := step(doc); err != nil {
			return nil, fmt.Errorf("upgrade from spec %d: %w", n, err)
		}
		doc["spec"] = n + 1
	}
	return json.Marshal(doc)
}
