import type { Availability, Person } from '@/lib/types'

export interface Candidate extends Person {
  state: Availability
}

const RANK: Record<Availability, number> = { available: 0, away: 1, offline: 2 }

/** Who may get a conversation: whoever is there first, then by name; without who has it, and only whom the text fits. */
export function candidates(people: readonly Person[], stateOf: (id: string) => Availability, except: string | undefined, text: string): Candidate[] {
  const wanted = fold(text)
  return people
    .filter((person) => person.id !== except && fold(person.name).includes(wanted))
    .map((person) => ({ ...person, state: stateOf(person.id) }))
    .sort((a, b) => RANK[a.state] - RANK[b.state] || a.name.localeCompare(b.name))
}

/** Without accents and case: "jose" finds "José". */
const fold = (text: string) => text.trim().normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
