package flows_test

import (
	"testing"

	"mostrador/flows"
)

// TestBlank: a new flow can be published as it is, and leaves nobody alone.
func TestBlank(t *testing.T) {
	for lang, want := range map[flows.Lang]string{
		flows.Spanish:    "> hola\n< Buenos días. Gracias por escribirnos.\n< Te paso con una persona del equipo.\n* hand over to \"\"\n",
		flows.Portuguese: "> hola\n< Bom dia. Obrigado por escrever.\n< Vou passar você para uma pessoa da equipe.\n* hand over to \"\"\n",
		flows.English:    "> hola\n< Good morning. Thank you for writing.\n< I am passing you to a person of our team.\n* hand over to \"\"\n",
		"tlh":            "> hola\n< Buenos días. Gracias por escribirnos.\n< Te paso con una persona del equipo.\n* hand over to \"\"\n",
	} {
		f := parse(t, string(flows.Blank(lang)))
		if found := flows.Check(f, flows.Known{Areas: map[string]string{}}); len(found) > 0 || f.Name == "" {
			t.Errorf("%s: got %+v in %q, want nothing and a name", lang, found, f.Name)
		}
		if got, err := flows.Play(f, flows.Env{}, "> hola"); err != nil || got != want {
			t.Errorf("%s: got %v\n%s\nwant\n%s", lang, err, got, want)
		}
	}
}
