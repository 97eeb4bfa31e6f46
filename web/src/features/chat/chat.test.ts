import { describe, expect, it } from 'vitest'
import { toConversation, toEntry, toMe } from '@/lib/desk/wire'
import type { EventLine } from '@/lib/types'
import { sends, tooBig } from './composer'
import { sentence } from './events'
import { matcher } from './list'
import { after } from './presence'
import { reactionCounts } from './reactions'
import { may } from './rights'
import { steps } from './steps'
import { readTyping } from './typing'
import { absence, bars, box, fileType, linkParts, mapLink, vcardPhones } from './bubbles/media'

describe('Enter', () => {
  const key = { key: 'Enter', shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, isComposing: false, keyCode: 13 }
  it.each([
    ['sends', {}, true], ['with Shift breaks the line', { shiftKey: true }, false], ['of an input method does not send', { isComposing: true }, false],
    ['of an older input method does not send', { keyCode: 229 }, false], ['is not another key', { key: 'a' }, false],
  ])('%s', (_, more, want) => expect(sends({ ...key, ...more })).toBe(want))
})

it('a file over the limit is refused before the upload', () => {
  const file = (size: number) => ({ size }) as File
  expect([tooBig(file(64 * 1024 * 1024)), tooBig(file(64 * 1024 * 1024 + 1))]).toEqual([false, true])
})

describe('who may do what', () => {
  const admin = toMe({ id: 'a', role: 'ADMIN' })
  const supervisor = toMe({ id: 's', role: 'SUPERVISOR', areas: [{ id: 'x' }] })
  const operator = toMe({ id: 'o', role: 'OPERATOR', areas: [{ id: 'x' }] })
  const c = (more: Record<string, unknown>) => toConversation({ id: 'c', status: 'open', area: 'x', ...more })
  it('an operator writes only in their own', () => {
    expect([may(c({ assignee: 'o' }), operator).write, may(c({ assignee: 'z' }), operator).write, may(c({ status: 'waiting' }), operator).write]).toEqual([true, false, false])
  })
  it('an operator takes what nobody has', () => expect([may(c({ status: 'waiting' }), operator).claim, may(c({ assignee: 'z' }), operator).claim]).toEqual([true, false]))
  it('a supervisor answers in own areas only', () => expect([may(c({ assignee: 'z' }), supervisor).write, may(c({ assignee: 'z', area: 'y' }), supervisor).write]).toEqual([true, false]))
  it('nobody writes in a closed one, an admin reopens it', () => expect(may(c({ status: 'closed' }), admin)).toMatchObject({ write: false, close: false, reopen: true, bot: false }))
  it('the bot gets it from whoever may answer', () => expect([may(c({ assignee: 'o' }), operator).bot, may(c({ assignee: 'z' }), operator).bot, may(c({ assignee: 'z' }), supervisor).bot]).toEqual([true, false, true]))
})

it('the steps of a flow tell what was chosen, not every node passed', () => {
  const visits = [{ node: 'menu', what: 'missed' }, { node: 'menu', what: 'left', port: 'sales' }, { node: 'sales', what: 'entered' }, { node: 'sales', what: 'handed_over' }, { node: 'end', what: 'entered' }]
  const event = toEntry({ id: 'e', kind: 'event', event: 'flow', data: { visits } }) as EventLine
  expect(steps([event, toEntry({ id: 'f', kind: 'event', event: 'flow' }) as EventLine]).map((s) => `${s.node} ${s.what} ${s.port}`.trim())).toEqual(['menu missed', 'menu left sales', 'sales handed_over', 'end entered'])
})

it('steps are called what the flow called them', () => {
  const visits = [{ node: 'm1', what: 'left', port: 'o1' }, { node: 'm1', what: 'left', port: 'else' }]
  const event = toEntry({ id: 'e', kind: 'event', event: 'flow', data: { visits, labels: { m1: 'Menú', 'm1/o1': 'Ventas' } } }) as EventLine
  expect(steps([event]).map((s) => `${s.node} ${s.port}`)).toEqual(['Menú Ventas', 'Menú else'])
})

describe('events', () => {
  const known = ['event.assigned.self', 'event.assigned.auto_user', 'event.assigned.user', 'event.transferred.area', 'event.closed.auto', 'event.closed.plain', 'event.handover.area', 'event.handover.plain', 'event.rated.score', 'event.rated.plain', 'event.flow_started.plain', 'why.silence']
  const words = { t: (key: string, v: Record<string, string> = {}) => `${key}:${Object.values(v).filter(Boolean).join(',')}`, te: (key: string) => known.includes(key), who: (id: string) => id.toUpperCase(), area: (id: string) => (id === 'x' ? 'Ventas' : '') }
  const say = (event: string, author: string, data = {}) => sentence(toEntry({ id: 'e', kind: 'event', event, author, data }) as EventLine, words)
  it.each([
    ['assigned', 'u', { user: 'u' }, 'event.assigned.self:U,U'], ['assigned', 'system', { user: 'u' }, 'event.assigned.auto_user:SYSTEM,U'], ['assigned', 'b', { user: 'u' }, 'event.assigned.user:B,U'],
    ['transferred', 'u', { area: 'x' }, 'event.transferred.area:U,Ventas'], ['closed', 'system', {}, 'event.closed.auto:SYSTEM'],
    ['handover', 'flow', { area: 'x', reason: 'silence' }, 'event.handover.area:FLOW,Ventas (why.silence:)'], ['handover', 'flow', {}, 'event.handover.plain:FLOW'],
    ['rated', 'contact', { score: 4, of: 5, comment: 'bien' }, 'event.rated.score:CONTACT,bien,4,5 «bien»'], ['rated', 'contact', { of: 5, comment: 'bien' }, 'event.rated.plain:CONTACT,bien,5 «bien»'],
    ['flow_started', 'u', { flow: 'f', name: 'Pedido' }, 'event.flow_started.plain:U,Pedido'],
    ['invented', 'u', {}, 'event.other:invented'],
  ])('%s by %s with %j', (event, author, data, want) => expect(say(event, author, data)).toBe(want))
})

