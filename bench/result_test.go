package bench

import (
	"bufio"
	"strings"
	"testing"
	"time"
)

func TestSpread(t *testing.T) {
	var ds []time.Duration
	for i := 200; i > 0; i-- {
		ds = append(ds, time.Duration(i)*time.Millisecond)
	}
	got := spread(ds)
	want := Figures{P50: 100, P99: 198, Max: 200, Count: 200}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := spread(nil); got != (Figures{}) {
		t.Errorf("of nothing: got %+v, want nothing", got)
	}
}

func TestResultIsOneLineWithoutEmptyFigures(t *testing.T) {
	got := Result{Name: "inbound", Figures: Figures{PerSecond: 10}, Baseline: &Figures{PerSecond: 20}, Ratio: 0.5}.Line()
	want := `{"name":"inbound","per_s":10,"baseline":{"per_s":20},"ratio":0.5}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestReadEvent(t *testing.T) {
	stream := bufio.NewReader(strings.NewReader(":hello\n\nid:1\nevent:PB_CONNECT\ndata:{\"clientId\":\"x\"}\n\nevent: ping\r\ndata: a\r\ndata: b\r\n\r\ndata:cut"))
	for _, want := range [][2]string{{"PB_CONNECT", `{"clientId":"x"}`}, {"ping", "a\nb"}} {
		name, data, err := readEvent(stream)
		if err != nil || name != want[0] || string(data) != want[1] {
			t.Errorf("got %q %q %v, want %q %q", name, data, err, want[0], want[1])
		}
	}
	if _, _, err := readEvent(stream); err == nil {
		t.Error("an event cut short: got no error")
	}
}
