import { shallowReactive } from 'vue'
import { get } from '@/lib/api'
import { me } from '@/lib/session'
import type { Area, Id, Person } from '@/lib/types'
import { reading } from './availability'
import { toArea, toPage } from './wire'

/** Areas and colleagues by id: what lists and bubbles need to put a name to an id. */
export const areas = shallowReactive(new Map<Id, Area>())
const names = shallowReactive(new Map<Id, string>())

/** Everybody may know what the areas are called; of their own they know all. The order is the desk's. */
export async function loadAreas() {
  const [own, named] = await Promise.all([get('/api/areas', { limit: 100 }), get('/api/areas/names').catch(() => ({}))])
  areas.clear()
  for (const area of [...toPage(named, toArea).items, ...toPage(own, toArea).items]) areas.set(area.id, area) // what is known fully stays in its place
}

/** Learns the names of colleagues from whatever brought them along. */
export function meet(...people: (Person | null)[]) {
  for (const person of people) if (person?.name) names.set(person.id, person.name)
}

/** The colleague's name, or an empty text when nobody told it yet. */
export const nameOf = (id: Id): string => (id === me.value?.id ? me.value.name : names.get(id) ?? '')

/** Colleagues one may hand a conversation to. Those who left keep the names of what they did. */
export async function loadColleagues(): Promise<Person[]> {
  const take = reading()
  const page = toPage(await get('/api/colleagues', { limit: 100 }), (raw) => {
    take(raw)
    const colleague = raw as { id?: string; name?: string; active?: boolean; role?: string; areas?: unknown[] }
    const near = me.value?.role === 'ADMIN' || colleague.role === 'ADMIN' || colleague.areas?.length !== 0 // others get it through their area
    return { id: colleague.id ?? '', name: colleague.name ?? '', active: colleague.active !== false && near }
  })
  meet(...page.items)
  return page.items.filter((person) => person.active && person.id)
}

/** Minutes until a customer of this area has to be answered: the area's, else the desk's; 0: no limit. */
export const targetOf = (area: Id): number => areas.get(area)?.target || me.value?.target || 0

export const areaOf = (id: Id) => areas.get(id) ?? me.value?.areas.find((area) => area.id === id) ?? null
