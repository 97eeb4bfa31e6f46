import {
  AVAILABILITIES, LINE_STATES, type Area, type AreaRef, type Availability, type Conversation, type Entry, type EventLine, type LineState, type LineStatus,
  type Me, type Media, type Message, type Page, type Person, type Preview, type Quote, type State,
} from '@/lib/types'

/** The one place that trusts nothing: raw JSON in, complete values out, whatever the server left away. */
type Raw = Record<string, unknown>

const obj = (v: unknown): Raw => (v && typeof v === 'object' && !Array.isArray(v) ? (v as Raw) : {})
const arr = (v: unknown): unknown[] => (Array.isArray(v) ? v : [])
const str = (v: unknown): string => (typeof v === 'string' ? v : typeof v === 'number' ? String(v) : '')
const num = (v: unknown): number => (typeof v === 'number' && Number.isFinite(v) ? v : Number(str(v)) || 0)
const id = (v: unknown): string => (v && typeof v === 'object' ? str(obj(v).id) : str(v))

export function toPerson(v: unknown): Person | null {
  const key = id(v)
  return key ? { id: key, name: str(obj(v).name) } : null
}

function toPreview(v: unknown): Preview | null {
  if (typeof v === 'string') return v ? { text: v, kind: 'text', author: 'contact', state: '' } : null
  const raw = obj(v)
  if (!raw.kind && !raw.text) return null
  return { text: str(raw.text), kind: str(raw.kind) || 'text', author: id(raw.author) || 'contact', state: str(raw.state) }
}

export function toConversation(v: unknown): Conversation {
  const raw = obj(v)
  const contact = obj(raw.contact)
  return {
    id: id(raw.id),
    status: (str(raw.status) || 'open') as Conversation['status'],
    area: id(raw.area),
    assignee: toPerson(raw.assignee),
    contact: { id: id(raw.contact), name: str(contact.name), phone: str(contact.phone) },
    line: id(raw.line),
    unread: num(raw.unread),
    lastMessage: toPreview(raw.lastMessage),
    lastMessageAt: str(raw.lastMessageAt),
    waitingSince: str(raw.waitingSince),
    snoozedUntil: str(raw.snoozedUntil),
    tags: arr(raw.tags).map((tag) => (typeof tag === 'string' ? tag : str(obj(tag).name))),
    cursor: str(raw.cursor),
  }
}

/** The wave comes as numbers, or as base64 of one byte per level. */
function toWave(v: unknown): number[] {
  if (Array.isArray(v)) return v.map(num)
  if (typeof v !== 'string' || !v) return []
  try {
    return Array.from(atob(v), (c) => c.charCodeAt(0))
  } catch {
    return []
  }
}

function toMedia(v: unknown): Media | null {
  const raw = obj(v)
  if (!raw.mime && !raw.url && !raw.id) return null
  return {
    id: id(raw.id), mime: str(raw.mime), name: str(raw.name), size: num(raw.size), seconds: num(raw.seconds),
    width: num(raw.width), height: num(raw.height), wave: toWave(raw.wave),
    state: (str(raw.state) || (raw.url ? 'ready' : 'pending')) as Media['state'], reason: str(raw.reason), url: str(raw.url),
  }
}

function toQuote(v: unknown): Quote | null {
  const raw = obj(v)
  return raw.id || raw.text ? { id: id(raw.id), text: str(raw.text), author: str(raw.author), kind: str(raw.kind), claimed: Boolean(raw.claimed) } : null
}

/** A poll with how many chose each option: the server tells who chose what. */
function toPoll(v: unknown, votes: unknown): Message['poll'] {
  const raw = obj(v)
  if (!raw.question && !raw.options) return null
  const count: Record<string, number> = {}
  for (const vote of arr(votes)) for (const option of arr(obj(vote).options)) count[str(option)] = (count[str(option)] ?? 0) + 1
  return { question: str(raw.question), options: arr(raw.options).map(str), votes: count }
}

function toPlace(v: unknown): Message['place'] {
  const raw = obj(v)
  return raw.lat === undefined && raw.lng === undefined
    ? null
    : { lat: num(raw.lat), lng: num(raw.lng), name: str(raw.name), address: str(raw.address) }
}

