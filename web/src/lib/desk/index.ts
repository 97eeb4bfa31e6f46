import { resume } from './outbox'
import { clearAvailability, heardAvailability, loadOwn } from './availability'
import { hangUp, listen, redial, type EventName, type Listener } from './realtime'
import { clearConversations, forget, loadView, ready, upsert } from './conversations'
import { heardLine, heardQr, loadLine } from './line'
import { loadAreas, loadColleagues } from './people'

type Hearer = (data: Record<string, unknown>) => void

/** Screens that want more than the shared lists: the open thread, the sound, the typing line. */
type Told = EventName | 'reload' | 'live'
const hearers = new Map<Told, Set<Hearer>>()

/** Calls back for every event of this name until the returned function is called. */
export function hear(name: Told, hearer: Hearer): () => void {
  const set = hearers.get(name) ?? new Set()
  hearers.set(name, set.add(hearer))
  return () => set.delete(hearer)
}

const tell = (name: Told, data: Record<string, unknown>) => hearers.get(name)?.forEach((one) => one(data))

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
  event(name, data, cursor) {
    if (data.removed === true) forget(String(data.id), cursor)
    else own[name]?.(data)
    tell(name, data)
  },
  changes({ conversations, messages, removed, cursor }) {
    conversations.forEach(upsert)
    removed.forEach((id) => forget(id, cursor))
    for (const message of messages) tell('message:update', message as Record<string, unknown>)
  },
  live() {
    void loadLine().catch(() => {})
    void goOn()
    void loadLists()
    tell('live', {})
  },
  reload() {
    forgetLists()
    void loadLists()
    tell('reload', {})
  },
}

/** Goes on with what waits to be sent, once it is certain whose the cookie is. */
export const goOn = () => loadOwn().then(resume, () => {})

let loading: Promise<unknown> | undefined

function forgetLists() {
  loading = undefined
  clearConversations()
}

/** Loads the lists that are not there yet. */
function loadLists(): Promise<unknown> {
  const missing = (['all', 'waiting', 'mine'] as const).filter((view) => !ready[view])
  const mine = (loading ??= Promise.allSettled(missing.map((view) => loadView(view))).finally(() => {
    if (loading === mine) loading = undefined
  }))
  return mine
}

/** Opens the desk for whoever is logged in: lists, line, areas, and the stream of what happens next. */
export async function openDesk() {
  void listen(listener)
  await Promise.allSettled([loadLists(), loadAreas(), loadColleagues(), loadLine()])
}

export function closeDesk() {
  hangUp()
  forgetLists()
  clearAvailability()
}

export const reconnect = () => redial(listener)
