import { shallowRef } from 'vue'
import { ApiError } from '@/lib/api'
import type { Id, Message, Quote } from '@/lib/types'
import { toMessage } from './wire'

/** What somebody wrote here and the server has not confirmed yet. It survives a reload, except for files. */
export interface Pending {
  clientId: string
  conversation: Id
  text: string
  note: boolean
  quote: Quote | null
  seenCursor: string
  at: string
  // queued: waits for its turn or for the connection. conflict: messages arrived meanwhile. failed: the server said no.
  state: 'queued' | 'sending' | 'conflict' | 'failed'
  reason: string
  arrived: number // conflict: how many messages came
  waited: boolean // for the connection: then the customer's own messages do not hold it back
  file?: File
}

export type Outgoing = Pick<Pending, 'conversation' | 'text' | 'note' | 'quote' | 'seenCursor'> & { file?: File }

export interface Deps {
  post(pending: Pending): Promise<unknown>
  delivered(message: Message, pending: Pending): void
  later(run: () => void, ms: number): void
  save(one: Pending): void
  forget(clientId: string): void
  newId(): string
  now(): string
}

export const BACKOFF = [1000, 2000, 5000, 10_000, 30_000] as const // milliseconds

const byCustomer = (message: unknown) => (message as { author?: string } | null)?.author === 'contact'

/** A full disk (507) is an answer, too: it says so, and a person decides. */
const settled = (status: number) => status === 507 || (status !== 429 && status !== 401 && status !== 408 && status < 500)

/** Whether only a person can say how it goes on. */
export const stuck = (one: Pending): boolean => one.state === 'conflict' || one.state === 'failed'

/** The queue of one person: per conversation strictly in order, one at a time; conversations do not wait for each other. */
export function createOutbox(deps: Deps) {
  const all = shallowRef<Pending[]>([])
  const running = new Set<Id>()
  const tries = new Map<Id, number>()

  const change = (clientId: string, patch: Partial<Pending>) => {
    all.value = all.value.map((one) => {
      if (one.clientId !== clientId) return one
      const next = { ...one, ...patch }
      deps.save(next)
      return next
    })
  }
  /** Takes messages out of the queue; what stood behind them goes on. */
  const drop = (...clientIds: string[]) => {
    const gone = all.value.filter((one) => clientIds.includes(one.clientId))
    all.value = all.value.filter((one) => !gone.includes(one))
    clientIds.forEach(deps.forget)
    for (const one of gone) void pump(one.conversation)
  }

  /** Sends one; says whether the next may follow. */
  async function attempt(one: Pending): Promise<boolean> {
    change(one.clientId, { state: 'sending', reason: '' })
    try {
      const message = toMessage(await deps.post(one))
      if (!message.id) throw new ApiError(0, '') // somebody on the way has answered, not the desk
      tries.delete(one.conversation)
      deps.delivered(message, one)
      drop(one.clientId)
      return true
    } catch (error) {
      return refused(one, error instanceof ApiError ? error : new ApiError(0, ''))
    }
  }

  function fail(one: Pending, error: ApiError): boolean {
    change(one.clientId, { state: 'failed', reason: error.message })
    return true
  }

  function refused(one: Pending, error: ApiError): boolean {
    if (error.status === 409) {
      const list = Array.isArray(error.data) ? error.data : (error.data.messages ?? error.data.items)
      if (!Array.isArray(list)) return fail(one, error)
      if (one.waited && list.every(byCustomer)) {
        change(one.clientId, { state: 'queued', seenCursor: '' })
        return true
      }
      change(one.clientId, { state: 'conflict', arrived: list.length })
      return false
    }
    if (error.status !== 0 && settled(error.status)) return fail(one, error)
    change(one.clientId, { state: 'queued' })
    for (const each of all.value) if (each.conversation === one.conversation && each.state === 'queued') change(each.clientId, { waited: true })
    const n = tries.get(one.conversation) ?? 0
    tries.set(one.conversation, n + 1)
    if (error.status !== 401) deps.later(() => void pump(one.conversation), BACKOFF[Math.min(n, BACKOFF.length - 1)]!)
    return false
  }

  async function pump(conversation: Id) {
    if (running.has(conversation)) return
    running.add(conversation)
    try {
      for (;;) {
        const mine = all.value.filter((one) => one.conversation === conversation && one.state !== 'failed')
        if (mine[0]?.state !== 'queued' || !(await attempt(mine[0]))) return
      }
    } finally {
      running.delete(conversation)
    }
  }

  return {
    all,
    send(draft: Outgoing): Pending {
      const one: Pending = { ...draft, clientId: deps.newId(), at: deps.now(), state: 'queued', reason: '', arrived: 0, waited: false }
      one.waited = all.value.some((other) => other.conversation === one.conversation && other.state === 'queued' && other.waited)
      all.value = [...all.value, one]
      deps.save(one)
      void pump(draft.conversation)
      return one
    },
    /** After a failure, or "send anyway" after a conflict: what was seen no longer matters, nor for what stands behind it. */
    again(clientId: string) {
      const one = all.value.find((other) => other.clientId === clientId)
      if (!one) return
      for (const each of all.value) {
        if (each === one || (one.state === 'conflict' && each.conversation === one.conversation && each.state === 'queued')) change(each.clientId, { state: 'queued', seenCursor: '' })
      }
      void pump(one.conversation)
    },
    drop,
    /** The connection or the session is back: try everything that waits. */
    resume() {
      tries.clear()
      for (const conversation of new Set(all.value.map((one) => one.conversation))) void pump(conversation)
    },
    restore(saved: Pending[]) {
      all.value = saved.map((one) => (one.state === 'sending' ? { ...one, state: 'queued' as const } : one))
      all.value.forEach(deps.save)
    },
  }
}
