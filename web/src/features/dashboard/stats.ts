import type { Conversation } from '@/lib/types'
import { waited } from '@/lib/wait'

export interface Stats {
  late: number // waiting for longer than the target
  longest: number // minutes; 0: nobody waits
  withPeople: number
  withBot: number
}

/** The figures of the dashboard, from what the page knows. now in milliseconds; target tells an area's minutes, 0: no limit. */
export function stats(waiting: Conversation[], all: Iterable<Conversation>, now: number, target: (area: string) => number): Stats {
  const minutes = waiting.map((c) => (c.waitingSince ? waited(c.waitingSince, now) : 0))
  const late = waiting.filter((c, i) => minutes[i]! > (target(c.area) || Infinity)).length
  let withPeople = 0
  let withBot = 0
  for (const c of all) {
    if (c.status === 'open') withPeople++
    if (c.status === 'bot') withBot++
  }
  return { late, longest: Math.max(0, ...minutes), withPeople, withBot }
}
