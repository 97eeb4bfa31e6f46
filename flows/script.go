package flows

import (
	"fmt"
	"strconv"
	"strings"
)

// readInput reads one line of a transcript: a text, or something in brackets.
func readInput(said, call string) (Input, error) {
	inner, ok := strings.CutPrefix(said, "(")
	if !ok || !strings.HasSuffix(inner, ")") {
		return Text{Body: said}, nil
	}
	verb, rest, _ := strings.Cut(strings.TrimSuffix(inner, ")"), " ")
	read, ok := verbs[verb]
	if !ok {
		return Text{Body: said}, nil // customers write brackets, too
	}
	in, err := read(rest)
	if err != nil {
		return nil, fmt.Errorf("(%s …): %w", verb, err)
	}
	if r, ok := in.(Result); ok {
		r.Call = call
		return r, nil
	}
	return in, nil
}

var verbs = map[string]func(rest string) (Input, error){
	"starts": func(string) (Input, error) { return Start{}, nil },
	"sends": func(rest string) (Input, error) {
		kind, caption, _ := strings.Cut(rest, " ")
		return Media{Kind: kind, Ref: "file-" + kind, Caption: caption}, nil
	},
	"location": readLocationLine,
	"contact": func(rest string) (Input, error) {
		i := strings.Index(rest, " +") // a number may have spaces in it
		return Card{Name: rest[:max(i, 0)], Phone: rest[i+1:]}, nil
	},
	"votes": func(rest string) (Input, error) {
		if rest == "" {
			return Vote{}, nil
		}
		return Vote{Options: strings.Split(rest, "; ")}, nil
	},
	"other":  func(rest string) (Input, error) { return Other{Kind: rest}, nil },
	"writes": readWrites,
	"http":   readHTTPLine,
	"ai":     readAILine,
}

func readLocationLine(rest string) (Input, error) {
	parts := strings.SplitN(rest, " ", 3)
	if len(parts) < 2 {
		return nil, fmt.Errorf("needs latitude and longitude")
	}
	lat, err1 := strconv.ParseFloat(parts[0], 64)
	lng, err2 := strconv.ParseFloat(parts[1], 64)
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("%q is not a latitude and longitude", rest)
	}
	l := Location{Lat: lat, Lng: lng}
	if len(parts) == 3 {
		l.Name = parts[2]
	}
	return l, nil
}

func readWrites(rest string) (Input, error) {
	count, what, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n*len(what) > 1<<20 {
		return nil, fmt.Errorf("%q is not a number of times and a text, a megabyte in all", rest)
	}
	return Text{Body: strings.Repeat(what, n)}, nil
}

func readHTTPLine(rest string) (Input, error) {
	code, body, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(code)
	if err != nil {
		return Result{Err: code}, nil
	}
	return Result{Status: status, Body: body}, nil
}

func readAILine(rest string) (Input, error) {
	sure, text, _ := strings.Cut(rest, " ")
	if text == "" {
		return Result{Err: sure}, nil
	}
	if sure == "-" {
		return Result{Body: text}, nil
	}
	confidence, err := strconv.ParseFloat(sure, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is not a confidence from 0 to 1, or -", sure)
	}
	return Result{Body: text, Confidence: &confidence}, nil
}

// LineOf is an input as a line of a transcript, without the mark: what readInput reads. A Timeout has none, as time
// passes there instead; nor has what can't be told in one.
func LineOf(in Input) string {
	switch in := in.(type) {
	case Start:
		return "(starts)"
	case Text:
		if again, err := readInput(in.Body, ""); err != nil || again != Input(in) || strings.HasPrefix(in.Body, "(waits ") {
			return "" // a customer who writes "(starts)"
		}
		return strings.ReplaceAll(in.Body, "\n", "\n  ")
	case Media:
		return bracket("sends", in.Kind, in.Caption)
	case Location:
		return bracket("location", degrees(in.Lat), degrees(in.Lng), in.Name)
	case Card:
		return bracket("contact", in.Name, in.Phone)
	case Vote:
		return bracket("votes", strings.Join(in.Options, "; "))
	case Other:
		return bracket("other", in.Kind)
	case Result:
		return resultLine(in)
	}
	return ""
}

func resultLine(r Result) string {
	switch {
	case r.Err != "":
		return bracket("http", r.Err)
	case r.Confidence != nil: // only models have one; what their endpoint answered besides is no matter to a flow
		return bracket("ai", degrees(*r.Confidence), r.Body)
	case r.Status != 0:
		return bracket("http", strconv.Itoa(r.Status), r.Body)
	}
	return bracket("ai", "-", r.Body)
}

// bracket puts words in brackets. Words that would break the line lose their line breaks.
func bracket(words ...string) string {
	line := strings.TrimRight(strings.Join(words, " "), " ")
	return "(" + strings.Join(strings.FieldsFunc(line, func(r rune) bool { return r == '\n' || r == '\r' }), " ") + ")"
}
