package flows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// File is a flow with what belongs to it, as one JSON file. What the flow sends is listed in it by reference: the pictures
// and documents themselves stay on the desk that has them.
type File struct {
	Flow     Flow
	JSON     []byte // of the flow, in the format of this program, without spaces
	Triggers []Trigger
	Tests    []FileTest
}

// FileTest is a test of a flow: a transcript without the flow.
type FileTest struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// What a file may hold.
const (
	FileSpec     = 1 // the version of its own format; the flow in it has another
	MaxFileBytes = 6 << 20
	MaxTests     = 100
	MaxTest      = 64 << 10 // bytes of one
	MaxTestName  = 200      // characters
)

// fileForm is a file's JSON.
type fileForm struct {
	Spec     int             `json:"spec"`
	Flow     json.RawMessage `json:"flow"`
	Triggers json.RawMessage `json:"triggers,omitempty"`
	Tests    []FileTest      `json:"tests,omitempty"`
	Media    []string        `json:"media,omitempty"` // Flow.Media; for who reads the file
}

// fileUpgrades are to files what upgrades is to flows.
var fileUpgrades = map[int]func(map[string]any) error{}

// ParseFile reads a file, or a flow alone. Like Parse it fails with an [Unreadable].
func ParseFile(b []byte) (File, error) {
	if len(b) > MaxFileBytes {
		return File{}, unreadable(tooBig, "", "", strconv.Itoa(MaxFileBytes), fmt.Errorf("file has %d bytes, at most %d are allowed", len(b), MaxFileBytes))
	}
	var head struct {
		Flow json.RawMessage `json:"flow"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return File{}, misread(b, "", fmt.Errorf("file: %w", err))
	}
	if head.Flow == nil {
		return fileOf(fileForm{Flow: b})
	}
	now, err := upgrade(b, FileSpec, fileUpgrades)
	if err != nil {
		return File{}, misread(b, "", fmt.Errorf("file: %w", err))
	}
	var in fileForm
	if err := strict(now, &in); err != nil {
		return File{}, misread(now, "", fmt.Errorf("file: %w", err))
	}
	return fileOf(in)
}

func fileOf(in fileForm) (File, error) {
	var bare bytes.Buffer
	if err := json.Compact(&bare, in.Flow); err != nil {
		return File{}, misread(in.Flow, "", fmt.Errorf("flow: %w", err))
	}
	f := File{Triggers: []Trigger{}, Tests: in.Tests}
	var err error
	if f.Flow, err = Parse(bare.Bytes()); err != nil {
		return File{}, err
	}
	if f.JSON, err = Upgrade(bare.Bytes()); err != nil {
		return File{}, misread(in.Flow, "", err)
	}
	if len(in.Triggers) > 0 {
		if f.Triggers, err = ParseTriggers(in.Triggers); err != nil {
			return File{}, err
		}
	}
	if len(in.Tests) > MaxTests {
		return File{}, unreadable(tooMany, "", "tests", strconv.Itoa(MaxTests), fmt.Errorf("file has %d tests, at most %d are allowed", len(in.Tests), MaxTests))
	}
	for i, test := range in.Tests {
		if err := test.check(fmt.Sprintf("tests.%d", i)); err != nil {
			return File{}, err
		}
	}
	return f, nil
}

// check refuses a test that could not be kept.
func (t FileTest) check(field string) error {
	switch {
	case len(t.Text) > MaxTest:
		return unreadable(tooBig, "", field+".text", strconv.Itoa(MaxTest), fmt.Errorf("%s: more than %d bytes", field, MaxTest))
	case t.Name == "" || t.Text == "":
		return unreadable(noText, "", field, "", fmt.Errorf("%s: has no name or no text", field))
	case clip(t.Name, MaxTestName) != t.Name:
		return unreadable(outOfRange, "", field+".name", fmt.Sprintf("1–%d", MaxTestName), fmt.Errorf("%s: its name is too long", field))
	}
	return nil
}

// Encode writes the file as ParseFile reads it, for people to read, too.
func (f File) Encode() ([]byte, error) {
	triggers := make([]Trigger, len(f.Triggers))
	for i, t := range f.Triggers {
		t.Flow = "" // it is the flow beside them
		triggers[i] = t
	}
	raw, err := json.Marshal(triggers)
	if err != nil {
		return nil, fmt.Errorf("write triggers: %w", err)
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(fileForm{Spec: FileSpec, Flow: f.JSON, Triggers: raw, Tests: f.Tests, Media: f.Flow.Media()}); err != nil {
		return nil, fmt.Errorf("write the file: %w", err)
	}
	return b.Bytes(), nil
}
