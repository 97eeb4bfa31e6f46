import { shallowRef } from 'vue'
import type PocketBase from 'pocketbase'
import { ApiError, get } from '@/lib/api'
import { newer } from './wire'

/** Every event a desk listens to; the server decides which of them concern this person. */
export const EVENTS = [
  'session:status', 'session:qr', 'conversation:update', 'conversation:incoming', 'conversation:closed',
  'conversation:pending_assignment', 'message:new', 'message:update', 'presence', 'typing', 'ping',
] as const
export type EventName = (typeof EVENTS)[number]

export interface Changes {
  conversations: unknown[]
  messages: unknown[]
  removed: string[]
  cursor: string
}

export interface Listener {
  event(name: EventName, data: Record<string, unknown>, cursor: string): void
  changes(missed: Changes): void
  live(): void // events arrive from now on; what has no cursor (the line) may have changed before
  reload(): void // the gap is too old to be told: read everything again
}

/** connecting: first try. live: events arrive. broken: the stream is down, retrying. */
export const connection = shallowRef<'connecting' | 'live' | 'broken'>('connecting')

let cursor = ''
let heard: Listener | undefined
let silence: ReturnType<typeof setInterval> | undefined
let client: Promise<PocketBase> | undefined
let retry: ReturnType<typeof setTimeout> | undefined
let streams = 0 // how many streams have ended: tells an old one's catching up from the present one's
let patience: ReturnType<typeof setTimeout> | undefined
let spoke = 0 // when the server was last heard, by this computer's clock
const SILENCE = 45_000 // ms; the server says something every 25 s
const FIRST_CONNECT = 5000 // ms; the SDK goes on trying in silence when the first connection is cut while it is being made

/** The SDK is loaded beside the first paint. Its store stays empty: the session is a cookie that no script can read. */
function sdk(): Promise<PocketBase> {
  client ??= import('pocketbase').then(({ default: Client, BaseAuthStore }) => new Client(location.origin, new BaseAuthStore()).autoCancellation(false))
  client.catch(() => (client = undefined))
  return client
}

const advance = (next: string) => {
  if (next && newer(next, cursor)) cursor = next
}

/** Where the first list of the page stands: changes are told from there on. Later lists say nothing new. */
export function seed(first: string) {
  if (cursor) return
  advance(first)
  if (connection.value === 'live' && heard) void connected(heard) // what happened between the list and the stream
}

/** Reads what was missed since the last event seen, page by page. A failure leaves the cursor where it was. */
async function catchUp(listener: Listener) {
  for (let more = true; more; ) {
    const missed = await get<Changes & { cursor?: string | number; more?: boolean }>('/api/changes', { since: cursor })
    const to = String(missed.cursor ?? '')
    listener.changes({ conversations: missed.conversations ?? [], messages: missed.messages ?? [], removed: missed.removed ?? [], cursor: to })
    const before = cursor
    advance(to)
    more = missed.more === true && cursor !== before
  }
}

/** Runs at every connect, when the server already knows what we listen to: events from now on come by themselves. */
async function connected(listener: Listener, mine = streams) {
  try {
    if (cursor) await catchUp(listener)
  } catch (error) {
    if (error instanceof ApiError && error.status === 410) {
      cursor = ''
      listener.reload()
    } else {
      retry = setTimeout(() => mine === streams && void connected(listener, mine), 3000)
      return
    }
  }
  if (mine !== streams) return // it broke while we caught up; the next connect does this again
  spoke = Date.now()
  connection.value = 'live'
  listener.live()
}

/** A connection can die without a word: a computer slept, a network changed. */
function watchSilence() {
  if (heard && connection.value === 'live' && (!navigator.onLine || Date.now() - spoke > SILENCE)) redial(heard)
}

function receive(listener: Listener, name: EventName, payload: { cursor?: string | number; data?: Record<string, unknown> }) {
  spoke = Date.now()
  const at = String(payload.cursor ?? '')
  if (payload.data) listener.event(name, payload.data, at)
  // While catching up is under way the cursor stays with it, so that a failed try can't skip what it did not read.
  if (connection.value === 'live' && cursor) advance(at)
}

/** Opens the stream and keeps it open; the SDK reconnects by itself, and every connect begins with what was missed. */
export async function listen(listener: Listener): Promise<void> {
  heard = listener
  clearInterval(silence)
  silence = setInterval(watchSilence, 5000)
  clearTimeout(patience)
  patience = setTimeout(() => {
    if (connection.value === 'connecting') connection.value = 'broken'
  }, FIRST_CONNECT)
  try {
    const pb = await sdk()
    pb.realtime.onDisconnect = (active) => {
      streams++
      if (!active.length) return
      connection.value = 'broken'
      void get('/api/auth/me').catch(() => {}) // asks for the password if that is why
    }
    // The SDK tells the server its topics after every connect; once that is answered, nothing can be missed any more.
    pb.afterSend = (response, data) => {
      if (new URL(response.url).pathname === '/api/realtime' && response.ok && pb.realtime.clientId) void connected(listener)
      return data as unknown
    }
    await Promise.all(EVENTS.map((name) => pb.realtime.subscribe(name, (payload) => receive(listener, name, payload))))
  } catch {
    connection.value = 'broken'
    retry = setTimeout(() => void listen(listener), 3000)
  }
}

function close() {
  clearTimeout(retry)
  clearTimeout(patience)
  const open = client
  client = undefined
  void open?.then((pb) => {
    pb.realtime.onDisconnect = undefined
    return pb.realtime.unsubscribe()
  }).catch(() => {})
}

/** Closes the stream and forgets where it was: at logout. */
export function hangUp() {
  close()
  clearInterval(silence)
  heard = undefined
  cursor = ''
  connection.value = 'connecting'
}

/** For "try again" in the banner: dials at once instead of waiting for the SDK's next turn. */
export function redial(listener: Listener) {
  close()
  connection.value = 'broken'
  void listen(listener)
}
