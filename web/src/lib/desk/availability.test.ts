import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { restore } from '@/lib/session'
import { toasts } from '@/lib/toasts'
import { availabilityOf, away, beAway, clearAvailability, heardAvailability, loadOwn, reading } from './availability'

const answer = vi.fn<(method: string) => unknown>()
const reply = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })
const me = (availability: string) => ({ id: 'me', name: 'Ana', availability })

beforeEach(async () => {
  vi.stubGlobal('fetch', (_: string, { method }: { method: string }) => Promise.resolve(answer(method)))
  clearAvailability()
  toasts.value = []
  answer.mockReturnValue(reply(me('available')))
  await restore()
})
afterEach(() => vi.unstubAllGlobals())

describe('what is known of colleagues', () => {
  it('comes with their names, else they are offline', () => {
    const take = reading()
    take({ id: 'bea', availability: 'away' })
    take({ id: 'eva', availability: 'sleeping' })
    expect(['bea', 'eva', 'max'].map(availabilityOf)).toEqual(['away', 'offline', 'offline'])
  })

  it('follows events, about one or about many', () => {
    heardAvailability({ user: 'bea', availability: 'available' })
    expect(availabilityOf('bea')).toBe('available')
    heardAvailability({ people: [{ user: 'bea', availability: 'offline' }, { user: 'eva', availability: 'away' }] })
    expect(['bea', 'eva'].map(availabilityOf)).toEqual(['offline', 'away'])
  })

  it('is not changed by who looks at a conversation', () => {
    heardAvailability({ user: 'bea', availability: 'available' })
    heardAvailability({ user: 'bea', conversation: 'c', name: 'Bea', on: true })
    expect(availabilityOf('bea')).toBe('available')
  })

  it('stays when an answer arrives that is older than an event', () => {
    const take = reading()
    heardAvailability({ user: 'bea', availability: 'available' })
    take({ id: 'bea', availability: 'offline' })
    expect(availabilityOf('bea')).toBe('available')
    reading()({ id: 'bea', availability: 'offline' })
    expect(availabilityOf('bea')).toBe('offline')
  })

  it('does not hear what the person before had asked for', () => {
    const take = reading()
    clearAvailability()
    take({ id: 'bea', availability: 'available' })
    expect(availabilityOf('bea')).toBe('offline')
  })
})

describe('my own switch', () => {
  it.each([['available', false], ['offline', false], ['away', true]])('%s when the page opens: away is %s', async (state, want) => {
    answer.mockReturnValue(reply(me(state)))
    await restore()
    expect(away.value).toBe(want)
  })

  it('shows at once and stays when the server agrees', async () => {
    answer.mockReturnValue(reply({ availability: 'away' }))
    const done = beAway(true)
    expect(away.value).toBe(true)
    await done
    expect(away.value).toBe(true)
    expect(toasts.value).toEqual([])
  })

  it('is taken back with a word when the server refuses', async () => {
    answer.mockReturnValue(reply({ message: 'Ahora no.' }, 503))
    await beAway(true)
    expect(away.value).toBe(false)
    expect(toasts.value.map((one) => [one.text, one.tone])).toEqual([['Ahora no.', 'error']])
  })

  it('does not flicker when it is thrown twice quickly', async () => {
    answer.mockImplementation(() => reply({}))
    const both = [beAway(true), beAway(false)]
    heardAvailability({ user: 'me', availability: 'away' }) // the echo of the first
    expect(away.value).toBe(false)
    await Promise.all(both)
    heardAvailability({ user: 'me', availability: 'away' }) // another browser of mine
    expect(away.value).toBe(true)
  })

  it('is read again after a gap', async () => {
    heardAvailability({ user: 'me', availability: 'away' })
    answer.mockReturnValue(reply(me('available')))
    await loadOwn()
    expect(away.value).toBe(false)
  })
})
