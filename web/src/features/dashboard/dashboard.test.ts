import { afterEach, expect, it, vi } from 'vitest'
import { encode } from 'uqr'
import { clearConversations, conversations } from '@/lib/desk/conversations'
import { toConversation } from '@/lib/desk/wire'
import { qrPath } from './qr'
import { loadLive, partial, stats, waiting } from './stats'
import { toWarnings } from './warnings'

it('the path of a QR covers exactly the dark squares', () => {
  const text = '2@abc,def,ghi,jkl'
  const { size, path } = qrPath(text)
  const drawn = new Set<string>()
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) for (let i = 0; i < Number(run); i++) drawn.add(`${Number(x) + i},${y}`)
  const want = new Set(encode(text, { ecc: 'L', border: 0 }).data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `${x},${y}` : []))))
  expect(size).toBeGreaterThan(20)
  expect(drawn).toEqual(want)
})

it('warnings are what the server says, and nothing without a sentence', () => {
  expect(toWarnings({ items: [{ code: 'disk_fills', message: 'Full.' }, { code: 'x' }, null] })).toEqual([{ code: 'disk_fills', message: 'Full.' }])
  for (const broken of [undefined, null, {}, { items: 'x' }]) expect(toWarnings(broken)).toEqual([])
})

const at = (status: string, waitingSince?: string, id = status) => toConversation({ id, status, waitingSince, lastMessageAt: '2026-11-24T09:00:00Z' })

it('figures count those over the target and the longest wait', () => {
  const now = Date.parse('2026-11-24T10:00:00Z')
  const list = [at('waiting', '2026-11-24T09:40:00Z'), at('waiting', '2026-11-24T09:55:00Z'), at('open'), at('bot'), at('closed')]
  expect(stats(list, now, () => 15)).toEqual({ waiting: 2, late: 1, longest: 20, withPeople: 1, withBot: 1 })
  expect(stats(list, now, () => 0).late).toBe(0) // no limit
  expect(stats([], now, () => 15).longest).toBe(0)
})

it('a customer whom somebody has and nobody answers waits like any other', () => {
  const now = Date.parse('2026-11-24T10:00:00Z')
  const list = [at('waiting', '2026-11-24T09:55:00Z'), at('open', '2026-11-24T08:00:00Z'), at('bot', '2026-11-24T07:00:00Z'), at('closed', '2026-11-24T07:00:00Z')]
  expect(stats(list, now, () => 15)).toMatchObject({ waiting: 2, late: 1, longest: 120 })
  expect(waiting(list).map((c) => c.id)).toEqual(['open', 'waiting'])
})

it('who waits in line without a question comes last', () =>
  expect(waiting([at('waiting', undefined, 'back'), at('open'), at('open', '2026-11-24T09:55:00Z', 'asks')]).map((c) => c.id)).toEqual(['asks', 'back']))

afterEach(() => {
  vi.unstubAllGlobals()
  clearConversations()
})

it('those who wait longest are read, however far down the list they are', async () => {
  const asked: string[] = []
  vi.stubGlobal('fetch', (address: string) => {
    const query = new URL(address, 'http://desk').searchParams
    asked.push(`${query.get('status')} ${query.get('before') ?? ''}`.trim())
    const body = query.get('before') ? { items: [{ id: 'old', status: 'open', waitingSince: '2026-11-24T08:00:00Z' }], next: '' } : { items: [{ id: 'new', status: 'open' }], next: 'k', cursor: '7' }
    return Promise.resolve(new Response(JSON.stringify(body)))
  })
  await loadLive()
  expect(asked).toEqual(['open,waiting', 'open,waiting k'])
  expect(waiting(conversations.values()).map((c) => c.id)).toEqual(['old'])
  expect(partial.value).toBe(false)
})

it('a desk with more than can be read says so', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify({ items: [], next: 'k' }))))
  await loadLive()
  expect(partial.value).toBe(true)
})
