package flows

import (
	"slices"
	"strings"
)

// documents has the numbers that people prove who they are with. Each takes capitals and digits without punctuation,
// and returns the number as it is kept.
var documents = map[string]func(s string) (string, bool){
	"ar_dni":  arDNI,
	"ar_cuit": arCUIT,
	"br_cpf":  brCPF,
	"br_cnpj": brCNPJ,
	"cl_rut":  clRUT,
	"es_dni":  esDNI,
	"es_nie":  esNIE,
	"mx_rfc":  mxRFC,
	"uy_ci":   uyCI,
}

// readDocument takes the first of the wanted kinds that a text is.
func readDocument(_ *run, n *ask, in Input) (Value, bool) {
	s := bareDocument(clip(words(in), MaxName))
	for _, kind := range n.documents() {
		if check := documents[kind]; check != nil {
			if number, ok := check(s); ok {
				return Value{Type: TypeDocument, Text: number}, true
			}
		}
	}
	return Value{}, false
}

// documents are the kinds that are wanted: those named, or all. The ones without a check digit come last, as they would
// take a number of another kind with a slip in it.
func (n *ask) documents() []string {
	if len(n.Documents) > 0 {
		return n.Documents
	}
	return []string{"ar_cuit", "br_cpf", "br_cnpj", "cl_rut", "es_dni", "es_nie", "uy_ci", "mx_rfc", "ar_dni"}
}

// bareDocument leaves capitals and digits; anything but the usual punctuation makes it no document at all.
func bareDocument(s string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(foldDigits(s)) {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r == 'Ñ', r == '&':
			b.WriteRune(r)
		case strings.ContainsRune(" .-/\u2010\u2011\u2013", r):
		default:
			return ""
		}
	}
	return b.String()
}

func digits(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, "0123456789") == ""
}

// weigh sums characters times weights, '0' counting 0 and letters by their place after it in ASCII.
func weigh(s string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return sum
}

// arDNI has 7 or 8 digits and no check.
func arDNI(s string) (string, bool) { return s, digits(s, 7, 8) && s[0] != '0' }

// arCUIT (also CUIL): modulo 11. https://es.wikipedia.org/wiki/Clave_Única_de_Identificación_Tributaria
func arCUIT(s string) (string, bool) {
	if !digits(s, 11, 11) || !slices.Contains([]string{"20", "23", "24", "25", "26", "27", "30", "33", "34"}, s[:2]) {
		return "", false
	}
	check := (11 - weigh(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
	return s, check == int(s[10]-'0')
}

// brCPF: two digits modulo 11. https://pt.wikipedia.org/wiki/Cadastro_de_pessoas_físicas
func brCPF(s string) (string, bool) {
	if !digits(s, 11, 11) || strings.Count(s, s[:1]) == 11 {
		return "", false
	}
	first := weigh(s, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
	second := weigh(s, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
	return s, first == int(s[9]-'0') && second == int(s[10]-'0')
}

// brCNPJ: two digits modulo 11; since 2026 the first twelve places may be letters, worth their ASCII code less 48
// (Instrução Normativa RFB 2.229/2024).
func brCNPJ(s string) (string, bool) {
	if len(s) != 14 || !digits(s[12:], 2, 2) || strings.Count(s, s[:1]) == 14 || strings.ContainsAny(s, "Ñ&") {
		return "", false
	}
	digit := func(sum int) int {
		if rest := sum % 11; rest >= 2 {
			return 11 - rest
		}
		return 0
	}
	first := digit(weigh(s, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))
	second := digit(weigh(s, 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))
	return s, first == int(s[12]-'0') && second == int(s[13]-'0')
}

// clRUT: modulo 11 with K for ten, kept as 12345678-5. https://es.wikipedia.org/wiki/Rol_Único_Tributario
func clRUT(s string) (string, bool) {
	n := len(s) - 1
	if n < 6 || n > 8 || !digits(s[:n], n, n) || s[0] == '0' {
		return "", false
	}
	sum := 0
	for i := range n {
		sum += int(s[n-1-i]-'0') * (2 + i%6)
	}
	return s[:n] + "-" + s[n:], "0K987654321"[sum%11] == s[n]
}

// uyCI: modulo 10, with a zero before six digits. https://es.wikipedia.org/wiki/Cédula_de_Identidad_de_Uruguay
func uyCI(s string) (string, bool) {
	if !digits(s, 7, 8) {
		return "", false
	}
	full := strings.Repeat("0", 8-len(s)) + s
	check := (10 - weigh(full, 2, 9, 8, 7, 6, 3, 4)%10) % 10
	return s, check == int(full[7]-'0') && strings.Trim(s, "0") != ""
}

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// esDNI: eight digits and the letter of their rest by 23. https://es.wikipedia.org/wiki/Número_de_identificación_fiscal
func esDNI(s string) (string, bool) {
	if len(s) != 9 || !digits(s[:8], 8, 8) {
		return "", false
	}
	n := 0
	for _, r := range s[:8] {
		n = n*10 + int(r-'0')
	}
	return s, dniLetters[n%23] == s[8]
}

// esNIE is a DNI whose first digit is written X, Y or Z.
func esNIE(s string) (string, bool) {
	if s == "" {
		return "", false
	}
	first := strings.IndexByte("XYZ", s[0])
	if first < 0 {
		return "", false
	}
	_, ok := esDNI(string(rune('0'+first)) + s[1:])
	return s, ok
}

// mxRFC: the form only: letters of the name, a date as YYMMDD, three more. The tax office alone knows the rest.
func mxRFC(s string) (string, bool) {
	r := []rune(s)
	if len(r) != 12 && len(r) != 13 {
		return "", false
	}
	letters, birth, rest := r[:len(r)-9], string(r[len(r)-9:len(r)-3]), string(r[len(r)-3:])
	for _, l := range letters {
		if l >= '0' && l <= '9' {
			return "", false
		}
	}
	if !digits(birth, 6, 6) || strings.ContainsAny(rest, "Ñ&") || rest[2] != 'A' && (rest[2] < '0' || rest[2] > '9') {
		return "", false
	}
	month, day := birth[2:4], birth[4:6]
	return s, month >= "01" && month <= "12" && day >= "01" && day <= "31"
}
