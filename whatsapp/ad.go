package whatsapp

import (
	"net/url"

	"go.mau.fi/whatsmeow/proto/waE2E"
)

// Ad is what somebody had tapped on before they wrote: an advertisement, or a post with a button that leads to the chat.
// All of it is what the sender's program says.
type Ad struct {
	Title  string `json:"title,omitempty"`
	Text   string `json:"text,omitempty"`
	Source string `json:"source,omitempty"` // where it stood: "instagram ad", "facebook post"
	Link   string `json:"link,omitempty"`   // http or https
	ID     string `json:"id,omitempty"`     // of the advertisement, as its platform counts it
}

// String is the ad in lines; Text of the message is the customer's own.
func (a Ad) String() string { return words(signed("📢", row(a.Title, a.Source)), a.Text, a.Link) }

// ad reads what a message came from; nil: nothing is said of it.
func ad(info *waE2E.ContextInfo) *Ad {
	var a Ad
	if x := info.GetExternalAdReply(); x != nil {
		a = Ad{Title: clean(x.GetTitle()), Text: clean(x.GetBody()), Source: joined(" ", []string{clean(x.GetSourceApp()), clean(x.GetSourceType())}),
			Link: either(webLink(x.GetSourceURL()), webLink(x.GetWtwaWebsiteURL()), webLink(x.GetMediaURL())), ID: clean(x.GetSourceID())}
	} else if x := info.GetQuotedAd(); x != nil {
		a = Ad{Title: clean(x.GetAdvertiserName()), Text: clean(x.GetCaption())}
	}
	if a == (Ad{}) {
		return nil
	}
	return &a
}

// webLink keeps an address that a browser may be sent to.
func webLink(text string) string {
	text = clean(text)
	if u, err := url.Parse(text); err != nil || len(text) > maxPath || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return text
}
