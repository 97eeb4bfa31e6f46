package bench

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

// Figures are what one run measured; a figure that does not apply is left out.
type Figures struct {
	PerSecond float64 `json:"per_s,omitempty"`
	P50       float64 `json:"p50_ms,omitempty"`
	P99       float64 `json:"p99_ms,omitempty"`
	Max       float64 `json:"max_ms,omitempty"`
	Resident  float64 `json:"rss_mb,omitempty"`
	Count     int     `json:"count,omitempty"`
	Agents    int     `json:"agents,omitempty"`
}

// Result is a benchmark's last line: ours, the baseline's from the same run, and how ours stands to it.
type Result struct {
	Name string `json:"name"`
	Figures
	Baseline *Figures  `json:"baseline,omitempty"`
	Ratio    float64   `json:"ratio,omitempty"` // ours ÷ baseline, of the figure that the benchmark is named for
	Series   []Figures `json:"series,omitempty"`
}

// Line is the result as one line of JSON.
func (r Result) Line() string {
	line, err := json.Marshal(r)
	if err != nil {
		return `{"error":"` + err.Error() + `"}` // a number that is not one
	}
	return string(line)
}

// spread sums up durations: median, 99th percentile (nearest rank) and the longest, in milliseconds.
func spread(ds []time.Duration) Figures {
	if len(ds) == 0 {
		return Figures{}
	}
	slices.Sort(ds)
	rank := func(p float64) float64 {
		i := int(math.Ceil(p*float64(len(ds)))) - 1
		return milliseconds(ds[max(i, 0)])
	}
	return Figures{P50: rank(0.50), P99: rank(0.99), Max: milliseconds(ds[len(ds)-1]), Count: len(ds)}
}

// milliseconds keeps three digits after the point: more is noise.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/1e3) / 1e3
}

func perSecond(n int, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return math.Round(float64(n)/d.Seconds()*10) / 10
}

func round2(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return math.Round(x*100) / 100
}
