import { describe, expect, it } from 'vitest'
import { meet } from '@/lib/desk/people'
import { after, colleaguesIn, meetViewers } from './viewers'

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

describe('colleagues', () => {
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
