import { beforeEach, describe, expect, it, vi } from 'vitest'
import { arrange, belongs, clearConversations, conversations, cuts, foresee, loadView, ready, upsert } from './conversations'
import { toConversation } from './wire'

const c = (id: string, more: Record<string, unknown> = {}) => toConversation({ id, status: 'open', lastMessageAt: `2026-11-24T10:0${id}:00.000Z`, ...more })
const all = { floor: '', next: '' }
beforeEach(clearConversations)

describe('views', () => {
  it.each([
    ['mine', { assignee: 'me' }, true], ['mine', { assignee: 'other' }, false], ['mine', { assignee: 'me', status: 'closed' }, false],
    ['waiting', { status: 'waiting' }, true], ['waiting', { status: 'open' }, false], ['all', { status: 'closed' }, true],
  ] as const)('%s with %j: %s', (view, more, want) => expect(belongs(c('1', more), view, 'me')).toBe(want))

  it('are ordered by the last message', () => expect(arrange([c('1'), c('3'), c('2')], 'all', 'me', all).map((x) => x.id)).toEqual(['3', '2', '1']))
  it('or by the longest wait, those who do not wait last', () => {
    const list = [c('1'), c('2', { waitingSince: '2026-11-24T10:00:00Z' }), c('3', { waitingSince: '2026-11-24T09:00:00Z' })]
    expect(arrange(list, 'all', 'me', all, 'wait').map((x) => x.id)).toEqual(['3', '2', '1'])
  })
  it('show by wait only who waits as long as is loaded completely, and the rest after all who wait', () => {
    const [a, b] = ['2026-11-24T09:00:00.000Z', '2026-11-24T10:00:00.000Z']
    const list = [c('1'), c('2', { waitingSince: b }), c('3', { waitingSince: a }), c('4')]
    const by = (wait: typeof all, cut = all) => arrange(list, 'all', 'me', cut, 'wait', wait).map((x) => x.id)
    expect(by({ floor: a, next: 'more' })).toEqual(['3'])
    expect(by({ floor: b, next: '' })).toEqual(['3', '2', '4', '1'])
    expect(by({ floor: b, next: '' }, { floor: c('4').lastMessageAt, next: 'more' })).toEqual(['3', '2', '4'])
  })
  it('show nothing below what is loaded completely', () => {
    const list = arrange([c('1'), c('2'), c('3')], 'all', 'me', { floor: c('2').lastMessageAt, next: 'more' })
    expect(list.map((x) => x.id)).toEqual(['3', '2'])
  })
})

it('an older version never replaces a newer one', () => {
  upsert({ id: 'a', cursor: '10', unread: 3 })
  upsert({ id: 'a', cursor: '9', unread: 1 })
  expect(conversations.get('a')?.unread).toBe(3)
})

it('a guess is taken back, unless the server has spoken since', () => {
  upsert({ id: 'a', cursor: '1', status: 'waiting' })
  const back = foresee('a', { status: 'open' })
  expect(conversations.get('a')?.status).toBe('open')
  back()
  expect(conversations.get('a')?.status).toBe('waiting')
  const late = foresee('a', { status: 'open' })
  upsert({ id: 'a', cursor: '2', status: 'closed' })
  late()
  expect(conversations.get('a')?.status).toBe('closed')
})

it('a page of the list that was asked for before everything was forgotten is no part of what comes after', async () => {
  vi.stubGlobal('fetch', async () => {
    clearConversations()
    return new Response(JSON.stringify({ items: [{ id: 'a', status: 'open' }], next: 'more' }))
  })
  await loadView('all')
  vi.unstubAllGlobals()
  expect([conversations.size, cuts.all.next, ready.all]).toEqual([0, '', false])
})
