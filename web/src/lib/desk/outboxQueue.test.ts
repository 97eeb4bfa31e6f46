import { describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/lib/api'
import { BACKOFF, createOutbox, type Deps, type Outgoing, type Pending } from './outboxQueue'

const draft = (text: string, conversation = 'c1'): Outgoing => ({ conversation, text, note: false, quote: null, seenCursor: '7' })
const settle = () => vi.waitFor(() => Promise.resolve())

function desk(answers: (unknown | ApiError)[] = []) {
  const posted: Pending[] = []
  const later: { run: () => void; ms: number }[] = []
  const delivered: string[] = []
  const saved = new Map<string, Pending>()
  let n = 0
  const deps: Deps = {
    post: vi.fn(async (one: Pending) => {
      posted.push(one)
      const answer = answers.shift() ?? { id: `m${posted.length}`, conversation: one.conversation, text: one.text }
      if (answer instanceof ApiError) throw answer
      return answer
    }),
    delivered: (message) => delivered.push(message.id),
    later: (run, ms) => later.push({ run, ms }),
    save: (one) => saved.set(one.clientId, one),
    forget: (clientId) => saved.delete(clientId),
    newId: () => `k${++n}`,
    now: () => '2026-11-24T10:00:00.000Z',
  }
  return { outbox: createOutbox(deps), posted, later, delivered, saved }
}

describe('the outbox', () => {
  it('sends one after the other, in order', async () => {
    const { outbox, posted, delivered } = desk()
    outbox.send(draft('one'))
    outbox.send(draft('two'))
    await vi.waitFor(() => expect(delivered).toEqual(['m1', 'm2']))
    expect(posted.map((p) => p.text)).toEqual(['one', 'two'])
    expect(outbox.all.value).toEqual([])
  })

  it('waits when the server is gone, and goes on in order with the same client ids', async () => {
    const { outbox, posted, later } = desk([new ApiError(0, '')])
    outbox.send(draft('one'))
    outbox.send(draft('two'))
    await vi.waitFor(() => expect(later.length).toBe(1))
    expect(outbox.all.value.map((p) => p.state)).toEqual(['queued', 'queued'])
    expect(later[0]!.ms).toBe(BACKOFF[0])
    later[0]!.run()
    await vi.waitFor(() => expect(outbox.all.value).toEqual([]))
    expect(posted.map((p) => p.clientId)).toEqual(['k1', 'k1', 'k2'])
  })

  it('waits longer each time, up to the last step', async () => {
    const { outbox, later } = desk(Array.from({ length: 7 }, () => new ApiError(503, '')))
    outbox.send(draft('one'))
    for (let i = 0; i < 6; i++) {
      await vi.waitFor(() => expect(later.length).toBe(i + 1))
      later[i]!.run()
    }
    await vi.waitFor(() => expect(later.map((l) => l.ms)).toEqual([1000, 2000, 5000, 10_000, 30_000, 30_000, 30_000]))
  })

  it('a full disk is said, not tried again for ever', async () => {
    const { outbox, later } = desk([new ApiError(507, 'The disk is full.')])
    outbox.send(draft('one'))
    await vi.waitFor(() => expect(outbox.all.value.map((p) => p.state)).toEqual(['failed']))
    expect(later).toEqual([])
  })

  it('a conversation in trouble does not hold up another', async () => {
    const { outbox, delivered } = desk([new ApiError(0, '')])
    outbox.send(draft('one', 'c1'))
    await settle()
    outbox.send(draft('two', 'c2'))
    await vi.waitFor(() => expect(delivered).toEqual(['m2']))
  })

  it('keeps a refused message with its reason, and lets the next one pass', async () => {
    const { outbox, delivered } = desk([new ApiError(403, 'not yours')])
    outbox.send(draft('one'))
    outbox.send(draft('two'))
    await vi.waitFor(() => expect(delivered).toEqual(['m2']))
    expect(outbox.all.value).toMatchObject([{ text: 'one', state: 'failed', reason: 'not yours' }])
  })

  it('holds everything when messages arrived meanwhile, until somebody decides', async () => {
    const { outbox, posted } = desk([new ApiError(409, '', { items: [{}, {}] })])
    const one = outbox.send(draft('one'))
    outbox.send(draft('two'))
    await vi.waitFor(() => expect(outbox.all.value[0]).toMatchObject({ state: 'conflict', arrived: 2 }))
    expect(posted.length).toBe(1)
    outbox.again(one.clientId)
    await vi.waitFor(() => expect(outbox.all.value).toEqual([]))
    expect(posted.map((p) => [p.text, p.seenCursor])).toEqual([['one', '7'], ['one', ''], ['two', '']])
  })

  it('goes on with what stood behind a message that was taken back', async () => {
    const { outbox, posted, saved } = desk([new ApiError(409, '', { items: [{}] })])
    const [first] = [outbox.send(draft('one')), outbox.send(draft('two'))]
    await vi.waitFor(() => expect(outbox.all.value[0]!.state).toBe('conflict'))
    outbox.drop(first.clientId)
    await vi.waitFor(() => expect(outbox.all.value).toEqual([]))
    expect([posted.map((p) => p.text), saved.size]).toEqual([['one', 'two'], 0])
  })

  it('what waited for the connection is not held up by the customer, but by a colleague', async () => {
    const behind = (author: string) => new ApiError(409, '', [{ author }] as unknown as Record<string, unknown>)
    const { outbox, posted, later } = desk([new ApiError(0, ''), behind('contact'), undefined, new ApiError(0, ''), behind('u2')])
    outbox.send(draft('one'))
    await vi.waitFor(() => expect(later.length).toBe(1))
    later[0]!.run()
    await vi.waitFor(() => expect(outbox.all.value).toEqual([]))
    expect(posted.map((p) => p.seenCursor)).toEqual(['7', '7', ''])
    outbox.send(draft('two'))
    await vi.waitFor(() => expect(later.length).toBe(2))
    later[1]!.run()
    await vi.waitFor(() => expect(outbox.all.value[0]).toMatchObject({ text: 'two', state: 'conflict' }))
  })

  it('all that waited for the connection goes on, also what was written behind it', async () => {
    const behind = () => new ApiError(409, '', [{ author: 'contact' }] as unknown as Record<string, unknown>)
    const { outbox, posted, later } = desk([new ApiError(0, ''), behind(), undefined, behind(), undefined, behind()])
    outbox.send(draft('one'))
    outbox.send(draft('two'))
    await vi.waitFor(() => expect(later.length).toBe(1))
    outbox.send(draft('three'))
    later[0]!.run()
    await vi.waitFor(() => expect(outbox.all.value).toEqual([]))
    expect(posted.map((p) => p.text)).toEqual(['one', 'one', 'one', 'two', 'two', 'three', 'three'])
  })

  it('a conflict without a list is a refusal', async () => {
    const { outbox } = desk([new ApiError(409, 'closed')])
    outbox.send(draft('one'))
    await vi.waitFor(() => expect(outbox.all.value[0]).toMatchObject({ state: 'failed', reason: 'closed' }))
  })

  it('waits for the login without hammering', async () => {
    const { outbox, later } = desk([new ApiError(401, '')])
    outbox.send(draft('one'))
    await vi.waitFor(() => expect(outbox.all.value[0]?.state).toBe('queued'))
    expect(later).toEqual([])
    outbox.resume()
    await vi.waitFor(() => expect(outbox.all.value).toEqual([]))
  })

  it('takes up what a reload interrupted', async () => {
    const { outbox, posted, saved } = desk()
    outbox.restore([{ ...draft('old'), clientId: 'k0', at: '', state: 'sending', reason: '', arrived: 0, waited: false }])
    outbox.resume()
    await vi.waitFor(() => expect(posted.map((p) => p.clientId)).toEqual(['k0']))
    await vi.waitFor(() => expect(saved.size).toBe(0))
  })

  it('takes only what is a message for a delivery: on the way others answer too', async () => {
    const { outbox, posted, delivered, later } = desk([{ portal: 'Sign in to the Wi-Fi' }])
    outbox.send(draft('one'))
    await vi.waitFor(() => expect(later.length).toBe(1))
    expect([delivered, outbox.all.value.map((one) => one.state)]).toEqual([[], ['queued']])
    later[0]!.run()
    await vi.waitFor(() => expect(delivered).toEqual(['m2']))
    expect(posted.map((one) => one.clientId)).toEqual(['k1', 'k1'])
  })
})
