import { shallowRef, watch } from 'vue'
import { get } from '@/lib/api'
import { me } from '@/lib/session'
import type { Entry, Id, Message } from '@/lib/types'
import { isEvent, newer, toEntry, toPage } from '@/lib/desk/wire'

/** The messages of one conversation, oldest first, loaded from the end backwards. */
export interface Thread {
  id: Id
  entries: Entry[]
  next: string // cursor of the page before; empty: the beginning is loaded
  // renewing: what is kept is shown meanwhile. stale: it could not be renewed, and may lack what came meanwhile.
  state: 'loading' | 'renewing' | 'ready' | 'stale' | 'error'
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

/** Loads the newest page; about to show it, it hands it out. What a kept thread had before it stays only if the two meet; what
 * came while it was read stays anyway. */
export async function loadNewest(id: Id, about: (entries: Entry[]) => void = () => {}) {
  const one = thread(id)
  const kept = ['ready', 'renewing', 'stale'].includes(one.value.state)
  one.value = { ...one.value, state: kept ? 'renewing' : 'loading' }
  try {
    const { items, next } = await page(id)
    const [newest, oldest] = [items[0], items.at(-1)]
    const known = one.value.entries
    const meets = oldest && known.some((entry) => entry.id === oldest.id)
    const entries = place(meets ? known : known.filter((entry) => !newest || newer(entry.pos, newest.pos) || items.some((item) => item.id === entry.id)), items)
    about(entries)
    one.value = { id, entries, next: meets ? one.value.next : next, state: 'ready' }
  } catch {
    one.value = { ...one.value, state: kept ? 'stale' : 'error' }
  }
}

/** Loads the page before the oldest one; about to show it, it says so. Says whether anything came. */
export async function loadOlder(id: Id, about: () => void): Promise<boolean> {
  const one = thread(id)
  if (!one.value.next) return false
  const { items, next } = await page(id, one.value.next)
  about()
  one.value = { ...one.value, entries: place(one.value.entries, items), next }
  return items.length > 0
}

/** Takes in something that happened now. News of a message from before what is loaded comes with its page. */
export function arrived(raw: unknown) {
  const entry = toEntry(raw)
  const one = threads.get(entry.conversation) as { value: Thread } | undefined
  if (!one) return
  const { entries, next } = one.value
  const before = next && entries[0] && order(entry, entries[0]) < 0
  if (!before) one.value = { ...one.value, entries: place(entries, [entry]) }
}

/** The message that the server made of one written here: it keeps the key of its bubble. */
export function confirmed(message: Message, clientId: string) {
  const one = threads.get(message.conversation) as { value: Thread } | undefined
  if (one) one.value = { ...one.value, entries: place(one.value.entries, [{ ...message, clientId }]) }
}

export const forgetThreads = () => threads.clear()
watch(() => me.value?.id, forgetThreads)

/** The place of the last entry: what somebody who looks at the end of the thread has seen. */
export function lastPos(entries: readonly Entry[]): string {
  return entries.reduce((max, entry) => (newer(entry.pos, max) ? entry.pos : max), '')
}
