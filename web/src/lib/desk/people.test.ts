import { afterEach, expect, it, vi } from 'vitest'
import { areaOf, areas, loadAreas, targetOf } from './people'

const own = { id: 'x', name: 'Ventas', color: 7, order: 2, active: true, targetMinutes: 5 }
const names = [{ id: 'y', name: 'Envíos', color: 3 }, { id: 'x', name: 'Ventas', color: 7 }]
const serve = (answers: Record<string, unknown>) =>
  vi.stubGlobal('fetch', (address: string) => {
    const body = answers[address.split('?')[0]!]
    return Promise.resolve(new Response(JSON.stringify(body ?? {}), { status: body ? 200 : 503 }))
  })

afterEach(() => vi.unstubAllGlobals())

it('an operator knows what other areas are called, and all about their own', async () => {
  serve({ '/api/areas': { items: [own] }, '/api/areas/names': { items: names } })
  await loadAreas()
  expect([...areas.values()].map((area) => [area.id, area.active])).toEqual([['y', true], ['x', true]])
  expect(areaOf('y')).toMatchObject({ name: 'Envíos', color: 3 })
  expect([targetOf('x'), targetOf('y')]).toEqual([5, 0])
})

it('without the names the own areas are still there', async () => {
  serve({ '/api/areas': { items: [own] } })
  await loadAreas()
  expect([...areas.keys()]).toEqual(['x'])
})
