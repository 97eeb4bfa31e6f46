import { shallowRef } from 'vue'
import { get } from '@/lib/api'
import type { Entry, Id, Message } from '@/lib/types'
import { isEvent, newer, toEntry, toPage } from '@/lib/wire'

/** The messages of one conversation, oldest first, loaded from the end backwards. */
export interface Thread {
  id: Id
  entries: Entry[]
  next: string // cursor of the page before; empty: the beginning is loaded
  state: 'loading' | 'ready' | 'error'
}

/** By the place in the thread that the server gave: a phone's clock may be wrong. */
export function order(a: Entry, b: Entry): number {
  if (a.pos === b.pos) return a.id < b.id ? -1 : 1
  return newer(a.pos, b.pos) ? 1 : -1
}

/** Receipts may come before the answer to the send: of two versions of one message the newer one stays. */
function merge(known: Entry, next: Entry): Entry {
  if (newer(known.cursor, next.cursor)) return known
  if (isEvent(known) || isEvent(next)) return next
  return { ...next, clientId: next.clientId || known.clientId }
}

/** Puts entries in their place; those already there are renewed. Returns the same array when nothing changed. */
export function place(entries: readonly Entry[], more: readonly Entry[]): Entry[] {
  if (!more.length) return entries as Entry[]
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  for (const entry of more) {
    const known = byId.get(entry.id)
    byId.set(entry.id, known ? merge(known, entry) : entry)
  }
  return [...byId.values()].sort(order)
}

const KEPT = 12 // threads in memory; reopening one of them shows it at once

const threads = new Map<Id, ReturnType<typeof shallowRef<Thread>>>()

/** The thread of a conversation; a new one is empty until load has run. */
export function thread(id: Id) {
  let found = threads.get(id)
  if (found) threads.delete(id)
  else found = shallowRef<Thread>({ id, entries: [], next: '', state: 'loading' })
  threads.set(id, found)
  for (const old of threads.keys()) {
    if (threads.size <= KEPT) break
    threads.delete(old)
  }
  return found as { value: Thread }
}

async function page(id: Id, before?: string) {
  return toPage(await get(`/api/conversations/${id}/messages`, { limit: 50, before }), toEntry)
}

/** Loads the newest page. What a kept thread had before it stays only if the two meet. */
export async function loadNewest(id: Id) {
  const one = thread(id)
  try {
    const { items, next } = await page(id)
    const oldest = items.at(-1)
    const meets = oldest && one.value.entries.some((entry) => entry.id === oldest.id)
    one.value = meets
      ? { ...one.value, entries: place(one.value.entries, items), state: 'ready' }
      : { id, entries: place([], items), next, state: 'ready' }
  } catch {
    one.value = { ...one.value, state: one.value.entries.length ? 'ready' : 'error' }
  }
}

/** Loads the page before the oldest one. Says whether anything came. */
export async function loadOlder(id: Id): Promise<boolean> {
  const one = thread(id)
  if (!one.value.next) return false
  const { items, next } = await page(id, one.value.next)
  one.value = { ...one.value, entries: place(one.value.entries, items), next }
  return items.length > 0
}

/** Takes in something that happened now; only threads that are loaded care. */
export function arrived(raw: unknown) {
  const entry = toEntry(raw)
  const one = threads.get(entry.conversation) as { value: Thread } | undefined
  if (one?.value.state === 'ready') one.value = { ...one.value, entries: place(one.value.entries, [entry]) }
}

/** The message that the server made of one written here: it keeps the key of its bubble. */
export function confirmed(message: Message, clientId: string) {
  const one = threads.get(message.conversation) as { value: Thread } | undefined
  if (one) one.value = { ...one.value, entries: place(one.value.entries, [{ ...message, clientId }]) }
}

export const forgetThreads = () => threads.clear()

/** The place of the last entry: what somebody who looks at the end of the thread has seen. */
export function lastPos(entries: readonly Entry[]): string {
  return entries.reduce((max, entry) => (newer(entry.pos, max) ? entry.pos : max), '')
}
