package flows

import "testing"

// Numbers that are public: of state bodies and banks, or the examples in each authority's own documents.
func TestDocumentNumbers(t *testing.T) {
	for kind, cases := range map[string]map[string]string{
		"ar_dni":  {"12.345.678": "12345678", "5536168": "5536168", "123456": "", "0123456": "", "1234567a": ""},
		"ar_cuit": {"33-69345023-9": "33693450239", "30-50001091-2": "30500010912", "30-50001091-3": "", "99-50001091-2": "", "3050001091": ""},
		"br_cpf":  {"529.982.247-25": "52998224725", "\u2066529.982.247-25\u2069": "52998224725", "111.444.777-35": "11144477735", "529.982.247-26": "", "123456702-40": "12345670240", "123456713-00": "12345671300", "111.111.111-11": "", "5299822472": ""},
		"br_cnpj": {"11.222.333/0001-81": "11222333000181", "00.000.000/0001-91": "00000000000191", "12.ABC.345/01DE-35": "12ABC34501DE35", "11.222.333/0001-82": "", "00000000000000": "", "12.ÑBC.345/01DE-35": ""},
		"cl_rut":  {"12.345.678-5": "12345678-5", "76.086.428-5": "76086428-5", "60803000k": "60803000-K", "12.345.678-6": "", "5": "", "": ""},
		"uy_ci":   {"1.234.567-2": "12345672", "1.234.567-3": "", "123": "", "0000000": ""},
		"es_dni":  {"12345678z": "12345678Z", "12345678A": "", "1234567Z": ""},
		"es_nie":  {"X1234567L": "X1234567L", "x-1234567-l": "X1234567L", "Y1234567L": "", "A1234567L": "", "": ""},
		"mx_rfc":  {"GODE561231GR8": "GODE561231GR8", "SAT970701NN3": "SAT970701NN3", "GODE561331GR8": "", "GODE560131GR8": "GODE560131GR8", "GODE560100GR8": "", "GODE560132GR8": "", "GODE560031GR8": "", "GODE561231GRX": "", "G0DE561231GR8": "", "GODE56": ""},
	} {
		for text, want := range cases {
			got, ok := documents[kind](bareDocument(text))
			if ok != (want != "") || ok && got != want {
				t.Errorf("%s %q: got %q, %v, want %q", kind, text, got, ok, want)
			}
		}
	}
}

func TestDocumentOfAnyKind(t *testing.T) {
	for text, want := range map[string]string{"12.345.678-5": "12345678-5", "12345678": "12345678", "hola": "", "١٢٣٤٥٦٧٢": "12345672"} {
		got, ok := readDocument(nil, &ask{}, Text{Body: text})
		if ok != (want != "") || got.Text != want {
			t.Errorf("%q: got %q, %v, want %q", text, got.Text, ok, want)
		}
	}
}