it('reactions are counted in the order of the first', () => expect(reactionCounts([{ emoji: '❤️' }, { emoji: '🙏' }, { emoji: '❤️' }, { emoji: '' }])).toEqual([{ emoji: '❤️', n: 2 }, { emoji: '🙏', n: 1 }]))

describe('colleagues', () => {
  const ana = { id: 'a', name: 'Ana' }
  it('come, write, rest and go', () => {
    const here = after([], ana, 'view', true, 0)
    const writing = after(here, ana, 'type', true, 1000)
    expect(writing).toMatchObject([{ id: 'a', typing: 13_000 }])
    expect(after(writing, ana, 'type', false, 2000)).toMatchObject([{ typing: 0 }])
    expect(after(writing, ana, 'view', false, 2000)).toEqual([])
  })
  it('who vanished is forgotten', () => expect(after(after([], ana, 'view', true, 0), { id: 'b', name: 'B' }, 'view', true, 999_999)).toMatchObject([{ id: 'b' }]))
  it('the end of a typing nobody saw is nobody', () => expect(after([], ana, 'type', false, 0)).toEqual([]))
})

it.each([
  [{ conversation: 'c', state: 'composing' }, { conversation: 'c', on: true, customer: true }], [{ conversation: 'c', state: 'recording' }, { conversation: 'c', on: true, customer: true }],
  [{ conversation: 'c', state: 'paused' }, { conversation: 'c', on: false, customer: true }], [{ conversation: 'c', user: 'u', on: true }, { conversation: 'c', on: true, customer: false }],
])('typing %j', (data, want) => expect(readTyping(data)).toEqual(want))

it('a search finds every word, accents or not', () => {
  const c = toConversation({ id: 'c', contact: { name: 'Begoña Núñez', phone: '+5491155550142' }, lastMessage: { kind: 'text', text: 'mañana' } })
  expect(['begona MANANA', '5550142', 'begona otra'].map((query) => matcher(query)(c))).toEqual([true, true, false])
})

describe('bubbles', () => {
  it.each([[0, 0, 260, 164], [520, 328, 260, 164], [3000, 100, 260, 80], [100, 4000, 120, 300], [200, 150, 200, 150]])('a picture of %d × %d fits in %d × %d', (w, h, width, height) => expect(box(w, h)).toEqual({ width, height }))
  it.each([
    ['waiting', 'quota', 'media.waits.quota', true], ['waiting', 'disk', 'media.waits.disk', true], ['waiting', 'blocked', 'media.waits.blocked', true],
    ['failed', 'gone', 'media.lost.gone', true], ['failed', 'download', 'media.lost.download', true],
    ['failed', 'too_large', 'media.lost.too_large', false], ['failed', 'damaged', 'media.lost.damaged', false],
  ])('a file that is %s for %s says %s', (state, reason, key, mayAsk) => expect(absence({ state, reason })).toMatchObject({ key, mayAsk }))
  it.each([['a.PDF', '', 'PDF'], ['x', 'text/csv', 'CSV'], ['', 'application/vnd.x+json', 'VND'], ['', '', '']])('the file %s of %s is a %s', (name, mime, want) => expect(fileType(name, mime)).toBe(want))
  it('a wave keeps its loudest parts', () => expect(bars([0, 100, 0, 50], 2)).toEqual([1, 0.5]))
  it('a note without a wave gets an even one', () => expect(bars([], 3)).toEqual([0.3, 0.3, 0.3]))
  it('numbers of a card', () => expect(vcardPhones('BEGIN:VCARD\r\nTEL;type=CELL:+54 9 11\r\n  55\r\nitem1.TEL:+1 2\r\nEND:VCARD')).toEqual(['+54 9 11 55', '+1 2']))
  it('links are found, and only those of the web', () => {
    expect(linkParts('mira https://a.com/x?y=1. Fin').map((p) => p.href)).toEqual(['', 'https://a.com/x?y=1', ''])
    expect(linkParts('javascript:alert(1) ftp://x').map((p) => p.href)).toEqual([''])
    expect(linkParts('')).toEqual([{ text: '', href: '' }])
  })
  it('a place opens on a map', () => expect(mapLink(-34.6, -58.4)).toContain('mlat=-34.6&mlon=-58.4'))
})
