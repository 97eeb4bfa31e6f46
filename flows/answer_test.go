package flows

import "testing"

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"es", "1.234,56", "1234.56"}, {"es", "$ 1.234", "1234"}, {"es", "1.5", "1.5"}, {"es", "0,50", "0.5"}, {"es", "-7", "-7"}, {"es", "12 kg", "12"},
		{"es", "1.234.567", "1234567"}, {"es", "007", "7"}, {"es", "٤٢", "42"}, {"es", "1️⃣", "1"}, {"es", "uno", ""}, {"es", "1e9", ""}, {"es", "1-2", ""}, {"es", "", ""},
		{"en", "1,234.56", "1234.56"}, {"en", "1,234", "1234"}, {"en", "1.234", "1.234"}, {"en", "1,5", "1.5"}, {"pt-BR", "R$ 1.234,00", "1234"}, {"es", "-0", "0"},
		{"es", "0.500", "0.5"}, {"pt-BR", "-0.250 kg", "-0.25"}, {"en", "0,500", "0.5"}, {"es", "-1.500", "-1500"}, {"es", "123.456", "123456"},
		{"en", ".50", "0.5"}, {"es", ",5", "0.5"}, {"en", "-.5", "-0.5"}, {"es", "S/.500", "500"}, {"es", "$.500", "500"}, {"es", ".", ""}, {"es", ".,", ""}, {"es", ",-", ""}, {"es", "0.000", "0"},
	} {
		got, ok := localeOf(Lang(c.lang)).readNumber(c.text)
		if ok != (c.want != "") || got != c.want {
			t.Errorf("%s %q: got %q, %v, want %q", c.lang, c.text, got, ok, c.want)
		}
	}
}

func TestEmailsAndPhones(t *testing.T) {
	for text, want := range map[string]string{
		"ana@example.com": "ana@example.com", "mi correo es <Ana.R@Example.COM>.": "Ana.R@example.com", "ana@example": "", "ana": "", "a@b@c.d": "", "@x.y": "",
	} {
		if got, ok := readEmail(nil, nil, Text{Body: text}); ok != (want != "") || got.Text != want {
			t.Errorf("%q: got %q, %v, want %q", text, got.Text, ok, want)
		}
	}
	for text, want := range map[string]string{
		"+54 9 11 5555-0000": "+5491155550000", "(11) 5555.0000": "1155550000", "0054 11 5555 0000": "+541155550000", "123": "", "llámame": "", "\u202a+54 9 11 5555\u20110000\u202c": "+5491155550000", "11 5555 – 0000": "1155550000", "1234567890123456": "",
	} {
		if got, ok := readPhone(nil, nil, Text{Body: text}); ok != (want != "") || ok && got.Text != want {
			t.Errorf("%q: got %q, %v, want %q", text, got.Text, ok, want)
		}
	}
	if got, ok := readPhone(nil, nil, Card{Name: "Ana", Phone: "+5491155550000"}); !ok || got.Text != "+5491155550000" {
		t.Errorf("card: got %q, %v", got.Text, ok)
	}
}

func TestNumbersOfOptions(t *testing.T) {
	var list []option
	for _, label := range []string{"Ventas", "Soporte", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O"} {
		list = append(list, option{ID: label, Label: label})
	}
	o := newOptions(list)
	for text, want := range map[string]int{
		"2": 2, "2.": 2, "opción 2": 2, "Opción: 2": 2, "nro. 2": 2, "No. 2": 2, "n.º 2": 2, "la segunda opción": 2, "second option": 2, "the second one": 2,
		"2, por favor": 2, "la 2 por favor": 2, "2 please": 2, "o dois, obrigado": 2, "opción 15 gracias": 15,
		"1.5": 0, "1 o 2": 0, "por favor": 0, "gracias": 0, "opción": 0, "2 2": 0, "no": 0,
	} {
		i, ok := o.exact(text)
		if ok != (want != 0) || ok && i+1 != want {
			t.Errorf("%q: got option %d, %v, want %d", text, i+1, ok, want)
		}
	}
}
