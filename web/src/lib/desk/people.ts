import { shallowReactive, shallowRef } from 'vue'
import { get } from '@/lib/api'
import { me } from '@/lib/session'
import { TARGET_MINUTES } from '@/lib/wait'
import type { Area, Id, Person } from '@/lib/types'
import { toArea, toPage } from '@/lib/wire'

/** Areas and colleagues by id: what lists and bubbles need to put a name to an id. */
export const areas = shallowReactive(new Map<Id, Area>())
const names = shallowReactive(new Map<Id, string>())

export async function loadAreas() {
  const page = toPage(await get('/api/areas', { limit: 100 }), toArea)
  areas.clear()
  for (const area of page.items) areas.set(area.id, area)
}

/** Learns the names of colleagues from whatever brought them along. */
export function meet(...people: (Person | null)[]) {
  for (const person of people) if (person?.name) names.set(person.id, person.name)
}

/** The colleague's name, or an empty text when nobody told it yet. */
export const nameOf = (id: Id): string => (id === me.value?.id ? me.value.name : names.get(id) ?? '')

/** Colleagues one may hand a conversation to; the server tells only those that this person may see. */
export async function loadColleagues(): Promise<Person[]> {
  if (me.value?.role === 'OPERATOR') return []
  const page = toPage(await get('/api/users', { limit: 100 }), (raw) => {
    const user = raw as { id?: string; name?: string; username?: string; active?: boolean }
    return { id: user.id ?? '', name: user.name || user.username || '', active: user.active !== false }
  })
  const people = page.items.filter((person) => person.active && person.id)
  meet(...people)
  return people
}

const deskTarget = shallowRef(TARGET_MINUTES)

/** The desk's own target; without it the usual one counts. */
export async function loadTarget() {
  if (me.value?.role !== 'ADMIN') return
  const { targetMinutes } = await get<{ targetMinutes?: number }>('/api/settings')
  if (typeof targetMinutes === 'number' && targetMinutes > 0) deskTarget.value = targetMinutes
}

/** Minutes until a customer of this area has to be answered. */
export const targetOf = (area: Id): number => areas.get(area)?.target || deskTarget.value

export const areaOf = (id: Id) => areas.get(id) ?? me.value?.areas.find((area) => area.id === id) ?? null
