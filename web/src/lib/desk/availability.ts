import { computed, shallowReactive } from 'vue'
import { call } from '@/lib/api'
import { say } from '@/lib/say'
import { confirmUser, me } from '@/lib/session'
import { toast } from '@/lib/toasts'
import type { Availability, Id } from '@/lib/types'
import { toAvailability } from './wire'

const states = shallowReactive(new Map<Id, Availability>())
const told = new Map<Id, number>() // which reading was the last to begin when an event told of somebody
let readings = 0
let cleared = 0 // what began to be read before is about another person's desk
let saving = 0

/** Whether somebody takes conversations. Who was never heard of is offline. */
export const availabilityOf = (id: Id): Availability => states.get(id) ?? 'offline'

/** Begins a reading. What it brings is taken in where no event that came meanwhile knows better. */
export function reading(): (raw: unknown) => void {
  const mine = ++readings
  return (raw) => {
    const { id, availability } = toAvailability(raw)
    if ((told.get(id) ?? cleared) < mine) states.set(id, availability)
  }
}

/** Takes in an event: about one person, or about many who came in one moment. */
export function heardAvailability(data: Record<string, unknown>) {
  for (const raw of Array.isArray(data.people) ? (data.people as unknown[]) : data.availability ? [data] : []) {
    const { id, availability } = toAvailability(raw)
    if (saving && id === me.value?.id) continue // the echo of a switch that was thrown back meanwhile
    told.set(id, readings)
    states.set(id, availability)
  }
}

/** Whether I am away. That this page is open makes everybody else available, so nothing else is worth a word. */
export const away = computed(() => (states.get(me.value?.id ?? '') ?? me.value?.availability) === 'away')

/** Reads my own state again, and whether I am still who I was: another browser of mine may have changed it before this one heard events. */
export async function loadOwn() {
  const take = reading()
  take(await confirmUser())
}

/** Throws the switch: shown at once, taken back with a word when the server refuses. */
export async function beAway(on: boolean) {
  const id = me.value?.id ?? ''
  const before = states.get(id) ?? me.value?.availability as Availability
  const state = on ? 'away' : 'available'
  states.set(id, state)
  told.set(id, readings) // what was asked before knows less
  saving++
  try {
    await call('PUT', '/api/users/me/availability', { body: { availability: state } })
    told.set(id, readings)
  } catch (error) {
    if (states.get(id) === state) states.set(id, before)
    toast(say(error), { tone: 'error' })
  } finally {
    saving--
  }
}

/** Forgets everybody: another person logs in. */
export function clearAvailability() {
  states.clear()
  told.clear()
  cleared = readings
}
