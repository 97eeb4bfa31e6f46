/** What the server tells us, after desk/wire.ts has read it. Times are RFC 3339 strings; ids and cursors are opaque. */
export type Id = string
export type Role = 'ADMIN' | 'SUPERVISOR' | 'OPERATOR'

export interface AreaRef {
  id: Id
  name: string
  color: number // 1 to 10
}

export interface Area extends AreaRef {
  description: string
  active: boolean
  order: number
  target: number // minutes until the first answer is due; 0: the desk's
}

export const AVAILABILITIES = ['available', 'away', 'offline'] as const
export type Availability = (typeof AVAILABILITIES)[number]

export interface Me {
  id: Id
  name: string
  username: string
  email: string
  role: Role
  areas: AreaRef[]
  defaultArea: Id
  availability: Availability
  lang: string
  target: number // minutes until an answer is due in areas without a target of their own; 0: no limit
}

export interface Person {
  id: Id
  name: string // empty when the server did not tell
}

export type Status = 'bot' | 'waiting' | 'open' | 'closed'

/** The last message as the list shows it. */
export interface Preview {
  text: string
  kind: string
  author: string
  state: string // empty: not told
}

export interface Conversation {
  id: Id
  status: Status
  area: Id // empty: none yet
  assignee: Person | null
  contact: { id: Id; name: string; phone: string }
  line: string
  unread: number
  lastMessage: Preview | null
  lastMessageAt: string
  waitingSince: string // empty: nobody waits
  snoozedUntil: string
  tags: string[]
  cursor: string
}

export type State = 'received' | 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'played' | 'failed'

export interface Media {
  id: Id
  mime: string
  name: string
  size: number // bytes
  seconds: number
  width: number
  height: number
  wave: number[] // levels, 0 to 100
  state: 'pending' | 'waiting' | 'ready' | 'failed'
  reason: string // of waiting and failed; asked: the sender's phone was asked for it
  url: string
}

export interface Quote {
  id: Id
  text: string
  author: string
  kind: string
  /** only the customer says that this was written */
  claimed?: boolean
}

export interface Message {
  id: Id
  conversation: Id
  direction: 'in' | 'out'
  kind: string
  text: string
  author: string // contact, flow, phone or a user's id
  authorName: string
  state: State
  reason: string
  note: boolean
  edited: boolean
  revoked: boolean
  media: Media | null
  quote: Quote | null
  reactions: { emoji: string; author: string }[]
  place: { lat: number; lng: number; name: string; address: string } | null
  cards: { name: string; vcard: string }[]
  poll: { question: string; options: string[]; votes: Record<string, number> } | null
  what: string // unsupported: WhatsApp's own name of the kind
  cut: boolean // this is the beginning; the message itself has the whole
  dropped: boolean // there was even more, which nobody kept
  clientId: string
  sentAt: string
  pos: string // place in the thread: grows, and never changes
  cursor: string // changes with every change of the message
}

/** Something that happened to a conversation, between the messages. */
export interface EventLine {
  id: Id
  conversation: Id
  kind: 'event'
  event: string
  author: string
  authorName: string
  data: Record<string, unknown>
  sentAt: string
  pos: string
  cursor: string
}

export type Entry = Message | EventLine

export const LINE_STATES = [
  'stopped', 'connecting', 'waiting_scan', 'passkey', 'connected', 'offline', 'outdated', 'replaced', 'logged_out',
  'restricted', 'banned',
] as const
export type LineState = (typeof LINE_STATES)[number]

export interface LineStatus {
  line: string
  state: LineState
  reason: string
  since: string
  until: string
  phone: string
  displayName: string
  paused: boolean
}

export interface Page<T> {
  items: T[]
  next: string // empty: that was all
}
