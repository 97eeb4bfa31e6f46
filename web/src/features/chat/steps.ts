import type { EventLine } from '@/lib/types'

/** What the flow did at one node, as the folded line shows it. */
export interface Step {
  node: string
  what: 'entered' | 'left' | 'missed' | 'handed_over' | 'closed' | 'abandoned'
  port: string // left: by which way
}

const WHATS = ['entered', 'left', 'missed', 'handed_over', 'closed', 'abandoned']

/** The steps of flow events. Entering a node says nothing when what happened there follows; "next" is no choice. */
export function steps(events: readonly EventLine[]): Step[] {
  const all = events.flatMap((event) => (Array.isArray(event.data.visits) ? (event.data.visits as Record<string, unknown>[]) : []))
  const read = all.map((visit) => ({
    node: String(visit.node ?? ''),
    what: (WHATS.includes(String(visit.what)) ? String(visit.what) : 'entered') as Step['what'],
    port: visit.port === 'next' ? '' : String(visit.port ?? ''),
  }))
  return read.filter((step, i) => step.what !== 'entered' || read[i + 1]?.node !== step.node)
}
