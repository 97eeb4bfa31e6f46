import { clearAvailability, heardAvailability, loadOwn } from './availability'
import { hangUp, listen, redial, type EventName, type Listener } from './realtime'
import { clearConversations, forget, loadView, upsert } from './conversations'
import { heardLine, heardQr, loadLine } from './line'
import { loadAreas, loadColleagues } from './people'

type Hearer = (data: Record<string, unknown>) => void

/** Screens that want more than the shared lists: the open thread, the sound, the typing line. */
const hearers = new Map<EventName | 'reload', Set<Hearer>>()

/** Calls back for every event of this name until the returned function is called. */
export function hear(name: EventName | 'reload', hearer: Hearer): () => void {
  const set = hearers.get(name) ?? new Set()
  hearers.set(name, set.add(hearer))
  return () => set.delete(hearer)
}

const tell = (name: EventName | 'reload', data: Record<string, unknown>) => hearers.get(name)?.forEach((one) => one(data))

const own: Partial<Record<EventName, (data: Record<string, unknown>) => void>> = {
  'session:status': heardLine,
  'session:qr': heardQr,
  presence: heardAvailability,
  'conversation:update': upsert,
  'conversation:incoming': upsert,
  'conversation:closed': upsert,
  'conversation:pending_assignment': upsert,
}

const listener: Listener = {
  event(name, data) {
    if (data.removed === true) forget(String(data.id))
    else own[name]?.(data)
    tell(name, data)
  },
  changes({ conversations, messages, removed }) {
    conversations.forEach(upsert)
    removed.forEach(forget)
    for (const message of messages) tell('message:update', message as Record<string, unknown>)
  },
  live() {
    void loadLine().catch(() => {})
    void loadOwn().catch(() => {})
  },
  reload() {
    clearConversations()
    void loadLists()
    tell('reload', {})
  },
}

const loadLists = () => Promise.allSettled([loadView('all'), loadView('waiting'), loadView('mine')])

/** Opens the desk for whoever is logged in: lists, line, areas, and the stream of what happens next. */
export async function openDesk() {
  void listen(listener)
  await Promise.allSettled([loadLists(), loadAreas(), loadColleagues(), loadLine()])
}

export function closeDesk() {
  hangUp()
  clearConversations()
  clearAvailability()
}

export const reconnect = () => redial(listener)
