import { describe, expect, it } from 'vitest'
import { newer, toArea, toConversation, toEntry, toLineStatus, toMe, toMessage, toPage } from './wire'

describe('a conversation', () => {
  it('is complete whatever the server leaves away', () => {
    expect(toConversation({ id: 'a' })).toEqual({
      id: 'a', status: 'open', area: '', assignee: null, contact: { id: '', name: '', phone: '' }, line: '', unread: 0, lastMessage: null,
      lastMessageAt: '', waitingSince: '', snoozedUntil: '', tags: [], cursor: '',
    })
  })
  it('takes ids as text or as objects', () => {
    const c = toConversation({ id: 'a', area: { id: 'x' }, assignee: { id: 'u', name: 'Ana' }, cursor: 12 })
    expect([c.area, c.assignee, c.cursor]).toEqual(['x', { id: 'u', name: 'Ana' }, '12'])
  })
  it('survives nonsense', () => {
    for (const raw of [null, 7, 'x', [], { lastMessage: [], contact: 'k', tags: 'no' }]) expect(() => toConversation(raw)).not.toThrow()
  })
})

describe('a message', () => {
  it('reads media with a base64 wave', () => expect(toMessage({ id: 'm', media: { id: 'f', mime: 'audio/ogg', wave: btoa(String.fromCharCode(1, 100)) } }).media?.wave).toEqual([1, 100]))
  it('counts votes by option', () => {
    const poll = toMessage({ id: 'm', kind: 'poll', poll: { question: 'q', options: ['a', 'b'] }, votes: [{ author: 'contact', options: ['a'] }, { author: 'x', options: ['a', 'b'] }] }).poll
    expect(poll?.votes).toEqual({ a: 2, b: 1 })
  })
  it('knows notes, edits and revokes by their marks', () => {
    const m = toMessage({ id: 'm', kind: 'note', editedAt: '2026-01-01', revokedAt: '2026-01-02' })
    expect([m.note, m.edited, m.revoked]).toEqual([true, true, true])
  })
  it('tells a quote that only the customer vouches for', () => {
    expect(toMessage({ id: 'm', quote: { text: 'x', author: 'contact', claimed: true } }).quote?.claimed).toBe(true)
    expect(toMessage({ id: 'm', quote: { id: 'q', text: 'x', author: 'u' } }).quote?.claimed).toBe(false)
  })
  it('has no place without a location', () => {
    expect(toMessage({ id: 'm' }).place).toBeNull()
    expect(toMessage({ id: 'm', location: { lat: 0, lng: 0 } }).place).toEqual({ lat: 0, lng: 0, name: '', address: '' })
  })
  it('is told apart from an event', () => expect(toEntry({ id: 'e', kind: 'event', event: 'closed' })).toMatchObject({ event: 'closed' }))
})

it.each([
  ['10', '9', true], ['9', '10', false], ['9', '', true], ['9', '9', false], ['0mf1', '0mf0', true], ['99999999999999999999', '99999999999999999998', true],
])('cursor %s is newer than "%s": %s', (a, b, want) => expect(newer(a, b)).toBe(want))

it('a state this page does not know is shown as stopped', () => expect(toLineStatus({ state: 'new-state' }).state).toBe('stopped'))
it('an area has one of ten colours', () => expect([toArea({ color: 0 }).color, toArea({ color: 44 }).color, toArea({ color: 3 }).color]).toEqual([1, 10, 3]))
it('a user without a name goes by the user name', () => expect(toMe({ id: 'u', username: 'ana' }).name).toBe('ana'))
it('a page is read item by item', () => expect(toPage({ items: [1, 2], next: 5 }, (n) => (n as number) * 2)).toEqual({ items: [2, 4], next: '5' }))
