package flows

// Input is something that happened. Reactions, edits, deletions and receipts are not inputs: nobody answers those.
type Input interface{ input() }

// Start begins a flow without a message of the customer: by hand, after closing, for a test.
type Start struct{}

// Text is a text message.
type Text struct {
	Body string `json:"body"`
}

// Media is a message with a file. Its caption counts as text where text is asked.
type Media struct {
	Kind    string `json:"kind"` // image, video, audio, voice, document, sticker
	Ref     string `json:"ref"`  // how the caller finds the file again; becomes the value of a variable
	MIME    string `json:"mime,omitempty"`
	Name    string `json:"name,omitempty"`
	Caption string `json:"caption,omitempty"`
	Size    int64  `json:"size,omitempty"` // bytes; 0: not known
}

// Location is a place on the map.
type Location struct {
	Lat     float64 `json:"lat"` // degrees, WGS 84
	Lng     float64 `json:"lng"`
	Name    string  `json:"name,omitempty"`
	Address string  `json:"address,omitempty"`
}

// Card is a shared contact.
type Card struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"`
}

// Vote is an answer to a poll, by the texts of the chosen options. A vote taken back has none and is ignored.
type Vote struct {
	Options []string `json:"options"`
}

// Other is a message of a kind that no node understands.
type Other struct {
	Kind string `json:"kind"`
}

// Timeout says that Session.WakesAt has come. One that comes too early changes nothing.
type Timeout struct{}

// Result is the answer to a [Call]. One whose ID the session does not wait for changes nothing.
type Result struct {
	Call       string   `json:"call"`
	Status     int      `json:"status,omitempty"`     // http: the answer's status; 0 when there was none
	Body       string   `json:"body,omitempty"`       // http: the answer's body; ai: the answer's text
	Confidence *float64 `json:"confidence,omitempty"` // ai: 0 to 1 as the endpoint says; nil: it says nothing
	Err        string   `json:"err,omitempty"`        // why there is no answer, as a code: timeout, refused, too_large…
}

func (Start) input()    {}
func (Text) input()     {}
func (Media) input()    {}
func (Location) input() {}
func (Card) input()     {}
func (Vote) input()     {}
func (Other) input()    {}
func (Timeout) input()  {}
func (Result) input()   {}

// fromCustomer reports whether the customer did something.
func fromCustomer(in Input) bool {
	switch in.(type) {
	case Text, Media, Location, Card, Vote, Other:
		return true
	}
	return false
}

// words is the text of an input: a body, a caption, or the only option voted for. WhatsApp allows 65,536 characters;
// nothing here looks at more than MaxValue.
func words(in Input) string {
	switch in := in.(type) {
	case Text:
		return clip(in.Body, MaxValue)
	case Media:
		return clip(in.Caption, MaxValue)
	case Vote:
		if len(in.Options) == 1 {
			return clip(in.Options[0], MaxValue)
		}
	}
	return ""
}
