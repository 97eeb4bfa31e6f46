package calls

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/fetch"
	"mostrador/hooks/secrets"
	"mostrador/hooks/store"
)

// askModel puts the question of an ai node to the endpoint of the settings, which speaks the protocol that OpenAI's chat
// completions began (https://platform.openai.com/docs/api-reference/chat). Asking twice changes nothing, so it may be
// asked again like a GET.
func (ca *Calls) askModel(ctx context.Context, row *Call) Outcome {
	s := ca.Settings.Get()
	if s.AIURL == "" {
		return Outcome{result: flows.Result{Err: CallNoModel}}
	}
	var q flows.AI
	store.Decode(row.Request, &q)
	turns, err := ca.turns(row.Conversation, q)
	if err != nil {
		return ca.unanswered(row, err)
	}
	ask := ChatRequest{Model: s.AIModel, Messages: turns, MaxTokens: Tokens(q.MaxTokens, s.AIMaxTokens), Logprobs: q.Confidence > 0}
	body, err := json.Marshal(ask)
	if err != nil {
		return ca.unanswered(row, err)
	}
	r := fetch.Request{Method: "POST", URL: strings.TrimRight(s.AIURL, "/") + "/chat/completions", Body: body,
		Headers: []fetch.Header{{Name: "Content-Type", Value: "application/json"}, {Name: api.IdempotencyKey, Value: row.ID}},
		Timeout: max(row.Deadline.Time().Sub(ca.Store.Now()), time.Millisecond)}
	var sealed []string
	switch key, err := ca.Secrets.Value(secrets.SecretOfAI, r.URL); {
	case err == nil:
		r.Headers = append(r.Headers, fetch.Header{Name: "Authorization", Value: "Bearer " + key, Secret: true})
		sealed = append(sealed, key)
	case !store.IsNone(err): // a local one needs no key
		return ca.unanswered(row, err)
	}
	answer, err := ca.Outside.Do(ctx, r)
	if err != nil {
		return ca.unanswered(row, err)
	}
	answer.Body = secrets.Mask(answer.Body, sealed)
	return ca.modelSaid(row, answer)
}

// modelSaid reads an answer.
func (ca *Calls) modelSaid(row *Call, a *fetch.Answer) Outcome {
	if a.Status/100 != 2 {
		ca.Store.App.Logger().Warn("the language model did not answer", "call", row.ID, "conversation", row.Conversation, "status", a.Status)
		return Outcome{result: flows.Result{Status: a.Status, Err: CallModelStatus}, again: slices.Contains(passing, a.Status), wait: retryAfter(a.Header, ca.Store.Now())}
	}
	var said ChatAnswer
	if err := json.Unmarshal(a.Body, &said); err != nil || len(said.Choices) == 0 {
		return Outcome{result: flows.Result{Status: a.Status, Err: string(fetch.BadAnswer)}}
	}
	first := said.Choices[0]
	text := Spoken(first.Message.Content)
	if text == "" {
		return Outcome{result: flows.Result{Status: a.Status, Err: CallModelSilent}}
	}
	return Outcome{result: flows.Result{Status: a.Status, Body: text, Confidence: first.Logprobs.Confidence()}}
}

// ChatRequest is the part of the protocol that we use.
type ChatRequest struct {
	Model     string     `json:"model"`
	Messages  []chatTurn `json:"messages"`
	MaxTokens int        `json:"max_tokens,omitempty"`
	Logprobs  bool       `json:"logprobs,omitempty"` // only where a node asks how sure the model is: not every endpoint knows it
}

type ChatAnswer struct {
	Choices []struct {
		Message struct {
			Content string `json:"content"`
		} `json:"message"`
		Logprobs *logprobs `json:"logprobs"`
	} `json:"choices"`
}

// logprobs tells how likely each piece of an answer was.
type logprobs struct {
	Content []struct {
		Logprob float64 `json:"logprob"` // natural logarithm
	} `json:"content"`
}

// Confidence is the mean likelihood of an answer's pieces, 0 to 1 (the geometric one, which does not fall with the
// length); nil when the endpoint says nothing.
func (l *logprobs) Confidence() *float64 {
	if l == nil || len(l.Content) == 0 {
		return nil
	}
	sum := 0.0
	for _, piece := range l.Content {
		sum += piece.Logprob
	}
	sure := min(max(math.Exp(sum/float64(len(l.Content))), 0), 1)
	return &sure
}

// Spoken leaves out what a model thought aloud before it answered.
func Spoken(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "<think>") {
		_, after, done := strings.Cut(text, "</think>")
		if !done {
			return "" // it ran out of tokens while thinking
		}
		text = strings.TrimSpace(after)
	}
	return text
}

// Tokens is how long an answer may be: what the node says, but no more than the setting; 0: the endpoint's default.
func Tokens(node, setting int) int {
	if node == 0 || setting != 0 && setting < node {
		return setting
	}
	return node
}
