import { shallowReactive } from 'vue'
import { hear } from '@/lib/desk'
import { meet } from '@/lib/desk/people'
import { me } from '@/lib/session'
import type { Id } from '@/lib/types'

/** Who else has a conversation before their eyes or writes in it. Browsers that vanish do not say so: entries get old. */
export interface Colleague {
  id: Id
  name: string
  typing: boolean
  until: number // milliseconds; later, nobody has heard of them
}

const VIEWING_MS = 150_000
const TYPING_MS = 12_000
/** A viewer says so again this often. Milliseconds. */
export const RENEW_MS = 60_000

const present = shallowReactive(new Map<Id, Colleague[]>())

/** The colleagues in a conversation after an event about one of them. */
export function after(known: readonly Colleague[], one: { id: Id; name: string }, what: 'view' | 'type', on: boolean, now: number): Colleague[] {
  const before = known.find((other) => other.id === one.id)
  const rest = known.filter((other) => other.id !== one.id && other.until > now)
  if (what === 'view') return on ? [...rest, { ...one, typing: before?.typing ?? false, until: now + VIEWING_MS }] : rest
  if (!on && !before) return rest
  return [...rest, { ...one, typing: on, until: Math.max(before?.until ?? 0, now + TYPING_MS) }]
}

export const colleaguesIn = (conversation: Id, now: number): Colleague[] => (present.get(conversation) ?? []).filter((one) => one.until > now)

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
