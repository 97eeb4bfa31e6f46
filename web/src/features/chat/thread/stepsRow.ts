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
  const read = events.flatMap((event) => {
    const labels = (event.data.labels ?? {}) as Record<string, string>
    return (Array.isArray(event.data.visits) ? (event.data.visits as Record<string, unknown>[]) : []).map((visit) => {
      const [node, port] = [String(visit.node ?? ''), visit.port === 'next' ? '' : String(visit.port ?? '')]
      return {
        node: labels[node] ?? node,
        what: (WHATS.includes(String(visit.what)) ? String(visit.what) : 'entered') as Step['what'],
        port: labels[`${node}/${port}`] ?? port,
      }
    })
  })
  return read.filter((step, i) => step.what !== 'entered' || read[i + 1]?.node !== step.node)
}
