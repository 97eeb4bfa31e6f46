import { sideOf, type Side } from '@/features/chat/bubbles/side'
import { isEvent } from '@/lib/desk/wire'
import type { Entry, EventLine, Id, Message } from '@/lib/types'

/** One line of the message pane. */
export type Row =
  | { type: 'day'; key: string; at: string }
  | { type: 'unread'; key: string; n: number }
  | { type: 'message'; key: string; message: Message; side: Side; first: boolean; last: boolean }
  | { type: 'event'; key: string; event: EventLine }
  | { type: 'steps'; key: string; events: EventLine[] }

const GROUP_MS = 5 * 60_000

const sameDay = (a: string, b: string) => {
  const x = new Date(a)
  const y = new Date(b)
  return x.getFullYear() === y.getFullYear() && x.getMonth() === y.getMonth() && x.getDate() === y.getDate()
}

/** Steps of a flow are folded into one line; everything else that happened is a line of its own. */
const isStep = (entry: Entry): entry is EventLine => isEvent(entry) && entry.event === 'flow'

function grouped(a: Entry | undefined, b: Entry | undefined): boolean {
  if (!a || !b || isEvent(a) || isEvent(b)) return false
  return (
    sideOf(a) === sideOf(b) && a.author === b.author && sameDay(a.sentAt, b.sentAt) &&
    Math.abs(Date.parse(b.sentAt) - Date.parse(a.sentAt)) < GROUP_MS
  )
}

/** Turns entries, oldest first, into the lines of the pane. unreadFrom is the first message nobody here has read. */
export function rows(entries: readonly Entry[], unreadFrom: Id = '', unread = 0): Row[] {
  const out: Row[] = []
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!
    const before = entries[i - 1]
    const newDay = !before || !sameDay(before.sentAt, entry.sentAt)
    const divides = entry.id === unreadFrom
    if (newDay) out.push({ type: 'day', key: `day:${entry.id}`, at: entry.sentAt })
    if (divides) out.push({ type: 'unread', key: 'unread', n: unread })
    if (isStep(entry)) {
      const open = out.at(-1)
      if (open?.type === 'steps') out[out.length - 1] = { ...open, events: [...open.events, entry] }
      else out.push({ type: 'steps', key: `steps:${entry.id}`, events: [entry] })
    } else if (isEvent(entry)) {
      out.push({ type: 'event', key: entry.id, event: entry })
    } else {
      const next = entries[i + 1]
      out.push({
        type: 'message', key: entry.clientId || entry.id, message: entry, side: sideOf(entry),
        first: divides || !grouped(before, entry), last: next?.id === unreadFrom || !grouped(entry, next),
      })
    }
  }
  return out
}

/** The first of the last n messages of the customer: where "n new messages" stands. Empty when they are not loaded. */
export function firstUnread(entries: readonly Entry[], n: number): Id {
  if (n <= 0) return ''
  const incoming = entries.filter((entry) => !isEvent(entry) && entry.direction === 'in')
  return incoming[Math.max(0, incoming.length - n)]?.id ?? ''
}
