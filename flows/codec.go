package flows

import (
	"encoding/json"
	"fmt"
)

// inputs names the inputs in JSON: {"input":"text","body":"hola"}.
var inputs = map[string]func(b []byte) (Input, error){
	"start": decode[Start], "text": decode[Text], "media": decode[Media], "location": decode[Location], "card": decode[Card],
	"vote": decode[Vote], "other": decode[Other], "timeout": decode[Timeout], "result": decode[Result],
}

func decode[T Input](b []byte) (Input, error) {
	var in T
	err := json.Unmarshal(b, &in)
	return in, err
}

// DecodeInput reads an input from JSON: its fields, and its type in "input".
func DecodeInput(b []byte) (Input, error) {
	var head struct {
		Input string `json:"input"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	read, ok := inputs[head.Input]
	if !ok {
		return nil, fmt.Errorf("input: unknown type %q", clip(head.Input, MaxName))
	}
	in, err := read(b)
	if err != nil {
		return nil, fmt.Errorf("input %s: %w", head.Input, err)
	}
	return in, nil
}

// EncodeAction writes an action as JSON: its fields, and its type in "do".
func EncodeAction(a Action) ([]byte, error) {
	b, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("action: %w", err)
	}
	head := fmt.Sprintf(`{"do":%q`, name(a))
	if string(b) == "{}" {
		return []byte(head + "}"), nil
	}
	return append([]byte(head+","), b[1:]...), nil
}

// name is an action's type in JSON.
func name(a Action) string {
	switch a.(type) {
	case Send:
		return "send"
	case Handover:
		return "handover"
	case Close:
		return "close"
	case Call:
		return "call"
	case SetContact:
		return "set_contact"
	case Tag:
		return "tag"
	case Note:
		return "note"
	case Rate:
		return "rate"
	}
	return "trace"
}
