import { describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { restore } from '@/lib/session'
import { toEntry } from '@/lib/desk/wire'
import { lastPos, loadNewest, place, thread } from './threadStore'

const m = (id: string, pos: number, cursor = pos, more: Record<string, unknown> = {}) => toEntry({ id, pos: String(pos), cursor: String(cursor), ...more })
const ids = (list: { id: string }[]) => list.map((entry) => entry.id)

describe('a thread', () => {
  it('is ordered by place, whatever the phones’ clocks say', () => {
    const list = place([], [m('b', 20, 20, { sentAt: '2020-01-01' }), m('a', 3, 3, { sentAt: '2030-01-01' }), m('c', 100)])
    expect(ids(list)).toEqual(['a', 'b', 'c'])
  })
  it('renews a message in its place', () => {
    const list = place([m('a', 1), m('b', 2)], [m('a', 1, 9, { state: 'read' })])
    expect(list[0]).toMatchObject({ id: 'a', state: 'read' })
    expect(ids(list)).toEqual(['a', 'b'])
  })
  it('does not go back to an older version', () => {
    const list = place([m('a', 1, 9, { state: 'read' })], [m('a', 1, 2, { state: 'sent' })])
    expect(list[0]).toMatchObject({ state: 'read' })
  })
  it('keeps the client id that the echo left away', () => {
    const list = place([m('a', 1, 1, { clientId: 'k' })], [m('a', 1, 2)])
    expect(list[0]).toMatchObject({ clientId: 'k' })
  })
  it('knows the place of its end', () => expect(lastPos([m('a', 9, 300), m('b', 10)])).toBe('10'))
})

it('what one person has read is not kept for the next', async () => {
  let user = 'ana'
  vi.stubGlobal('fetch', async (path: string) => new Response(JSON.stringify(path.endsWith('/me') ? { id: user } : { items: [{ id: 'a' }] })))
  await restore()
  await loadNewest('c1')
  expect(thread('c1').value.state).toBe('ready')
  user = 'bea'
  await restore()
  await nextTick()
  vi.unstubAllGlobals()
  expect(thread('c1').value).toMatchObject({ state: 'loading', entries: [] })
})
