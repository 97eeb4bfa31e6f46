package whatsapp

import (
	"strings"

	"go.mau.fi/whatsmeow/proto/waE2E"
)

const maxCarousel = 2 // carousels within a card

// headed is a text under a picture, a film, a document or a place, as companies send it.
func headed(text string, header *waE2E.Message) Message {
	m := Message{Kind: Text}
	switch {
	case reachable(header):
		m = media(header)
	case header.LocationMessage != nil:
		m = location(header)
	}
	m.Text = words(m.Text, text)
	return m
}

// reachable tells whether a header's file lies somewhere, instead of being only a small picture of itself.
func reachable(header *waE2E.Message) bool {
	for _, f := range []file{header.ImageMessage, header.VideoMessage, header.DocumentMessage} {
		if f.GetDirectPath() != "" { // the getters take a nil message
			return true
		}
	}
	return false
}

// carrier is the heads that a message of a company may have.
type carrier interface {
	GetDocumentMessage() *waE2E.DocumentMessage
	GetImageMessage() *waE2E.ImageMessage
	GetVideoMessage() *waE2E.VideoMessage
	GetLocationMessage() *waE2E.LocationMessage
}

func headOf(x carrier) *waE2E.Message {
	return &waE2E.Message{DocumentMessage: x.GetDocumentMessage(), ImageMessage: x.GetImageMessage(), VideoMessage: x.GetVideoMessage(),
		LocationMessage: x.GetLocationMessage()}
}

func withButtons(p *waE2E.Message) Message {
	x := p.ButtonsMessage
	lines := []string{x.GetText(), x.GetContentText(), x.GetFooterText()}
	for _, b := range x.GetButtons() {
		if native := b.GetNativeFlowInfo(); native != nil {
			lines = append(lines, nativeButton(native.GetParamsJSON()))
			continue
		}
		lines = append(lines, button(b.GetButtonText().GetDisplayText(), ""))
	}
	return headed(words(lines...), headOf(x))
}

func list(p *waE2E.Message) string {
	x := p.ListMessage
	lines := []string{x.GetTitle(), x.GetDescription(), x.GetFooterText(), button(x.GetButtonText(), "")}
	for _, section := range x.GetSections() {
		lines = append(lines, section.GetTitle())
		for _, r := range section.GetRows() {
			lines = append(lines, signed("•", row(r.GetTitle(), r.GetDescription())))
		}
	}
	for _, section := range x.GetProductListInfo().GetProductSections() {
		lines = append(lines, section.GetTitle())
	}
	return words(lines...)
}

// template reads each of its formats; a message has one.
func template(x *waE2E.TemplateMessage) Message {
	filled := x.GetHydratedFourRowTemplate()
	if filled == nil {
		filled = x.GetHydratedTemplate()
	}
	switch {
	case filled != nil:
		lines := []string{filled.GetHydratedTitleText(), filled.GetHydratedContentText(), filled.GetHydratedFooterText()}
		for _, b := range filled.GetHydratedButtons() {
			lines = append(lines, hydratedButton(b))
		}
		return headed(words(lines...), headOf(filled))
	case x.GetInteractiveMessageTemplate() != nil:
		return interactive(x.GetInteractiveMessageTemplate(), 0)
	}
	form := x.GetFourRowTemplate()
	lines := []string{spoken(form.GetHighlyStructuredMessage()), spoken(form.GetContent()), spoken(form.GetFooter())}
	for _, b := range form.GetButtons() {
		lines = append(lines, button(spoken(b.GetQuickReplyButton().GetDisplayText()), ""),
			button(spoken(b.GetUrlButton().GetDisplayText()), spoken(b.GetUrlButton().GetURL())),
			button(spoken(b.GetCallButton().GetDisplayText()), spoken(b.GetCallButton().GetPhoneNumber())))
	}
	return headed(words(lines...), headOf(form))
}

func hydratedButton(b *waE2E.HydratedTemplateButton) string {
	return words(button(b.GetQuickReplyButton().GetDisplayText(), ""),
		button(b.GetUrlButton().GetDisplayText(), b.GetUrlButton().GetURL()),
		button(b.GetCallButton().GetDisplayText(), b.GetCallButton().GetPhoneNumber()))
}

// structured is the oldest form of a template: the phone has its text, and the message what is to be put into it.
func structured(x *waE2E.HighlyStructuredMessage) Message {
	if x.GetHydratedHsm() != nil {
		return template(x.GetHydratedHsm())
	}
	return Message{Kind: Text, Text: spoken(x)}
}

func spoken(x *waE2E.HighlyStructuredMessage) string {
	filled := x.GetHydratedHsm().GetHydratedTemplate()
	if filled == nil {
		filled = x.GetHydratedHsm().GetHydratedFourRowTemplate()
	}
	if text := filled.GetHydratedContentText(); text != "" {
		return text
	}
	if len(x.GetParams()) > 0 {
		return row(x.GetParams()...)
	}
	params := []string{}
	for _, p := range x.GetLocalizableParams() {
		params = append(params, p.GetDefault())
	}
	return row(params...)
}

// interactive reads a message of a company with all that hangs on it: a head, a body, a foot, buttons, and cards like it.
func interactive(x *waE2E.InteractiveMessage, depth int) Message {
	head := x.GetHeader()
	lines := []string{head.GetTitle(), head.GetSubtitle(), x.GetBody().GetText(), x.GetFooter().GetText(),
		nativeButton(x.GetNativeFlowMessage().GetMessageParamsJSON())}
	for _, b := range x.GetNativeFlowMessage().GetButtons() {
		lines = append(lines, nativeButton(b.GetButtonParamsJSON()))
	}
	m := headed("", headOf(head))
	if head.GetProductMessage() != nil {
		m = product(head.GetProductMessage())
	}
	m.Text = words(m.Text, words(lines...))
	if depth >= maxCarousel {
		return m
	}
	texts := []string{m.Text}
	for _, card := range x.GetCarouselMessage().GetCards() {
		inner := interactive(card, depth+1)
		texts = append(texts, inner.Text)
		if m.Kind == Text && inner.Kind != Text { // there is room for one picture
			m = inner
		}
	}
	m.Text = strings.TrimSpace(joined("\n\n", texts))
	return m
}

func buttonsResponse(p *waE2E.Message) string {
	x := p.ButtonsResponseMessage
	return either(x.GetSelectedDisplayText(), x.GetSelectedButtonID())
}

func listResponse(p *waE2E.Message) string {
	x := p.ListResponseMessage
	return either(words(x.GetTitle(), x.GetDescription()), x.GetSingleSelectReply().GetSelectedRowID())
}

func templateReply(p *waE2E.Message) string {
	x := p.TemplateButtonReplyMessage
	return either(x.GetSelectedDisplayText(), x.GetSelectedID())
}

// either is the first text that is one.
func either(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// richResponse is the answer of a machine of Meta's.
func richResponse(p *waE2E.Message) string {
	lines := []string{}
	for _, part := range p.RichResponseMessage.GetSubmessages() {
		lines = append(lines, part.GetMessageText())
	}
	return words(lines...)
}
