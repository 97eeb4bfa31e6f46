package outbox

import "regexp"

// oneEmoji is one emoji as a keyboard gives it: a keycap, a flag, or pictures with their colours that are joined into one
// (UTS #51, ED-17). The ranges hold more than today's emoji, so that next year's need no change.
var oneEmoji = regexp.MustCompile(`^(?:[0-9#*]\x{FE0F}?\x{20E3}` +
	`|[\x{1F1E6}-\x{1F1FF}]{2}` +
	`|\x{1F3F4}[\x{E0020}-\x{E007E}]+\x{E007F}` +
	`|` + picture + `(?:\x{200D}` + picture + `)*)$`)

const picture = `[©®‼⁉™ℹ\x{2194}-\x{21AA}\x{231A}-\x{23FF}Ⓜ\x{25AA}-\x{2767}\x{2794}-\x{27BF}⤴⤵\x{2B05}-\x{2B55}〰〽㊗㊙` +
	`\x{1F000}-\x{1F0FF}\x{1F170}-\x{1F1E5}\x{1F200}-\x{1FAFF}]\x{FE0F}?[\x{1F3FB}-\x{1F3FF}]?`

// IsReaction tells what WhatsApp shows as a reaction; an empty one takes it back.
func IsReaction(text string) bool {
	return text == "" || len(text) <= maxEmoji && oneEmoji.MatchString(text)
}
