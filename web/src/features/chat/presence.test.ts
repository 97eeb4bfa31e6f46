import { expect, it } from 'vitest'
import { meet } from '@/lib/desk/people'
import { after, colleaguesIn, meetViewers } from './presence'

const ana = { id: 'a', name: 'Ana' }
const bea = { id: 'b', name: 'Bea' }

it('who was there before is met', () => {
  meet(bea)
  meetViewers('c', { viewers: [{ user: 'a', name: 'Ana', typing: true }, { user: 'b', typing: false }, {}] }, 0)
  expect(colleaguesIn('c', 1000)).toEqual([{ ...ana, typing: true }, { ...bea, typing: false }])
  meetViewers('c', false, 1000) // told nothing, and nobody is forgotten
  expect(colleaguesIn('c', 20_000)).toEqual([{ ...ana, typing: false }, { ...bea, typing: false }]) // it never heard that Ana stopped
  expect(colleaguesIn('c', 150_000)).toEqual([])
})

it('who stops writing is still there', () => {
  const writing = after([], ana, 'type', true, 0)
  const stopped = after(writing, ana, 'type', false, 5000)
  expect(stopped).toMatchObject([{ id: 'a', typing: 0 }])
  expect(stopped[0]!.until).toBeGreaterThan(100_000)
})
