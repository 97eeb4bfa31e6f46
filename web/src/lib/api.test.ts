import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, call, get, onApi, post } from './api'

const answers = (run: (init: RequestInit) => Promise<Response> | Response) => vi.stubGlobal('fetch', vi.fn(async (_: string, init: RequestInit) => run(init)))
const status = (run: Promise<unknown>) => run.then(() => 'answered', (error: unknown) => (error instanceof ApiError ? error.status : (error as Error).name))

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  onApi({ user: () => '', changed: () => false, replaced: () => {} })
})

describe('an answer', () => {
  it.each([
    ['JSON', new Response('{"id":"m"}'), 'answered'], ['nothing, and says so', new Response(null, { status: 204 }), 'answered'],
    ['a page of the Wi-Fi', new Response('<html>Sign in</html>'), 0], ['nothing', new Response(''), 0], ['a refusal without JSON', new Response('<html>', { status: 502 }), 502],
  ])('that is %s', async (_, response, want) => {
    answers(() => response)
    expect(await status(post('/api/x'))).toBe(want)
  })

  it('that is cut in the middle is none', async () => {
    const body = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"items":['))
        stream.error(new TypeError('network error'))
      },
    })
    answers(() => new Response(body))
    expect(await status(get('/api/x'))).toBe(0)
  })

  it('that does not come in time is out of reach, also for who would stop it', async () => {
    const limits: AbortController[] = []
    const limit = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => limits[limits.push(new AbortController()) - 1]!.signal)
    answers(({ signal }) => new Promise((_, fail) => signal?.addEventListener('abort', () => fail(signal.reason as Error))))
    const all = [get('/api/x'), get('/api/x', {}, new AbortController().signal), call('POST', '/api/x', { patience: 99 })].map(status)
    limits.forEach((one) => one.abort(new DOMException('', 'TimeoutError')))
    expect(await Promise.all(all)).toEqual([0, 0, 0])
    expect(limit.mock.calls).toEqual([[30_000], [30_000], [99]])
  })

  it('that nobody waits for any more is told apart', async () => {
    const stop = new AbortController()
    answers(({ signal }) => new Promise((_, fail) => signal?.addEventListener('abort', () => fail(signal.reason as Error))))
    const asked = status(get('/api/x', {}, stop.signal))
    stop.abort()
    expect(await asked).toBe('AbortError')
  })
})

describe('another person', () => {
  it('gets no answer that the one before had asked for', async () => {
    let user = 'ana'
    onApi({ user: () => user })
    answers(() => {
      user = 'bea'
      return new Response('{}')
    })
    expect(await status(get('/api/x'))).toBe(0)
  })

  it('is nobody in whose name this page asks', async () => {
    onApi({ changed: () => true })
    answers(() => new Response('{}'))
    expect(await status(post('/api/x'))).toBe(401)
    expect(fetch).not.toHaveBeenCalled()
  })
})

it('says for whom it asks, and hears that the cookie is somebody else\'s', async () => {
  const replaced = vi.fn()
  onApi({ user: () => 'ana', replaced })
  answers(({ headers }) => new Response('{}', { status: new Headers(headers).get('X-User') === 'ana' ? 412 : 200 }))
  expect(await status(post('/api/x'))).toBe(401) // it waits, as for a login
  expect(replaced).toHaveBeenCalledOnce()
})
