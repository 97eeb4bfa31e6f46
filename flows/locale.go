package flows

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Lang is the language a flow speaks where it says something of its own accord.
type Lang string

// The languages.
const (
	Spanish    Lang = "es"
	Portuguese Lang = "pt-BR"
	English    Lang = "en"
)

// locale is what a language needs for reading and saying numbers, dates and short sentences.
type locale struct {
	point, group string // between units and tenths; between thousands
	dates        string // layout of a date
	days         [7]string
	months       [12]string
	greetings    [3]string // until noon, until seven in the evening, after
	yes, no      string
	says         map[phrase]string
}

// locale is that of the flow, or Spanish.
func (r *run) locale() *locale { return localeOf(r.flow.Lang) }

func localeOf(lang Lang) *locale {
	if l, ok := locales[lang]; ok {
		return l
	}
	return locales[Spanish]
}

func (l *locale) greeting(hour int) string {
	switch {
	case hour >= 5 && hour < 12:
		return l.greetings[0]
	case hour >= 12 && hour < 19:
		return l.greetings[1]
	}
	return l.greetings[2]
}

// decimal says a canonical number as it is, with the language's point.
func (l *locale) decimal(s string) string { return strings.Replace(s, ".", l.point, 1) }

// number says a canonical number with thousands apart.
func (l *locale) number(s string) string {
	if _, ok := parseNumber(s); !ok {
		return s
	}
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, tenths, _ := strings.Cut(s, ".")
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(l.group)
		}
		b.WriteRune(d)
	}
	if tenths != "" {
		b.WriteString(l.point + tenths)
	}
	return sign + b.String()
}

// money is number with two digits behind the point.
func (l *locale) money(s string) string {
	n, ok := parseNumber(s)
	if !ok {
		return s
	}
	return l.number(n.FloatString(2))
}

func (l *locale) date(t time.Time) string   { return t.Format(l.dates) }
func (l *locale) time(t time.Time) string   { return t.Format("15:04") }
func (l *locale) moment(t time.Time) string { return l.date(t) + " " + l.time(t) }

// day names the weekday with the date: "lunes 3/3", "Monday 3 March".
func (l *locale) day(t time.Time) string {
	if l == locales[English] {
		return t.Format("Monday 2 January")
	}
	return fmt.Sprintf("%s %d/%d", l.days[t.Weekday()], t.Day(), t.Month())
}

func (l *locale) truth(yes bool) string {
	if yes {
		return l.yes
	}
	return l.no
}

// parseNumber reads a canonical number. Exponents and fractions are not numbers to a customer.
func parseNumber(s string) (*big.Rat, bool) {
	if s == "" || len(s) > 40 || strings.Trim(s, "0123456789.-") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

var locales = map[Lang]*locale{
	Spanish: {
		point: ",", group: ".", dates: "02/01/2006", yes: "sí", no: "no",
		days:      [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		months:    [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		greetings: [3]string{"Buenos días", "Buenas tardes", "Buenas noches"},
		says:      spanish,
	},
	Portuguese: {
		point: ",", group: ".", dates: "02/01/2006", yes: "sim", no: "não",
		days:      [7]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"},
		months:    [12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
		greetings: [3]string{"Bom dia", "Boa tarde", "Boa noite"},
		says:      portuguese,
	},
	English: {
		point: ".", group: ",", dates: "02 Jan 2006", yes: "yes", no: "no",
		days:      [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		months:    [12]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"},
		greetings: [3]string{"Good morning", "Good afternoon", "Good evening"},
		says:      english,
	},
}
