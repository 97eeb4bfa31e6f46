package flows

import "time"

// Action is something the caller does, in the order given and in one transaction with storing the session.
type Action interface{ action() }

// Send is a message to the customer: a text, a file with the text as its caption, or a poll.
type Send struct {
	Text  string      `json:"text,omitempty"`
	Media *Attachment `json:"media,omitempty"`
	Poll  *Poll       `json:"poll,omitempty"`
}

// Attachment is a file of the flow, by reference.
type Attachment struct {
	Kind string `json:"kind"` // image, video, audio, voice, document, sticker
	Ref  string `json:"ref"`  // the caller's name for the file
	Name string `json:"name,omitempty"`
}

// Poll asks for one of several options.
type Poll struct {
	Question string   `json:"question"`
	Options  []string `json:"options"`
}

// Handover gives the conversation to people: the session is done.
type Handover struct {
	Area     string `json:"area,omitempty"`     // key of the area; empty: the desk's default
	User     string `json:"user,omitempty"`     // a person; empty: whoever the area's policy finds
	Note     string `json:"note,omitempty"`     // internal, for whoever takes it
	Priority int    `json:"priority,omitempty"` // higher first; 0 is normal
	Reason   Reason `json:"reason"`
	Node     string `json:"node,omitempty"` // where it happened
}

// Close ends the conversation: the session is done. Anything to say was said by a Send before.
type Close struct {
	Reason Reason `json:"reason"`
}

// Call asks for something of the outside world. Its answer, or its failure, is a later [Result].
type Call struct {
	ID       string    `json:"id"`             // unique within the conversation
	Deadline time.Time `json:"deadline"`       // of all attempts together; soon after it the session goes on without
	HTTP     *HTTP     `json:"http,omitempty"` // either this
	AI       *AI       `json:"ai,omitempty"`   // or this
}

// HTTP is a request. Addresses are the caller's to judge.
type HTTP struct {
	Method  string   `json:"method"`
	URL     string   `json:"url"`
	Headers []Header `json:"headers,omitempty"`
	Body    string   `json:"body,omitempty"`
}

// Header is a line of a request. With Secret, the caller appends the secret of that name to Value.
type Header struct {
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Secret string `json:"secret,omitempty"`
}

// AI is a question to a language model; the caller has the endpoint, its key and the conversation.
type AI struct {
	System    string `json:"system,omitempty"`
	Prompt    string `json:"prompt,omitempty"`    // empty: the conversation's messages say it all
	Messages  int    `json:"messages,omitempty"`  // how many of the last messages to add
	MaxTokens int    `json:"maxTokens,omitempty"` // 0: the caller's default
	// Confidence is what the answer is measured against: the endpoint should say how sure it is. 0: nobody asks.
	Confidence float64 `json:"confidence,omitempty"`
}

// SetContact writes a field of the contact: name, email, document, language, area, or a custom field's key.
// An empty value clears it.
type SetContact struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Tag changes the conversation's tags.
type Tag struct {
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
}

// Note leaves an internal note that the customer does not see.
type Note struct {
	Text string `json:"text"`
}

// Rate stores how content the customer is.
type Rate struct {
	Score   int    `json:"score,omitempty"` // 1 to Of; 0: unchanged, only the comment is new
	Of      int    `json:"of"`
	Comment string `json:"comment,omitempty"`
}

// Trace is always the last action when anything moved: the way through the flow, for counts, the event and the
// simulator.
type Trace struct {
	Visits []Visit `json:"visits"`
}

func (Send) action()       {}
func (Handover) action()   {}
func (Close) action()      {}
func (Call) action()       {}
func (SetContact) action() {}
func (Tag) action()        {}
func (Note) action()       {}
func (Rate) action()       {}
func (Trace) action()      {}
