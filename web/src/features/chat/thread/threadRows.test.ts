import { describe, expect, it } from 'vitest'
import { toEntry } from '@/lib/desk/wire'
import { firstUnread, rows } from './threadRows'

const at = (minute: number, day = 24) => new Date(2026, 10, day, 10, minute).toISOString()
const message = (id: string, more: Record<string, unknown> = {}) => toEntry({ id, direction: 'in', author: 'contact', text: id, sentAt: at(0), ...more })
const event = (id: string, kind: string) => toEntry({ id, kind: 'event', event: kind, sentAt: at(0) })
const shape = (list: ReturnType<typeof rows>) => list.map((row) => (row.type === 'message' ? `${row.message.id}${row.first ? '^' : ''}${row.last ? '$' : ''}` : row.type))

describe('the lines of the pane', () => {
  it('group what one side writes within five minutes', () => {
    expect(shape(rows([message('a'), message('b', { sentAt: at(4) }), message('c', { sentAt: at(12) })]))).toEqual(['day', 'a^', 'b$', 'c^$'])
  })
  it('begin a group when the writer changes', () => {
    expect(shape(rows([message('a'), message('b', { direction: 'out', author: 'u1' }), message('c', { direction: 'out', author: 'u2' })]))).toEqual(['day', 'a^$', 'b^$', 'c^$'])
  })
  it('have a day between two days', () => expect(shape(rows([message('a', { sentAt: at(59, 23) }), message('b')]))).toEqual(['day', 'a^$', 'day', 'b^$']))
  it('have the divider before the first unread one, which begins a group', () => {
    const list = rows([message('a'), message('b'), message('c')], 'b', 2)
    expect(shape(list)).toEqual(['day', 'a^$', 'unread', 'b^', 'c$'])
    expect(list.find((row) => row.type === 'unread')).toMatchObject({ n: 2 })
  })
  it('fold the steps of a flow into one', () => expect(shape(rows([event('e1', 'flow'), event('e2', 'flow'), event('e3', 'closed')]))).toEqual(['day', 'steps', 'event']))
  it('tell notes and the bot from people', () => {
    const list = rows([message('n', { direction: 'out', kind: 'note', author: 'u' }), message('b', { direction: 'out', author: 'flow' })])
    expect(list.flatMap((row) => (row.type === 'message' ? row.side : []))).toEqual(['note', 'bot'])
  })
  it('keep the key of a bubble when the server confirms it', () => {
    expect(rows([message('local:k', { clientId: 'k' })])[1]?.key).toBe(rows([message('m1', { clientId: 'k' })])[1]?.key)
  })
})

describe('the first unread message', () => {
  const thread = [message('a'), message('b', { direction: 'out' }), message('c'), event('e', 'closed'), message('d')]
  it.each([[0, ''], [1, 'd'], [2, 'c'], [9, 'a']])('of %d is "%s"', (n, want) => expect(firstUnread(thread, n)).toBe(want))
  it('is nothing in an empty thread', () => expect(firstUnread([], 3)).toBe(''))
})
