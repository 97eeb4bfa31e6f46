import { call } from '@/lib/api'
import { me } from '@/lib/session'
import type { Message } from '@/lib/types'
import { createOutbox, type Pending } from './outboxQueue'
import { keepSent, picture } from './pictures'

export type { Pending } from './outboxQueue'

let prefix = '' // each message of this person has a key of its own: two tabs never write over each other
const deliveries = new Set<(message: Message, pending: Pending) => void>()

/** Tells when a message was taken by the server. */
export function onDelivered(run: (message: Message, pending: Pending) => void): () => void {
  deliveries.add(run)
  return () => deliveries.delete(run)
}

function body(one: Pending): unknown {
  const fields = {
    clientId: one.clientId,
    text: one.text || undefined,
    note: one.note || undefined,
    quote: one.quote?.id,
    seenCursor: one.note ? undefined : one.seenCursor || undefined,
  }
  if (!one.file) return fields
  const form = new FormData()
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) form.set(key, String(value))
  form.set('media', one.file, one.file.name)
  const shape = picture(one.file)
  for (const key of ['width', 'height', 'seconds'] as const) if (shape?.[key]) form.set(key, String(shape[key]))
  return form
}

const outbox = createOutbox({
  async post(one) {
    if (one.file) {
      keepSent(one.clientId, one.file) // now: an event may tell of the message before this is answered
      await picture(one.file)?.ready // it goes with its measures
    }
    return call('POST', `/api/conversations/${one.conversation}/messages`, { body: body(one), patience: 30_000 + (one.file?.size ?? 0) / 100 })
  },
  delivered: (message, one) => deliveries.forEach((run) => run(message, one)),
  later: (run, ms) => setTimeout(run, ms),
  save: (one) => one.file || localStorage.setItem(prefix + one.clientId, JSON.stringify(one)),
  forget: (clientId) => localStorage.removeItem(prefix + clientId),
  newId: () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join(''),
  now: () => new Date().toISOString(),
})

export const pending = outbox.all
export const { send, again, drop, resume } = outbox

/** What is kept here, oldest first. Earlier versions kept all of it under one key, as a list. */
function stored(old: string): Pending[] {
  const keys = Object.keys(localStorage).filter((key) => key === old || key.startsWith(prefix))
  const all = keys.flatMap((key) => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? '[]') as Pending | Pending[]
    } catch {
      return []
    }
  })
  return all.sort((a, b) => (a.at < b.at ? -1 : 1))
}

/** Another tab delivered or dropped what this one has taken up too. */
const elsewhere = ({ key, newValue }: StorageEvent) => key?.startsWith(prefix) && newValue === null && drop(key.slice(prefix.length))

/** Takes up what earlier pages and other tabs of the same person have not delivered, until they leave. */
export function startOutbox(): () => void {
  const old = `mostrador.outbox.${me.value?.id ?? ''}`
  prefix = `${old}.`
  outbox.restore(stored(old))
  localStorage.removeItem(old)
  resume()
  window.addEventListener('storage', elsewhere)
  return () => {
    window.removeEventListener('storage', elsewhere)
    outbox.restore([])
  }
}
