import { describe, expect, it } from 'vitest'
import { parse, plain, source, type Inline } from './markup'

const TAGS = { bold: 'b', italic: 'i', strike: 's', code: 'c', mono: 'm', link: 'a', text: '' } as const
const show = (of: readonly Inline[]): string =>
  of.map((one) => {
    const inside = 'of' in one ? show(one.of) : one.text
    return one.kind === 'text' ? inside : `[${TAGS[one.kind]} ${inside}]`
  }).join('')
const seen = (text: string) => parse(text).map((b) => (b.kind === 'plain' ? '' : `${b.kind}:`) + b.lines.map((l) => (b.kind === 'numbers' ? l.lead : '') + show(l.of)).join('/')).join(' | ')

describe('WhatsApp’s markup', () => {
  it.each([
    // each mark
    ['*hola*', '[b hola]'], ['_hola_', '[i hola]'], ['~hola~', '[s hola]'], ['`hola`', '[c hola]'], ['```hola```', '[m hola]'],
    ['es *muy importante*, ¿no?', 'es [b muy importante], ¿no?'], ['¡*Hola*!', '¡[b Hola]!'], ['(_a_)', '([i a])'], ['*a* _b_ ~c~', '[b a] [i b] [s c]'],
    ['*año*', '[b año]'], ['👍*sí*👍', '👍[b sí]👍'], ['❤️*sí*', '❤️[b sí]'], ['*👍*', '[b 👍]'],
    // a blank right inside of a mark is none, further in it is
    ['x * hola*', 'x * hola*'], ['*hola *', '*hola *'], ['a * b * c', 'a * b * c'], ['*a b*', '[b a b]'], ['*a *b*', '[b a *b]'], ['_ My Name_', '_ My Name_'], ['*My name *', '*My name *'],
    // inside of a word
    ['snake_case_name', 'snake_case_name'], ['3*4*5', '3*4*5'], ['My name is*Rafael*', 'My name is*Rafael*'], ['*a*b', '*a*b'], ['mi_foto_final.jpg', 'mi_foto_final.jpg'], ['62070503***63047BB3', '62070503***63047BB3'], ['*ñ*ñ', '*ñ*ñ'], ['𝗮*b*', '𝗮*b*'],
    ['*a*b*', '[b a*b]'],
    // nothing in it, or twice
    ['**', '**'], ['****', '****'], ['__________', '__________'], ['**hola**', '*[b hola]*'], ['~~hola~~', '~[s hola]~'], ['x * *', 'x * *'],
    // in each other, never across each other
    ['*_hola_*', '[b [i hola]]'], ['_*hola*_', '[i [b hola]]'], ['~*_x_*~', '[s [b [i x]]]'], ['_Italic with *bold text* inside_', '[i Italic with [b bold text] inside]'],
    ['*a _b* c_', '[b a _b] c_'], ['_a *b_ c*', '[i a *b] c*'], ['*a ~b _c*', '[b a ~b _c]'],
    // across lines: only ```
    ['*a\nb*', '*a/b*'], ['`a\nb`', '`a/b`'], ['```a\nb```', '[m a\nb]'], ['x ```a\n*b*\n- c``` *y*\nz', 'x [m a\n*b*\n- c] [b y]/z'], ['*x ```a\nb``` y*', '[b x [m a\nb] y]'],
    // nothing is read in code
    ['`*a*`', '[c *a*]'], ['```_a_ https://a.com```', '[m _a_ https://a.com]'], ['*`a`*', '[b [c a]]'], ['`a *b` c*', '[c a *b] c*'], ['``', '``'], ['``````', '``````'], ['```', '```'], ['` `', '` `'], ['a`b`', 'a`b`'], ['`a` ```b``` `c`', '[c a] [m b] [c c]'], ['``` `a`', '``` [c a]'],
    // nor in an address
    ['https://a.com/_x_/*y*', '[a https://a.com/_x_/*y]*'], ['*https://a.com*', '[b [a https://a.com]]'], ['_mira https://a.com/b_c._', '[i mira [a https://a.com/b_c].]'], ['mi_mail_x@a.com _y_', '[a mi_mail_x@a.com] [i y]'],
    // lists and quotes begin a line, with a blank behind
    ['- uno\n- *dos*', 'bullets:uno/[b dos]'], ['* uno\n* dos', 'bullets:uno/dos'], ['* uno*', 'bullets:uno*'], ['-uno', '-uno'], [' - uno', ' - uno'], ['- ', '- '], ['*uno* dos', '[b uno] dos'],
    ['1. uno\n2. dos', 'numbers:1. uno/2. dos'], ['7. siete', 'numbers:7. siete'], ['1.uno', '1.uno'], ['2026. Fue', '2026. Fue'], ['1) uno', '1) uno'],
    ['> cita *a*\n> más\nno', 'quote:cita [b a]/más | no'], ['>cita', '>cita'], ['a > b', 'a > b'], ['> - a', 'quote:- a'], ['> > a', 'quote:> a'],
    ['Lista:\n- uno\n- dos\n\n> cita\n1. primero\n2. segundo\nfin', 'Lista: | bullets:uno/dos |  | quote:cita | numbers:1. primero/2. segundo | fin'],
    ['', ''], ['\n', '/'], ['¯\\_(ツ)_/¯', '¯\\[i (ツ)]/¯'],
  ])('%j is read as %j', (text, want) => {
    expect(seen(text)).toBe(want)
    expect(source(parse(text))).toBe(text)
  })

  it.each([
    ['*Oferta*: _solo_ `hoy`', 'Oferta: solo hoy'], ['> cita\n- uno', 'cita\n- uno'], ['1. *a*', '1. a'], ['snake_case', 'snake_case'], ['https://a.com/_b_', 'https://a.com/_b_'], ['', ''],
  ])('of %j the words are %j', (text, want) => expect(plain(text)).toBe(want))
})

const PIECES = ['*', '_', '~', '`', '```', '\n', ' ', '> ', '- ', '1. ', 'a', 'ñ', '9', 'https://a.com/x', 'www.a.com', 'x@a.com', '+5491155550142', '👍🏽', '❤️', '\u202e', '\r', '.', '(', ')', '\ud83d', 'é']

it('no character is lost, whatever is typed', () => {
  let seed = 7
  const random = (n: number) => ((seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) >>> 8) % n
  const letters = (s: string) => s.replace(/[*_~`>\s]/g, '')
  const texts = Array.from({ length: 6000 }, () => Array.from({ length: random(24) }, () => PIECES[random(PIECES.length)]).join(''))
  expect(texts.filter((text) => source(parse(text)) !== text)).toEqual([])
  expect(texts.filter((text) => letters(plain(text)) !== letters(text))).toEqual([])
})

it.each([
  ['*', ''], ['*a ', ''], ['*a _b ~c ', ''], ['`', ''], ['` ', ''], ['``` ', ''], ['```', 'x'], ['`a\n', ''], ['a', ''], ['a.', ''], ['a-', ''], ['1 ', ''], ['+1', ''], ['+1 ', ''], ['11 5555-', ''], ['a@', ''], ['x.a@', ''],
  ['https://(', ''], ['www.', ''], ['.)', ''], ['https://a.com/', ')'.repeat(99_999)], ['- ', ''], ['> ', ''], [' ', ''], ['\n', ''], ['*a*_b_', ''], ['(', ''], ['a/', ''], ['www.a.com ', ''],
])('200,000 characters of %j are read in one go', (piece, end) => {
  const text = piece.repeat(200_000 / piece.length) + end
  expect(source(parse(text)) === text).toBe(true)
})
