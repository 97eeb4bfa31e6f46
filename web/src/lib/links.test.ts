import { describe, expect, it } from 'vitest'
import { links } from './links'

const found = (text: string) => links(text).map(({ start, end, href }) => (href === text.slice(start, end) ? href : `${text.slice(start, end)} → ${href}`))

describe('links', () => {
  it.each([
    ['mira https://a.com/x?y=1. Fin', ['https://a.com/x?y=1']], ['HTTP://A.com', ['HTTP://A.com']], ['(https://a.com)', ['https://a.com']], ['«https://a.com»', ['https://a.com']], ['https://a.com, https://b.com!', ['https://a.com', 'https://b.com']],
    ['https://es.wikipedia.org/wiki/Sol_(estrella) y', ['https://es.wikipedia.org/wiki/Sol_(estrella)']], ['(ver https://a.com/b_(c))', ['https://a.com/b_(c)']],
    ['www.ejemplo.com, y más', ['www.ejemplo.com → https://www.ejemplo.com']], ['WWW.Ejemplo.com.ar/x', ['WWW.Ejemplo.com.ar/x → https://WWW.Ejemplo.com.ar/x']], ['www.', []], ['www. hola', []], ['www.hola', []],
    ['ejemplo.com', ['ejemplo.com → https://ejemplo.com']], ['En tienda.com.ar/x?y=(1).', ['tienda.com.ar/x?y=(1) → https://tienda.com.ar/x?y=(1)']], ['ferretería.com.uy', ['ferretería.com.uy → https://ferretería.com.uy']], ['a.com:8080/x', ['a.com:8080/x → https://a.com:8080/x']],
    // a sentence without a blank is no address
    ['Gracias.Es tarde', []], ['gracias.es tarde', []], ['dale.me llamo', []], ['listo.no puedo', []], ['hola.como estas', []], ['ok.entonces', []], ['S.A.de C.V.', []], ['son 3.500.ar', []], ['factura.pdf foto.jpg a.py.txt', []], ['1.5 2.30', []],
    // but one in a language's own ending is
    ['visita mitienda.es', ['mitienda.es → https://mitienda.es']], ['en mitienda.es, gracias', []], ['en mitienda.es.', ['mitienda.es → https://mitienda.es']], ['en mitienda.es/oferta hoy', ['mitienda.es/oferta → https://mitienda.es/oferta']], ['en tienda.mitienda.es hoy', ['tienda.mitienda.es → https://tienda.mitienda.es']],
    ['ana@ejemplo.com', ['ana@ejemplo.com → mailto:ana@ejemplo.com']], ['a: ana.paz+x@mail.ejemplo.com.ar.', ['ana.paz+x@mail.ejemplo.com.ar → mailto:ana.paz+x@mail.ejemplo.com.ar']], ['@ana hola', []], ['a@b', []], ['x@@a.com', []],
    ['+54 9 11 5555-0142', ['+54 9 11 5555-0142 → tel:+5491155550142']], ['tel:+5511955550144.', ['+5511955550144 → tel:+5511955550144']], ['(011) 4555-0142', ['(011) 4555-0142 → tel:01145550142']], ['11 5555-0142', ['11 5555-0142 → tel:1155550142']], ['(11) 95555-0142', ['(11) 95555-0142 → tel:11955550142']], ['11 15 5555-0142', ['11 15 5555-0142 → tel:111555550142']],
    // numbers that nobody answers
    ['30.555.018', []], ['4509 9535 6623 3704', []], ['20-30555018-3', []], ['29-11-2026 10:30', []], ['2026-11-29 1030', []], ['$ 11 5555-0142', ['11 5555-0142 → tel:1155550142']], ['+100 puntos', []], ['+1.500.000', []], ['1155550142', []], ['0123456789012345678901', []], ['QNT-4471', []], ['1+12345678901', []],
    // only what may be opened
    ['javascript:alert(1) ftp://x data:text/html,x file:///etc', []], ['javascript://a.com/%0aalert(1)', []], ['https://', []], ['https:///x', []], ['xhttps://a.com', []],
    ['', []],
  ])('of %j', (text, want) => expect(found(text)).toEqual(want))

  it.each(['\u202e', '\u202d', '\u2066', '\u2067', '\u200e', '\u200f', '\u200b', '\u061c'])('do not reach across the hidden mark %j', (mark) => {
    expect(found(`https://a.com/${mark}moc.b`)).toEqual(['https://a.com/'])
    expect(links(`ana${mark}@a.com`).every(({ href }) => !href.includes('ana'))).toBe(true)
    expect(links(`a${mark}b.com +54 9 11${mark} 5555-0142`).map((l) => l.href).join()).not.toContain(mark)
  })

  it('lead to the web, a mail or a phone and to nothing else', () => {
    let seed = 3
    const random = (n: number) => ((seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) >>> 8) % n
    const pieces = ['javascript:', 'data:', 'https://', 'http:', '//', 'www.', 'a', '.com', '.es', '@', '+54', ' 11 5555-0142', ' ', '"', "'", '\n', '\u202e', '(', ')', '?', '&', '%', ':']
    const texts = Array.from({ length: 6000 }, () => Array.from({ length: random(14) }, () => pieces[random(pieces.length)]).join(''))
    const all = texts.flatMap((text) => links(text).map(({ start, end, href }) => [text.slice(start, end), href] as const))
    expect(all.length).toBeGreaterThan(1000)
    expect(all.filter(([text, href]) => !/^(?:https?:\/\/[^/\s]|mailto:[^\s?&]+@|tel:\+?\d+$)/i.test(href) || !/^[^\s\p{Cf}"](?:[^\n\p{Cf}"]*[^\s\p{Cf}"])?$/u.test(text))).toEqual([])
  })
})
