package api

// Warning is something that who runs the desk should see to: it works, and will not for ever, or not as it should.
type Warning struct {
	Code    string `json:"code"`    // of the sentence
	Message string `json:"message"` // for who asks, in their language

	Args map[string]any
}
