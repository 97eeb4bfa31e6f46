import { shallowReactive } from 'vue'
import { hear } from '@/lib/desk'
import { meet, nameOf } from '@/lib/desk/people'
import { me } from '@/lib/session'
import type { Id, Person } from '@/lib/types'
import { toViewers } from '@/lib/desk/wire'

/** Who else has a conversation before their eyes or writes in it. Browsers that vanish do not say so: entries get old. */
export interface Colleague extends Person {
  typing: boolean
}

interface Seen extends Person {
  until: number // milliseconds; later, nobody has heard of them
  typing: number // until when they write; 0: they do not
}

const VIEWING_MS = 150_000
const TYPING_MS = 12_000
/** A viewer says so again this often. Milliseconds. */
export const RENEW_MS = 60_000

const present = shallowReactive(new Map<Id, Seen[]>())

/** The colleagues in a conversation after an event about one of them. Who writes is there, and who stops writing stays. */
export function after(known: readonly Seen[], one: Person, what: 'view' | 'type', on: boolean, now: number): Seen[] {
  const before = known.find((other) => other.id === one.id && other.until > now)
  const rest = known.filter((other) => other.id !== one.id && other.until > now)
  if (!on && (what === 'view' || !before)) return rest
  const until = on ? now + VIEWING_MS : before!.until
  return [...rest, { ...one, until, typing: what === 'view' ? (before?.typing ?? 0) : on ? now + TYPING_MS : 0 }]
}

export const colleaguesIn = (conversation: Id, now: number): Colleague[] =>
  (present.get(conversation) ?? []).filter((one) => one.until > now).map(({ id, name, typing }) => ({ id, name, typing: typing > now }))

/** Takes in who was there before: the server's answer to "I am looking at it". */
export function meetViewers(conversation: Id, answer: unknown, now: number) {
  let known = present.get(conversation) ?? []
  for (const { typing, ...one } of toViewers(answer)) {
    if (one.id === me.value?.id) continue
    meet(one)
    known = after(known, { id: one.id, name: nameOf(one.id) }, typing ? 'type' : 'view', true, now)
  }
  present.set(conversation, known)
}

function note(data: Record<string, unknown>, what: 'view' | 'type') {
  const id = String(data.user ?? '')
  const conversation = String(data.conversation ?? '')
  if (!id || !conversation || id === me.value?.id) return
  const one = { id, name: String(data.name ?? '') }
  meet(one)
  present.set(conversation, after(present.get(conversation) ?? [], one, what, data.on === true || data.state === 'composing', Date.now()))
}

export function followPresence(): () => void {
  const stops = [hear('presence', (data) => note(data, 'view')), hear('typing', (data) => note(data, 'type'))]
  return () => stops.forEach((stop) => stop())
}
