import { links, type Link } from './links'

/** A text as WhatsApp shows it: a tree, never HTML. Everything that was typed is in it: source() gives it back. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code' | 'mono'; text: string } // `one line`, ```any number of lines```
  | { kind: 'link'; text: string; href: string }
  | { kind: 'bold' | 'italic' | 'strike'; of: Inline[] }

/** One line of a message; it may hold line breaks inside of mono. */
export interface Line {
  lead: string // "> ", "- ", "* ", "12. ": what made it a quote or a point of a list; else empty
  of: Inline[]
}

export interface Block {
  kind: 'plain' | 'quote' | 'bullets' | 'numbers'
  lines: Line[]
}

const MARKS = { '*': 'bold', _: 'italic', '~': 'strike' } as const
const SIGN = { bold: '*', italic: '_', strike: '~', code: '`', mono: '```', text: '', link: '' } as const
type Mark = keyof typeof MARKS

// A mark inside of a word is none (snake_case, 3*4*5). \ufe0f only says that the emoji before it is one.
const WORD = /[\p{L}\p{N}\p{Mn}\p{Mc}]/u
const before = (text: string, i: number) => (/[\udc00-\udfff]/.test(text[i - 1] ?? '') ? text.slice(i - 2, i) : (text[i - 1] ?? ''))
const after = (text: string, i: number) => String.fromCodePoint(text.codePointAt(i) ?? 10)
const wordy = (c: string) => c !== '\ufe0f' && WORD.test(c)
const blank = (c: string) => !c.trim()

interface Frame {
  mark: Mark | ''
  of: Inline[]
}

function put(of: Inline[], ...more: Inline[]) {
  for (const one of more) {
    const last = of.at(-1)
    if (one.kind === 'text' && last?.kind === 'text') of[of.length - 1] = { kind: 'text', text: last.text + one.text }
    else if (one.kind !== 'text' || one.text) of.push(one)
  }
}

/** What stands at a place as one piece, whatever marks are in it: code, or a link. */
type Atoms = Map<number, { end: number; node: Inline }>

/** Reads one line, up to end. A mark opens before a letter and closes behind one; within it the other two may stand, each once. */
function inline(text: string, start: number, end: number, atoms: Atoms): Inline[] {
  const frames: Frame[] = [{ mark: '', of: [] }]
  const give = (...nodes: Inline[]) => put(frames.at(-1)!.of, ...nodes)
  /** Closes frames down to n: those that found no end are text again. */
  const unwind = (n: number) => {
    while (frames.length > n) {
      const { mark, of } = frames.pop()!
      give({ kind: 'text', text: mark }, ...of)
    }
  }
  let from = start
  for (let i = start; i < end; ) {
    const atom = atoms.get(i)
    if (atom && atom.end <= end) {
      give({ kind: 'text', text: text.slice(from, i) }, atom.node)
      i = from = atom.end
      continue
    }
    const mark = text[i] as Mark
    if (!(mark in MARKS)) {
      i++
      continue
    }
    const next = i + 1 < end ? after(text, i + 1) : '\n'
    const open = frames.findIndex((frame) => frame.mark === mark)
    const closes = open > 0 && !blank(text[i - 1]!) && !wordy(next)
    if (closes || (open < 0 && (i === start || !wordy(before(text, i))) && !blank(next) && next !== mark)) {
      give({ kind: 'text', text: text.slice(from, i) })
      if (closes) {
        unwind(open + 1)
        const { of } = frames.pop()!
        give({ kind: MARKS[mark], of })
      } else frames.push({ mark, of: [] })
      from = i + 1
    }
    i++
  }
  give({ kind: 'text', text: text.slice(from, end) })
  unwind(1)
  return frames[0]!.of
}

/** Finds code before anything else is read: nothing in it is a mark, a link or the end of a line. */
function code(text: string): Atoms {
  const atoms: Atoms = new Map()
  let fences = true // whether ``` may still come: else a text of many lone ones would be read again for each
  for (let at = text.indexOf('`'); at >= 0; at = text.indexOf('`', at)) {
    const fence = fences && text.startsWith('```', at)
    const close = fence ? text.indexOf('```', at + 3) : text.indexOf('`', at + 1)
    if (fence && close < 0) fences = false
    else if (close < 0) break
    const inside = text.slice(at + (fence ? 3 : 1), close)
    if (close > 0 && !blank(inside) && (fence || (!inside.includes('\n') && !wordy(before(text, at)) && !wordy(after(text, close + 1))))) {
      const end = close + (fence ? 3 : 1)
      atoms.set(at, { end, node: { kind: fence ? 'mono' : 'code', text: inside } })
      at = end
    } else at += fence ? 3 : 1
  }
  return atoms
}

const linked = (text: string, { start, end, href }: Link): Inline => ({ kind: 'link', text: text.slice(start, end), href })

const LEADS = [['quote', /> (?=[^\n]*\S)/y], ['bullets', /[*-] (?=[^\n]*\S)/y], ['numbers', /\d{1,3}\. (?=[^\n]*\S)/y]] as const

function lead(text: string, at: number): [Block['kind'], string] {
  for (const [kind, shape] of LEADS) {
    shape.lastIndex = at
    const match = shape.exec(text)
    if (match) return [kind, match[0]]
  }
  return ['plain', '']
}

/** Reads a text by WhatsApp's rules: a mark holds within its line, ``` also across lines, lists and quotes begin a line. */
export function parse(text: string): Block[] {
  const atoms = code(text)
  const ends = [...atoms].map(([start, { end }]) => ({ start, end }))
  for (const link of links(text)) if (!atoms.has(link.start)) atoms.set(link.start, { end: link.end, node: linked(text, link) })
  const blocks: Block[] = []
  let next = 0 // the first code that is not behind us
  for (let at = 0; at <= text.length; ) {
    let end = text.indexOf('\n', at)
    while (next < ends.length && end >= 0 && ends[next]!.start < end) {
      const stop = ends[next++]!.end
      if (stop > end) end = text.indexOf('\n', stop)
    }
    if (end < 0) end = text.length
    const [kind, head] = lead(text, at)
    const line = { lead: head, of: inline(text, at + head.length, end, atoms) }
    const last = blocks.at(-1)
    if (last?.kind === kind) last.lines.push(line)
    else blocks.push({ kind, lines: [line] })
    at = end + 1
  }
  return blocks
}

const flat = (of: readonly Inline[], sign: boolean): string =>
  of.map((one) => {
    const inside = 'of' in one ? flat(one.of, sign) : one.text
    return sign ? SIGN[one.kind] + inside + SIGN[one.kind] : inside
  }).join('')

const joined = (blocks: readonly Block[], line: (line: Line, kind: Block['kind']) => string): string =>
  blocks.flatMap((block) => block.lines.map((one) => line(one, block.kind))).join('\n')

/** The text that a tree was read from, to the last character. */
export const source = (blocks: readonly Block[]): string => joined(blocks, (line) => line.lead + flat(line.of, true))

/** The words alone, for where there is room for one line: without marks, with the points of lists. */
export const plain = (text: string): string => joined(parse(text), (line, kind) => (kind === 'quote' ? '' : line.lead) + flat(line.of, false))
