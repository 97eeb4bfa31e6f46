package flows_test

import (
	"reflect"
	"testing"
)

func TestNamesThatAFlowUses(t *testing.T) {
	f := parse(t, `{"spec":1,"start":"a","global":{"agent":{"area":"help"}},"nodes":{
		"a":{"type":"redirect","area":"sales"},"b":{"type":"redirect","area":"{{x}}","user":"ana"},"c":{"type":"hours","area":"sales"},"d":{"type":"hours"},
		"e":{"type":"jump","flow":"other"},"f":{"type":"jump","flow":"other","return":true},
		"g":{"type":"message","media":{"kind":"image","ref":"map"}},"h":{"type":"message","say":"x"},
		"i":{"type":"http","headers":[{"name":"A","secret":"key"},{"name":"B","value":"x"}]}}}`)
	for name, c := range map[string]struct{ got, want []string }{
		"areas":   {f.Areas(), []string{"help", "sales"}},
		"jumps":   {f.Jumps(), []string{"other"}},
		"users":   {f.Users(), []string{"ana"}},
		"media":   {f.Media(), []string{"map"}},
		"secrets": {f.Secrets(), []string{"key"}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %q, want %q", name, c.got, c.want)
		}
	}
}
