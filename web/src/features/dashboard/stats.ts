import { shallowRef } from 'vue'
import { get } from '@/lib/api'
import { byWait, upsert } from '@/lib/desk/conversations'
import { seed } from '@/lib/desk/realtime'
import type { Conversation } from '@/lib/types'
import { waited } from '@/lib/wait'
import { toPage } from '@/lib/desk/wire'

export interface Stats {
  waiting: number
  late: number // unanswered for longer than the target
  longest: number // minutes; 0: nobody waits
  withPeople: number
  withBot: number
}

/** A customer waits for an answer, whoever has them, until they get one; the bot and what is closed keep nobody waiting. */
const unanswered = (c: Conversation) => c.waitingSince !== '' && c.status !== 'bot' && c.status !== 'closed'

/** Who waits for an answer, the longest wait first; then who is in line with nothing to answer. */
export const waiting = (all: Iterable<Conversation>): Conversation[] => [...all].filter((c) => unanswered(c) || c.status === 'waiting').sort(byWait)

/** The figures of the dashboard, from what the page knows. now in milliseconds; target tells an area's minutes, 0: no limit. */
export function stats(all: Iterable<Conversation>, now: number, target: (area: string) => number): Stats {
  const figures = { waiting: 0, late: 0, longest: 0, withPeople: 0, withBot: 0 }
  for (const c of all) {
    const minutes = unanswered(c) ? waited(c.waitingSince, now) : 0
    if (unanswered(c) || c.status === 'waiting') figures.waiting++
    if (minutes > (target(c.area) || Infinity)) figures.late++
    if (c.status === 'open') figures.withPeople++
    if (c.status === 'bot') figures.withBot++
    figures.longest = Math.max(figures.longest, minutes)
  }
  return figures
}

/** A page has 100: more live conversations than 20 of them are not read, and the figures are "at least". */
const PAGES = 20
export const partial = shallowRef(false)

/** Reads what people have and what is in line. The chat's list begins with the newest; the longest waits are at its end. */
export async function loadLive(): Promise<void> {
  let before = ''
  for (let i = 0; i === 0 || (before && i < PAGES); i++) {
    const answer = await get<{ cursor?: string }>('/api/conversations', { status: 'open,waiting', limit: 100, before })
    before = toPage(answer, upsert).next
    seed(String(answer.cursor ?? ''))
  }
  partial.value = before !== ''
}
