package api

import "maps"

// Warning is something that who runs the desk should see to: it works, and will not for ever, or not as it should.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"` // for who asks, in their language

	args map[string]any
	said Said
}

// Warns declares a warning: its code and its sentence in Spanish, Portuguese and English. {name} in it is replaced by what With gives
// for it.
func Warns(code, es, pt, en string) Warning { return Warning{Code: code, said: Said{es, pt, en}} }

// With fills a place of the sentence.
func (w Warning) With(name string, value any) Warning {
	w.args = maps.Clone(w.args)
	if w.args == nil {
		w.args = map[string]any{}
	}
	w.args[name] = value
	return w
}

// In is the warning in a person's words.
func (w Warning) In(lang string) Warning {
	w.Message = w.said.In(lang, w.args)
	return w
}
