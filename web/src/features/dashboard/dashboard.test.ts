import { expect, it } from 'vitest'
import { encode } from 'uqr'
import { toConversation } from '@/lib/wire'
import { qrPath } from './qr'
import { stats } from './stats'

it('the path of a QR covers exactly the dark squares', () => {
  const text = '2@abc,def,ghi,jkl'
  const { size, path } = qrPath(text)
  const drawn = new Set<string>()
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) for (let i = 0; i < Number(run); i++) drawn.add(`${Number(x) + i},${y}`)
  const want = new Set(encode(text, { ecc: 'L', border: 0 }).data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `${x},${y}` : []))))
  expect(size).toBeGreaterThan(20)
  expect(drawn).toEqual(want)
})

it('figures count those over the target and the longest wait', () => {
  const now = Date.parse('2026-11-24T10:00:00Z')
  const c = (status: string, waitingSince?: string) => toConversation({ id: status, status, waitingSince })
  const waiting = [c('waiting', '2026-11-24T09:40:00Z'), c('waiting', '2026-11-24T09:55:00Z')]
  expect(stats(waiting, [...waiting, c('open'), c('bot'), c('closed')], now, () => 15)).toEqual({ late: 1, longest: 20, withPeople: 1, withBot: 1 })
  expect(stats(waiting, [], now, () => 0).late).toBe(0) // no limit
  expect(stats([], [], now, () => 15).longest).toBe(0)
})
