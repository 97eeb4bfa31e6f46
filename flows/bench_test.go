package flows

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkStep is one answer to a menu, through a condition and a text with variables, to the next menu, in flows of
// different sizes: the time must not depend on the size.
func BenchmarkStep(b *testing.B) {
	for _, size := range []int{10, 200, 2_000} {
		b.Run(fmt.Sprintf("nodes=%d", size), func(b *testing.B) {
			f := bigFlow(b, size)
			env := Env{Now: time.Unix(1e9, 0), Contact: Contact{Name: "Ana Clara"}}
			s, _ := Step(f, Session{}, Text{Body: "hola"}, env)
			b.ReportAllocs()
			for b.Loop() {
				next, actions := Step(f, s, Text{Body: "2"}, env)
				if len(actions) < 3 || next.Done {
					b.Fatalf("got %+v, %+v", next, actions)
				}
			}
		})
	}
}

func bigFlow(b *testing.B, size int) Flow {
	var nodes []string
	for i := 0; i < size; i += 3 {
		next := (i + 3) % (size / 3 * 3)
		nodes = append(nodes,
			fmt.Sprintf(`"n%d":{"type":"menu","say":"Hola {{contact.name:first|tú}}","options":[{"id":"a","label":"Ventas","next":"n%d"},{"id":"b","label":"Soporte técnico","words":["no anda"],"next":"n%d"},{"id":"c","label":"Otra cosa","next":"n%d"}]}`, i, i+1, i+1, i+1),
			fmt.Sprintf(`"n%d":{"type":"condition","cases":[{"id":"a","rules":[{"var":"message","op":"equals","value":"2"}],"next":"n%d"}],"else":"n%d"}`, i+1, i+2, i+2),
			fmt.Sprintf(`"n%d":{"type":"message","say":"Dijiste {{message}}.","next":"n%d"}`, i+2, next))
	}
	f, err := Parse([]byte(`{"spec":1,"lang":"es","start":"n0","nodes":{` + strings.Join(nodes, ",") + `}}`))
	if err != nil {
		b.Fatal(err)
	}
	return f
}

func BenchmarkParse(b *testing.B) {
	f := bigFlow(b, 200)
	text, err := f.MarshalJSON()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	f := bigFlow(b, 2_000)
	for b.Loop() {
		Check(f, Known{})
	}
}

// BenchmarkFold is the longest answer that is looked at, in letters that need work.
func BenchmarkFold(b *testing.B) {
	text := strings.Repeat("¡Ñandú ٣ 🙂! ", MaxValue/12)
	for b.Loop() {
		fold(text)
	}
}

// BenchmarkStepLongAnswer is an answer of 70,000 characters that fits no option.
func BenchmarkStepLongAnswer(b *testing.B) {
	f := bigFlow(b, 10)
	env := Env{Now: time.Unix(1e9, 0)}
	s, _ := Step(f, Session{}, Text{Body: "hola"}, env)
	text := Text{Body: strings.Repeat("¡Ñandú ٣ 🙂! ", 70_000/12)}
	for b.Loop() {
		Step(f, s, text, env)
	}
}
