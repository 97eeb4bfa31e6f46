package flows

import "testing"

func TestLabels(t *testing.T) {
	f, err := Parse([]byte(`{"spec":1,"start":"m","nodes":{
		"m":{"type":"menu","name":"Main menu","say":"?","options":[{"id":"o1","label":"Sales","next":"e"},{"id":"o2","label":"","next":"e"}]},
		"e":{"type":"end"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ node, port, wantNode, wantPort string }{
		{"m", "o1", "Main menu", "Sales"},
		{"m", "o2", "Main menu", "o2"},
		{"m", "else", "Main menu", "else"},
		{"e", "", "e", ""},
		{"gone", "x", "gone", "x"},
	} {
		if node, port := f.Label(Visit{Node: tt.node, Port: tt.port}); node != tt.wantNode || port != tt.wantPort {
			t.Errorf("%s/%s: got %q, %q, want %q, %q", tt.node, tt.port, node, port, tt.wantNode, tt.wantPort)
		}
	}
}
