import { h, type FunctionalComponent, type VNode } from 'vue'
import { bigEmoji } from '@/lib/emoji'
import { parse, type Block, type Inline, type Line } from '@/lib/markup'

const TAGS = { bold: 'strong', italic: 'em', strike: 's', code: 'code', mono: 'code' } as const

/** A link is a piece of its own for the direction of writing: what stands before it can't turn it round. */
const link = (text: string, href: string) =>
  h('a', href.startsWith('http') ? { href, dir: 'ltr', target: '_blank', rel: 'noreferrer noopener' } : { href, dir: 'ltr' }, text)

const inline = (of: readonly Inline[]): (VNode | string)[] =>
  of.map((one) => {
    if (one.kind === 'text') return one.text
    if (one.kind === 'link') return link(one.text, one.href)
    return h(TAGS[one.kind], { class: one.kind === 'mono' ? 'mono' : undefined }, 'of' in one ? inline(one.of) : one.text)
  })

const lines = (all: readonly Line[]) => all.flatMap((line, i) => [...(i ? ['\n'] : []), ...inline(line.of)])

/** What stands behind the words (time and tick) shares their last line. */
function block({ kind, lines: all }: Block, last: boolean, behind: readonly VNode[]): VNode | VNode[] {
  const end = last ? [' ', ...behind] : []
  if (kind === 'quote') return [h('blockquote', { dir: 'auto' }, lines(all)), ...(last ? behind : [])]
  if (kind === 'plain') return h('p', { dir: 'auto' }, [...lines(all), ...(!last && !all.at(-1)!.of.length ? ['\n'] : []), ...end])
  const points = all.map((line, i) => h('li', { dir: 'auto', value: kind === 'numbers' ? parseInt(line.lead) : undefined }, [...inline(line.of), ...(i === all.length - 1 ? end : [])]))
  return h(kind === 'numbers' ? 'ol' : 'ul', points)
}

/** A text with WhatsApp's markup, lists, links and large emoji; the slot stands behind its last word. */
export const RichText: FunctionalComponent<{ text: string }> = ({ text }, { slots }) => {
  const behind = (slots.default?.() ?? []) as VNode[]
  const emoji = bigEmoji(text)
  if (emoji) return h('p', { class: `emoji emoji-${emoji}` }, [text, ...behind])
  const blocks = parse(text)
  return blocks.map((one, i) => block(one, i === blocks.length - 1, behind)).flat()
}
RichText.props = ['text']
