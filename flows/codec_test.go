package flows_test

import (
	"reflect"
	"testing"

	"mostrador/flows"
)

func TestDecodeInput(t *testing.T) {
	sure := 0.5
	for text, want := range map[string]flows.Input{
		`{"input":"start"}`:                                                       flows.Start{},
		`{"input":"text","body":"hola"}`:                                          flows.Text{Body: "hola"},
		`{"input":"media","kind":"image","ref":"f1","caption":"x"}`:               flows.Media{Kind: "image", Ref: "f1", Caption: "x"},
		`{"input":"vote","options":["a"]}`:                                        flows.Vote{Options: []string{"a"}},
		`{"input":"timeout"}`:                                                     flows.Timeout{},
		`{"input":"result","call":"1","status":200,"body":"{}","confidence":0.5}`: flows.Result{Call: "1", Status: 200, Body: "{}", Confidence: &sure},
	} {
		got, err := flows.DecodeInput([]byte(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v, want %#v", text, got, err, want)
		}
	}
	for _, text := range []string{``, `{}`, `{"input":"bomb"}`, `{"input":"text","body":1}`} {
		if got, err := flows.DecodeInput([]byte(text)); err == nil {
			t.Errorf("%s: got %#v, want an error", text, got)
		}
	}
}

func TestEncodeAction(t *testing.T) {
	for want, a := range map[string]flows.Action{
		`{"do":"send","text":"hola"}`:                          flows.Send{Text: "hola"},
		`{"do":"handover","area":"sales","reason":"flow"}`:     flows.Handover{Area: "sales", Reason: flows.ReasonFlow},
		`{"do":"close","reason":"silence"}`:                    flows.Close{Reason: flows.ReasonSilence},
		`{"do":"tag"}`:                                         flows.Tag{},
		`{"do":"set_contact","field":"email","value":"a@b.c"}`: flows.SetContact{Field: "email", Value: "a@b.c"},
	} {
		if got, err := flows.EncodeAction(a); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}
