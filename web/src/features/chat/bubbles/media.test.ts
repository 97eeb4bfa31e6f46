import { describe, expect, it } from 'vitest'
import { absence, bars, box, fileType, mapLink, vcardPhones } from './media'

describe('bubbles', () => {
  it.each([[0, 0, 260, 164], [520, 328, 260, 164], [3000, 100, 260, 80], [100, 4000, 120, 300], [200, 150, 200, 150]])('a picture of %d × %d fits in %d × %d', (w, h, width, height) => expect(box(w, h)).toEqual({ width, height }))
  it.each([[100, 4000, 200, 300], [520, 328, 260, 164], [0, 0, 260, 164]])('with words a picture of %d × %d fits in %d × %d', (w, h, width, height) => expect(box(w, h, true)).toEqual({ width, height }))
  it.each([
    ['waiting', 'quota', 'media.waits.quota', true], ['waiting', 'disk', 'media.waits.disk', true], ['waiting', 'blocked', 'media.waits.blocked', true],
    ['failed', 'gone', 'media.lost.gone', true], ['failed', 'download', 'media.lost.download', true],
    ['failed', 'too_large', 'media.lost.too_large', false], ['failed', 'damaged', 'media.lost.damaged', false],
  ])('a file that is %s for %s says %s', (state, reason, key, mayAsk) => expect(absence({ state, reason })).toMatchObject({ key, mayAsk }))
  it.each([['a.PDF', '', 'PDF'], ['x', 'text/csv', 'CSV'], ['', 'application/vnd.x+json', 'VND'], ['', '', '']])('the file %s of %s is a %s', (name, mime, want) => expect(fileType(name, mime)).toBe(want))
  it('a wave keeps its loudest parts', () => expect(bars([0, 100, 0, 50], 2)).toEqual([1, 0.5]))
  it('a note without a wave gets an even one', () => expect(bars([], 3)).toEqual([0.3, 0.3, 0.3]))
  it('numbers of a card', () => expect(vcardPhones('BEGIN:VCARD\r\nTEL;type=CELL:+54 9 11\r\n  55\r\nitem1.TEL:+1 2\r\nEND:VCARD')).toEqual(['+54 9 11 55', '+1 2']))
  it('a place opens on a map', () => expect(mapLink(-34.6, -58.4)).toContain('mlat=-34.6&mlon=-58.4'))
})
