// A heart without \ufe0f is an emoji in WhatsApp, © is not; a lone half of a flag is a letter.
const EMOJI = /^(?:(?![©®™])\p{Extended_Pictographic}|\p{RI}\p{RI}|[\d#*]\ufe0f?\u20e3)/u
const LONGEST = 120 // three families with their skin tones
let graphemes: Intl.Segmenter | undefined

/** How many emoji a text consists of, if of one to three and of nothing else: those are shown large. Else 0. */
export function bigEmoji(text: string): 0 | 1 | 2 | 3 {
  if (!text || text.length > LONGEST || !EMOJI.test(text)) return 0
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  const all = [...graphemes.segment(text)]
  return all.length <= 3 && all.every(({ segment }) => EMOJI.test(segment)) ? (all.length as 1 | 2 | 3) : 0
}
