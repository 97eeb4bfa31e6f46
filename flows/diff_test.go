package flows_test

import (
	"encoding/json"
	"testing"

	"mostrador/flows"
)

func parse(t *testing.T, text string) flows.Flow {
	t.Helper()
	f, err := flows.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestDiff(t *testing.T) {
	a := parse(t, `{"spec":1,"name":"A","lang":"es","start":"a","ui":{"x":1},"nodes":{
		"a":{"type":"message","say":"Hola","next":"b"},"b":{"type":"end"},"c":{"type":"end","name":"Fin"},"d":{"type":"note","text":"x"}}}`)
	b := parse(t, `{"spec":1,"name":"A","lang":"en","start":"a","ui":{"x":2},"nodes":{
		"a":{"type":"message","say":"Hello","next":"d","variants":["Hi"]},"b":{"type":"end"},"d":{"type":"delay","name":"Wait","seconds":5},"e":{"type":"end","name":"End"}}}`)
	got, err := json.Marshal(flows.Diff(a, b))
	want := `[{"what":"changed","fields":["lang"]},` +
		`{"node":"a","what":"changed","fields":["next","say","variants"]},` +
		`{"node":"c","what":"removed","name":"Fin"},` +
		`{"node":"d","what":"changed","name":"Wait","fields":["type","name","seconds","text"]},` +
		`{"node":"e","what":"added","name":"End"}]`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if same := flows.Diff(a, a); len(same) > 0 {
		t.Errorf("of a flow with itself: got %+v, want nothing", same)
	}
}
