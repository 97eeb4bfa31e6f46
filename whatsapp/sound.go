package whatsapp

import (
	"slices"
	"strings"
)

// audible are the sounds that the phones of customers play within the chat. What is none of them is a file there.
var audible = []string{"audio/aac", "audio/amr", "audio/mp4", "audio/mpeg", "audio/ogg"}

// IsAudible tells whether phones play a sound of this media type.
func IsAudible(mime string) bool { return slices.Contains(audible, baseType(mime)) }

// IsVoice tells whether a media type is that of a voice note: Opus in Ogg, and nothing else.
func IsVoice(mime string) bool {
	_, codec, said := strings.Cut(strings.ToLower(mime), "codecs=")
	return baseType(mime) == "audio/ogg" && (!said || strings.Trim(codec, `" `) == "opus")
}

func baseType(mime string) string {
	base, _, _ := strings.Cut(mime, ";")
	return strings.ToLower(strings.TrimSpace(base))
}
