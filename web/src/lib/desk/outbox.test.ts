import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { restore } from '@/lib/session'
import { pending, send, startOutbox } from './outbox'
import type { Outgoing, Pending } from './outboxQueue'

const draft = (text: string, conversation = 'c1'): Outgoing => ({ conversation, text, note: false, quote: null, seenCursor: '7' })

describe('what is kept in the browser', () => {
  const key = (clientId: string, user = 'ana') => `mostrador.outbox.${user}.${clientId}`
  const kept = (clientId: string, more: Partial<Pending> = {}): Pending => ({ ...draft(clientId), clientId, at: '2026-11-24T10:00:00Z', state: 'failed', reason: '', arrived: 0, waited: false, ...more })
  const put = (one: Pending, user?: string) => localStorage.setItem(key(one.clientId, user), JSON.stringify(one))
  const texts = () => pending.value.map((one) => one.text)
  let stop = () => {}

  beforeEach(async () => {
    localStorage.clear()
    vi.stubGlobal('fetch', vi.fn(async (path: string) => (path.endsWith('/me') ? new Response('{"id":"ana"}') : new Response('{}', { status: 503 }))))
    await restore()
  })
  afterEach(() => {
    stop()
    vi.unstubAllGlobals()
  })

  it('is taken up by whoever wrote it, oldest first', () => {
    put(kept('later', { at: '2026-11-24T11:00:00Z' }))
    put(kept('first'))
    put(kept('of another'), 'bea')
    stop = startOutbox()
    expect(texts()).toEqual(['first', 'later'])
  })

  it('stays when another tab keeps its own', () => {
    stop = startOutbox()
    put(kept('of the other tab'))
    const { clientId } = send(draft('mine'))
    stop()
    stop = startOutbox()
    expect(texts().sort()).toEqual(['mine', 'of the other tab'])
    expect(localStorage.getItem(key(clientId))).toContain('mine')
  })

  it('is dropped when another tab delivered it', () => {
    put(kept('one'))
    put(kept('two'))
    stop = startOutbox()
    localStorage.removeItem(key('one'))
    window.dispatchEvent(new StorageEvent('storage', { key: key('one'), newValue: null }))
    expect(texts()).toEqual(['two'])
  })

  it('is found where earlier versions kept it, and moved', () => {
    localStorage.setItem('mostrador.outbox.ana', JSON.stringify([kept('old')]))
    stop = startOutbox()
    expect(texts()).toEqual(['old'])
    expect([localStorage.getItem('mostrador.outbox.ana'), localStorage.getItem(key('old'))]).toEqual([null, JSON.stringify(kept('old'))])
  })

  it('is out of memory, but not lost, when the person leaves', () => {
    put(kept('one'))
    startOutbox()()
    expect([texts(), localStorage.getItem(key('one'))]).toEqual([[], JSON.stringify(kept('one'))])
  })

  it('waits thirty seconds for an answer, and longer for a file', async () => {
    const limit = vi.spyOn(AbortSignal, 'timeout')
    stop = startOutbox()
    send(draft('short', 'c8'))
    send({ ...draft('long', 'c9'), file: new File([new Uint8Array(500_000)], 'a.pdf') })
    await vi.waitFor(() => expect(limit.mock.calls).toEqual([[30_000], [35_000]]))
  })
})
