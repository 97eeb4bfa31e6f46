import { computed, shallowReactive, shallowRef } from 'vue'
import { get } from '@/lib/api'
import { say } from '@/lib/say'
import { me } from '@/lib/session'
import type { Conversation, Id } from '@/lib/types'
import { newer, toConversation, toPage } from './wire'
import { meet } from './people'
import { seed } from './realtime'

export type View = 'mine' | 'waiting' | 'all'

/** Every conversation this page has heard of, by id. Lists are cuts of it, so one event updates them all. */
export const conversations = shallowReactive(new Map<Id, Conversation>())

/** Takes in what the server said, unless something newer is already known. Returns what is known now. */
export function upsert(raw: unknown): Conversation {
  const next = toConversation(raw)
  const known = conversations.get(next.id)
  if (known && newer(known.cursor, next.cursor)) return known
  if (!newer(next.cursor, gone.get(next.id) ?? '')) return next
  gone.delete(next.id)
  meet(next.assignee)
  conversations.set(next.id, next)
  return next
}

/** Changes what is shown before the server has confirmed it. Returns how to take it back. */
export function foresee(id: Id, change: Partial<Conversation>): () => void {
  const before = conversations.get(id)
  if (!before) return () => {}
  const guess = { ...before, ...change }
  conversations.set(id, guess)
  return () => {
    if (conversations.get(id) === guess) conversations.set(id, before)
  }
}

/** Conversations that went out of sight, and when: an answer from before that moment does not bring them back. */
const gone = new Map<Id, string>()

export function forget(id: Id, cursor: string) {
  gone.set(id, cursor)
  conversations.delete(id)
}

/** Whether a conversation is part of a view. */
export function belongs(c: Conversation, view: View, user: Id): boolean {
  if (view === 'mine') return c.assignee?.id === user && c.status !== 'closed'
  if (view === 'waiting') return c.status === 'waiting'
  return true
}

export interface Cut {
  floor: string // lastMessageAt of the oldest one loaded, or waitingSince of the last; nothing below it is known to be complete
  next: string // cursor of the next page; empty: all loaded
}

/** The conversations of a view in order, down to where the list is complete. By wait, those who do not wait come when all who
 * do are there. */
export function arrange(all: Iterable<Conversation>, view: View, user: Id, cut: Cut, order: Order = 'recent', wait: Cut = noCut()): Conversation[] {
  const known = (c: Conversation) => !cut.next || c.lastMessageAt >= cut.floor
  const fits = order === 'recent' ? known : (c: Conversation) => (wait.next ? waits(c) && c.waitingSince <= wait.floor : waits(c) || known(c))
  return [...all].filter((c) => belongs(c, view, user) && fits(c)).sort(order === 'recent' ? byRecent : byWait)
}

export type Order = 'recent' | 'wait'

const byRecent = (a: Conversation, b: Conversation) =>
  a.lastMessageAt === b.lastMessageAt ? (a.id < b.id ? 1 : -1) : a.lastMessageAt < b.lastMessageAt ? 1 : -1

const waits = (c: Conversation) => Boolean(c.waitingSince)

/** The longest wait first; those who do not wait last. */
export const byWait = (a: Conversation, b: Conversation) => {
  if (waits(a) !== waits(b)) return waits(a) ? -1 : 1
  return a.waitingSince === b.waitingSince ? byRecent(a, b) : a.waitingSince < b.waitingSince ? -1 : 1
}

const noCut = (): Cut => ({ floor: '', next: '' })
export const cuts = shallowReactive<Record<View, Cut>>({ mine: noCut(), waiting: noCut(), all: noCut() })
/** The same by wait; what is not there has not been read. */
export const waitCuts = shallowReactive<Partial<Record<View, Cut>>>({})
export const ready = shallowReactive<Record<View, boolean>>({ mine: false, waiting: false, all: false })

/** Why a view could not be loaded, as a sentence. */
export const problems = shallowReactive<Record<View, string>>({ mine: '', waiting: '', all: '' })

let era = 0 // grows when everything is forgotten: what was asked before is no part of what is read anew

/** Loads the first page of a view, or the next one. */
export async function loadView(view: View, by: Order = 'recent'): Promise<void> {
  const mine = era
  problems[view] = ''
  const cut = by === 'recent' ? cuts[view] : waitCuts[view]
  const wish = { view, limit: 50, before: cut?.next || undefined, order: by === 'wait' ? by : undefined }
  const answer = await get<{ cursor?: string }>('/api/conversations', wish).catch((error: unknown) => {
    if (mine === era) problems[view] = say(error)
    throw error
  })
  if (mine !== era) return
  const page = toPage(answer, upsert)
  seed(String(answer.cursor ?? ''))
  const last = page.items.at(-1)
  if (by === 'wait') waitCuts[view] = { floor: last?.waitingSince ?? cut?.floor ?? '', next: page.next }
  else {
    cuts[view] = { floor: last?.lastMessageAt ?? cuts[view].floor, next: page.next }
    ready[view] = true
  }
}

/** The list that a view lacks in the chosen order; with more, also the one that goes on. */
export function lacks(view: View, more = false): Order | undefined {
  if (!ready[view]) return 'recent'
  const wait = waitCuts[view]
  if (order.value === 'wait' && (!wait || (more && wait.next))) return 'wait'
  return more && cuts[view].next ? 'recent' : undefined
}

/** What a search finds: the server's answer, in its order. */
export async function find(text: string, signal: AbortSignal): Promise<Id[]> {
  const page = toPage(await get('/api/conversations', { view: 'all', q: text, limit: 50 }, signal), upsert)
  return page.items.map((c) => c.id)
}

export async function loadOne(id: Id): Promise<Conversation> {
  return upsert(await get(`/api/conversations/${id}`))
}

/** Forgets everything: another person logs in, or the gap was too long to be told. */
export function clearConversations() {
  era++
  conversations.clear()
  gone.clear()
  for (const view of ['mine', 'waiting', 'all'] as const) {
    cuts[view] = noCut()
    ready[view] = false
    delete waitCuts[view]
  }
}

const userId = computed(() => me.value?.id ?? '')
export const views = {
  mine: computed(() => arrange(conversations.values(), 'mine', userId.value, cuts.mine, order.value, waitCuts.mine)),
  waiting: computed(() => arrange(conversations.values(), 'waiting', userId.value, cuts.waiting, order.value, waitCuts.waiting)),
  all: computed(() => arrange(conversations.values(), 'all', userId.value, cuts.all, order.value, waitCuts.all)),
}
export const order = shallowRef<Order>('recent')

const more = (view: View) => cuts[view].next !== '' || (order.value === 'wait' && Boolean(waitCuts[view]?.next))

/** How many customers wait without an answer; with "more" there are at least that many. */
export const waitingCount = computed(() => ({ n: views.waiting.value.length, more: more('waiting') }))
export const mineCount = computed(() => ({ n: views.mine.value.length, more: more('mine') }))
