/** A stretch of a text that leads somewhere: from start up to end, as the text counts (UTF-16). */
export interface Link {
  start: number
  end: number
  href: string // https:, http:, mailto: or tel: alone
}

// What a domain without www. has to end in. The first are no words; after the second, which are words of Spanish, Portuguese or
// English ("Perfecto.es así"), no other word may follow, unless a path or a third part says that it is an address.
const ENDS = 'com|net|org|edu|gov|gob|gub|mil|info|biz|app|dev|shop|store|online|site|xyz|tech|cloud|blog|ar|br|cl|co|uy|py|pe|mx|pt|bo|ec|ve|cr|gt|hn|ni|pa|sv|cu|pr|cat|uk|fr|eu|ca|tv|io'
const WORDS = 'es|me|de|do|us|it|in|at|be|ai|is|la|to|link|page|club|bar|live|world|today|news|group'

// \p{Cf}: marks that nobody sees. Those of direction can make an address look like another one, so none reaches across.
const REST = String.raw`[^\s<>"'\x60«»“”\p{Cf}]`
const LABEL = '[a-z0-9\\u00df-\\u024f][a-z0-9\\u00df-\\u024f-]{0,62}\\.'
const WEB = new RegExp(String.raw`(?<![\p{L}\p{N}_@])(?:https?:\/\/|www\.)${REST}+`, 'giu')
const BARE = new RegExp(String.raw`(?<![\p{L}\p{N}@._%+\-/\\:=])((?:${LABEL}){1,5})(${ENDS}|${WORDS})(?![\p{L}\p{N}@_-]|\.[\p{L}\p{N}])(?::\d{1,5})?((?:[/?#]${REST}*)?)`, 'giu')
const MAIL = /(?<![\w.+-])[a-z0-9][\w.+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?![\w@-])/gi
// With its country, or as area, exchange and four digits with a gap between them: an order, an amount or a card is neither.
const ABROAD = /(?<![\p{L}\p{N}+.,/-])\+[1-9](?:[ \u00a0()-]{0,2}\d){7,14}(?![\p{L}\p{N}]|[ .,-]?\d)/gu
const LOCAL = /(?<![\p{L}\p{N}+.,/$-]|\d[ \u00a0])(?:\(0?\d{2,4}\)|0?\d{2,4})[ \u00a0-](?:15[ \u00a0-])?\d{3,5}[ \u00a0-]\d{4}(?![\p{L}\p{N}]|[ \u00a0.,/-]\d)/gu

/** How much of an address is the address: what closes the sentence around it is not, but a bracket that it opened itself is. */
function length(text: string): number {
  let end = text.length
  let open = 0
  for (const c of text) open += c === '(' ? 1 : c === ')' ? -1 : 0
  for (; end; end--) {
    const last = text[end - 1]!
    if (last === ')' && open >= 0) break
    if (last === ')') open++
    else if (!'.,;:!?]}*_~…’'.includes(last)) break
  }
  return end
}

function web(match: RegExpExecArray): string {
  const text = match[0].slice(0, length(match[0]))
  if (/^www\./i.test(text)) return /^www\.[^./?#]+\.[^\d./?#]{2}/i.test(text) ? `https://${text}` : ''
  return /^https?:\/\/[^/?#]/i.test(text) ? text : ''
}

function bare(match: RegExpExecArray, text: string): string {
  const [all, labels = '', end = '', path] = match
  const names = labels.split('.').slice(0, -1)
  if (!/\D/.test(names.at(-1)!.replaceAll('-', ''))) return '' // 3.500.ar
  const word = new RegExp(`^(?:${WORDS})$`, 'i').test(end)
  if (word && !path && (names.length < 2 || names.some((name) => name.length < 2))) {
    if (end !== end.toLowerCase() || /^[,;]?[^\S\n]+[\p{L}\p{N}]/u.test(text.slice(match.index + all.length, match.index + all.length + 9))) return ''
  }
  return `https://${all.slice(0, length(all))}`
}

const digits = (text: string) => text.replace(/[^\d+]/g, '')

/** Every link of a text, in order: addresses of the web also without their scheme, mails and phone numbers. */
export function links(text: string): Link[] {
  const found: Link[] = []
  const take = (shape: RegExp, href: (match: RegExpExecArray) => string) => {
    for (const match of text.matchAll(shape)) {
      const to = href(match)
      if (to) found.push({ start: match.index, end: match.index + (/^(?:mailto|tel):/.test(to) ? match[0].length : length(match[0])), href: to })
    }
  }
  take(WEB, web)
  take(MAIL, ([mail]) => `mailto:${mail}`)
  take(BARE, (match) => bare(match, text))
  take(ABROAD, ([number]) => `tel:${digits(number)}`)
  take(LOCAL, ([number]) => `tel:${digits(number)}`)
  let at = 0
  return found.sort((a, b) => a.start - b.start || b.end - a.end).filter((link) => link.start >= at && ((at = link.end), true))
}
