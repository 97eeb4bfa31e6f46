package flows

import "encoding/json"

// Blank is the JSON of a small flow to begin with: it greets, and passes the customer to a person. An unknown language
// is Spanish.
func Blank(lang Lang) []byte {
	say, ok := blanks[lang]
	if !ok {
		lang, say = Spanish, blanks[Spanish]
	}
	node := func(kind, name string, more map[string]string) map[string]string {
		n := map[string]string{"type": kind, "name": name}
		for field, value := range more {
			n[field] = value
		}
		return n
	}
	b, _ := json.Marshal(map[string]any{"spec": Spec, "name": say[0], "lang": lang, "start": "start", "nodes": map[string]any{ // plain data
		"start":  node("start", say[1], map[string]string{"next": "hello"}),
		"hello":  node("message", say[2], map[string]string{"say": say[3], "next": "person"}),
		"person": node("end", say[4], map[string]string{"say": say[5], "then": thenPeople}),
	}})
	return b
}

// blanks has the names and sentences of Blank.
var blanks = map[Lang][6]string{
	Spanish: {"Flujo nuevo", "Inicio", "Saludo", "{{now.greeting}}. Gracias por escribirnos.", "A una persona", "Te paso con una persona del equipo."},
	Portuguese: {"Fluxo novo", "Início", "Saudação", "{{now.greeting}}. Obrigado por escrever.", "Para uma pessoa",
		"Vou passar você para uma pessoa da equipe."},
	English: {"New flow", "Start", "Greeting", "{{now.greeting}}. Thank you for writing.", "To a person", "I am passing you to a person of our team."},
}