export function toMessage(v: unknown): Message {
  const raw = obj(v)
  return {
    id: id(raw.id), conversation: id(raw.conversation), direction: raw.direction === 'out' ? 'out' : 'in',
    kind: str(raw.kind) || 'text', text: str(raw.text), author: id(raw.author),
    authorName: str(raw.authorName) || str(obj(raw.author).name),
    state: (str(raw.state) || 'received') as State, reason: str(raw.reason),
    note: raw.note === true || raw.kind === 'note', edited: Boolean(raw.edited || raw.editedAt),
    revoked: Boolean(raw.revoked || raw.revokedAt), media: toMedia(raw.media), quote: toQuote(raw.quote),
    reactions: arr(raw.reactions).map((r) => ({ emoji: str(obj(r).emoji), author: str(obj(r).author) })),
    place: toPlace(raw.location),
    cards: arr(raw.cards).map((c) => ({
      name: str(obj(c).name), vcard: str(obj(c).vcard),
    })),
    poll: toPoll(raw.poll, raw.votes), what: str(raw.what), cut: raw.cut === true, dropped: raw.dropped === true, clientId: str(raw.clientId), sentAt: str(raw.sentAt), pos: str(raw.pos ?? raw.cursor),
    cursor: str(raw.cursor),
  }
}

function toEvent(v: unknown): EventLine {
  const raw = obj(v)
  return {
    id: id(raw.id), conversation: id(raw.conversation), kind: 'event', event: str(raw.event), author: id(raw.author),
    authorName: str(raw.authorName) || str(obj(raw.author).name), data: obj(raw.data), sentAt: str(raw.sentAt),
    pos: str(raw.pos ?? raw.cursor), cursor: str(raw.cursor),
  }
}

export const toEntry = (v: unknown): Entry => (obj(v).kind === 'event' ? toEvent(v) : toMessage(v))

export const isEvent = (entry: Entry): entry is EventLine => entry.kind === 'event'

const toAreaRef = (v: unknown): AreaRef => ({
  id: id(v), name: str(obj(v).name), color: Math.min(10, Math.max(1, num(obj(v).color) || 1)),
})

export function toArea(v: unknown): Area {
  const raw = obj(v)
  return { ...toAreaRef(v), description: str(raw.description), active: raw.active !== false, order: num(raw.order), target: num(raw.targetMinutes) }
}

/** A user, a colleague or a presence event, as far as it tells whether they take conversations. */
export function toAvailability(v: unknown): { id: string; availability: Availability } {
  const raw = obj(v)
  const state = raw.availability as Availability
  return { id: str(raw.user) || id(raw.id), availability: AVAILABILITIES.includes(state) ? state : 'offline' }
}

/** Who has a conversation before their eyes. */
export const toViewers = (v: unknown): (Person & { typing: boolean })[] =>
  arr(obj(v).viewers).flatMap((raw) => (obj(raw).user ? [{ id: id(obj(raw).user), name: str(obj(raw).name), typing: obj(raw).typing === true }] : []))

export function toMe(v: unknown): Me {
  const raw = obj(v)
  return {
    id: id(raw.id), name: str(raw.name) || str(raw.username), username: str(raw.username), email: str(raw.email),
    role: (str(raw.role) || 'OPERATOR') as Me['role'], areas: arr(raw.areas).map(toAreaRef),
    defaultArea: id(raw.defaultArea), availability: toAvailability(v).availability, lang: str(raw.lang),
    target: num(raw.targetMinutes),
  }
}

export function toLineStatus(v: unknown): LineStatus {
  const raw = obj(v)
  const state = str(raw.state) as LineState
  return {
    line: id(raw.line), state: LINE_STATES.includes(state) ? state : 'stopped', reason: str(raw.reason),
    since: str(raw.since), until: str(raw.until), phone: str(raw.phone), displayName: str(raw.displayName),
    paused: raw.paused === true,
  }
}

export function toPage<T>(v: unknown, read: (item: unknown) => T): Page<T> {
  return { items: arr(obj(v).items ?? v).map(read), next: str(obj(v).next) }
}

/** Whether cursor a is newer than b. Cursors grow: as numbers, or as text of the same length. */
export function newer(a: string, b: string): boolean {
  if (!b) return true
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return BigInt(a) > BigInt(b)
  return a.length === b.length ? a > b : a.length > b.length
}
