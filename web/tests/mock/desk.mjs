// A desk in memory: enough of the API for the page to be tried without the product behind it.
import { areas, carolina, conversations, long, startOver, users } from './data.mjs'

export function createDesk(publish) {
  startOver()
  let cursor = 100_000
  const next = () => String(++cursor)
  const state = {
    sessions: new Map(), conversations: new Map(conversations().map((c) => [c.id, c])), threads: new Map(), changes: [], hits: [],
    line: { line: 'line1', state: 'connected', reason: '', since: new Date(Date.now() - 6 * 86_400_000).toISOString(), phone: '+5491155550100', displayName: 'Casa Quintana', paused: false },
    qr: null, failLogin: 0, refuse: null, faster: false, users: users.map((user) => ({ ...user })), sticky: false, viewers: new Map(),
  }
  state.threads.set('c-carolina', carolina())
  state.threads.set('c-betty', long('c-betty', 400))

  state.now = () => String(cursor)

  const thread = (id) => {
    if (!state.threads.has(id)) state.threads.set(id, long(id, 3))
    return state.threads.get(id)
  }
  const emit = (name, data) => {
    const at = next()
    const event = { name, cursor: at, data: { ...data, cursor: at } }
    state.changes.push(event)
    publish(name, { cursor: at, data: event.data })
    return event.data
  }
  const put = (id, change, name = 'conversation:update') => {
    const now = { ...state.conversations.get(id), ...change }
    state.conversations.set(id, now)
    const data = emit(name, now)
    state.conversations.set(id, data)
    return data
  }
  const add = (id, fields) => {
    const at = next()
    const message = { id: `m${at.padStart(6, '0')}`, conversation: id, sentAt: new Date().toISOString(), pos: at, cursor: at, ...fields }
    thread(id).push(message)
    emit('message:new', message)
    return message
  }
  const change = (id, messageId, fields) => {
    const list = thread(id)
    const i = list.findIndex((m) => m.id === messageId)
    list[i] = emit('message:update', { ...list[i], ...fields })
  }

  return {
    state, put, add, change, emit,
    customerSays(id, text) {
      const message = add(id, { direction: 'in', kind: 'text', text, author: 'contact', state: 'received' })
      const c = state.conversations.get(id)
      put(id, { unread: c.unread + 1, lastMessage: { id: message.id, kind: 'text', text, author: 'contact' }, lastMessageAt: message.sentAt, waitingSince: c.waitingSince ?? message.sentAt })
      return message
    },
    setLine(change) {
      state.line = { ...state.line, ...change, since: new Date().toISOString() }
      publish('session:status', { cursor: next(), data: state.line })
    },
    /** Somebody comes, goes, or says that they are away. */
    is(user, availability) {
      state.users.find((one) => one.id === user).availability = availability
      publish('presence', { cursor: state.now(), data: { user, availability } })
    },
    publishPeople: (people) => publish('presence', { cursor: state.now(), data: { people } }),
    setQr(text, seconds = 20) {
      state.qr = { qr: text, expiresAt: new Date(Date.now() + seconds * 1000).toISOString() }
      publish('session:qr', { cursor: next(), data: state.qr })
    },
  }
}

const page = (list, query, key) => {
  const limit = Number(query.get('limit') ?? 50)
  const before = query.get('before')
  const from = before ? list.findIndex((one) => one[key] === before) + 1 : 0
  const items = list.slice(from, from + limit)
  return { items, next: from + limit < list.length ? items.at(-1)[key] : '' }
}
const refuse = (status, message, data = {}) => ({ status, body: { status, message, data } })
const ok = (body, status = 200) => ({ status, body })

/** Answers one request: [method, path, query, body, user] → {status, body, cookie?}. */
export function answer(desk, { method, path, query, body, user, meant, session }) {
  const { state } = desk
  if (path === '/api/auth/login') {
    if (state.failLogin) return refuse(state.failLogin, 'Demasiados intentos.')
    const found = state.users.find((u) => (u.username === body.identity || u.email === body.identity) && body.password === 'secreto')
    if (!found) return refuse(401, 'El usuario o la contraseña no son correctos.')
    const sid = `s${Math.random()}`
    state.sessions.set(sid, found)
    return { ...ok(found), cookie: sid }
  }
  if (!user) return refuse(401, 'Tu sesión terminó.')
  if (meant && meant !== user.id) return refuse(412, 'En este navegador inició sesión otra persona.')
  if (path === '/api/auth/me') return ok({ ...user, targetMinutes: 15 })
  if (path === '/api/users/me/availability') {
    if (state.sticky) return refuse(503, 'Ahora no se puede.')
    desk.is(user.id, body.availability)
    return ok(body)
  }
  if (path === '/api/auth/logout') return state.sessions.delete(session), ok({})
  if (path === '/api/warnings') return user.role === 'ADMIN' ? ok({ items: state.warnings ?? [], next: '' }) : refuse(403, 'No.')
  if (path === '/api/areas') return ok({ items: areas.filter((area) => user.role !== 'OPERATOR' || user.areas.some((own) => own.id === area.id)), next: '' })
  if (path === '/api/areas/names') return ok({ items: areas.map(({ id, name, color }) => ({ id, name, color })), next: '' })
  if (path === '/api/colleagues') return ok({ items: state.users, next: '' })
  if (path === '/api/changes') {
    const after = state.changes.filter((c) => Number(c.cursor) > Number(query.get('since')))
    return ok({ conversations: after.filter((c) => c.name.startsWith('conv')).map((c) => c.data), messages: after.filter((c) => c.name.startsWith('mess')).map((c) => c.data), removed: [], cursor: after.at(-1)?.cursor ?? query.get('since'), more: false })
  }
  if (path.startsWith('/api/bot/')) return bot(desk, path.slice(9), body)
  if (path === '/api/conversations') return list(state, query, user)
  const [, id, action, message, last] = path.match(/^\/api\/conversations\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?$/) ?? []
  if (!id || !state.conversations.has(id)) return refuse(404, 'No está.')
  if (!action) return ok(state.conversations.get(id))
  if (message && last === 'fetch') return fetchFile(desk, id, message)
  if (message && last === 'retry') return desk.change(id, message, { state: 'sent', reason: '' }), ok({})
  if (action === 'messages') return method === 'GET' ? ok(messages(desk, id, query)) : send(desk, id, body, user)
  return act(desk, id, action, body, user)
}

function list(state, query, user) {
  const view = query.get('view')
  const q = (query.get('q') ?? '').toLowerCase()
  const all = [...state.conversations.values()]
    .filter((c) => (view === 'mine' ? c.assignee === user.id && c.status !== 'closed' : view === 'waiting' ? c.status === 'waiting' : true))
    .filter((c) => !query.get('status') || query.get('status').split(',').includes(c.status))
    .filter((c) => !q || c.contact.name.toLowerCase().includes(q))
    .filter((c) => query.get('order') !== 'wait' || c.waitingSince)
    .sort((a, b) => (query.get('order') === 'wait' ? (a.waitingSince < b.waitingSince ? -1 : 1) : a.lastMessageAt < b.lastMessageAt ? 1 : -1))
  return ok({ ...page(all, query, 'id'), cursor: state.now() })
}

function messages(desk, id, query) {
  if (!desk.state.threads.has(id)) desk.state.threads.set(id, long(id, 3))
  return page([...desk.state.threads.get(id)].reverse(), query, 'id')
}

function send(desk, id, body, user) {
  const { state } = desk
  if (state.refuse) return refuse(state.refuse.status, state.refuse.message ?? '', state.refuse.data ?? {})
  const before = (state.threads.get(id) ?? []).find((m) => m.clientId === body.clientId)
  if (before) return ok(before, 201)
  const newer = (state.threads.get(id) ?? []).filter((m) => m.direction === 'in' && body.seenCursor && Number(m.pos) > Number(body.seenCursor))
  if (newer.length) return refuse(409, 'Llegaron mensajes.', newer)
  const media = body.media && { id: `up-${body.clientId}`, mime: 'image/png', name: body.media, width: Number(body.width) || undefined, height: Number(body.height) || undefined, size: 1, state: 'ready', url: `/api/files/up-${body.clientId}` }
  const kind = body.note ? 'note' : !media ? 'text' : /\.png$/.test(body.media) ? 'image' : 'document'
  const message = desk.add(id, { clientId: body.clientId, direction: 'out', kind, media, text: body.text, author: user.id, state: body.note ? 'sent' : 'queued' })
  desk.put(id, { unread: 0, waitingSince: undefined, lastMessage: { id: message.id, kind: message.kind, text: body.text, author: user.id }, lastMessageAt: message.sentAt })
  return ok(message, 201)
}

function act(desk, id, action, body, user) {
  const event = (kind, data) => desk.add(id, { kind: 'event', event: kind, author: user.id, data })
  const c = desk.state.conversations.get(id)
  if (action === 'claim' && desk.state.faster) return refuse(409, 'Martín tomó la conversación antes.')
  if (action === 'claim') return event('assigned', { user: user.id }), ok(desk.put(id, { status: 'open', assignee: user.id }))
  if (action === 'return') return event('returned'), ok(desk.put(id, { status: 'waiting', assignee: '' }))
  if (action === 'close') return event('closed', { reason: body.reason ?? '' }), ok(desk.put(id, { status: 'closed', waitingSince: undefined }, 'conversation:closed'))
  if (action === 'reopen') return event('reopened'), ok(desk.put(id, { status: 'open', assignee: user.id }))
  if (action === 'transfer') return event('transferred', body), ok(desk.put(id, { status: 'waiting', assignee: '', area: body.area ?? c.area }))
  if (action === 'flows') return ok(page([{ id: 'f-order', name: 'Estado del pedido' }], new URLSearchParams(), 'id'))
  if (action === 'flow') return event('flow_started', { flow: body.flowId ?? 'f-hello', name: body.flowId ? 'Estado del pedido' : 'Recepción' }), ok(desk.put(id, { status: 'bot' }))
  if (action === 'read') return desk.state.hits.push(['read', id]), ok(desk.put(id, { unread: 0 }))
  desk.state.hits.push([action, id, body])
  return action === 'view' ? ok({ viewers: desk.state.viewers.get(id) ?? [] }) : { status: 204 }
}

/** A file that waits is on its way when somebody asks for it; its arrival is the test's to tell. */
function fetchFile(desk, id, message) {
  if (desk.state.diskFull) return refuse(507, 'El servidor casi no tiene espacio en disco.')
  const { media } = desk.state.threads.get(id).find((m) => m.id === message)
  return desk.change(id, message, { media: { ...media, state: 'pending', reason: '' } }), ok({})
}

function bot(desk, action, body) {
  const { state } = desk
  if (action === 'status') return ok(state.line)
  if (action === 'qr') return state.qr && state.line.state === 'waiting_scan' ? ok(state.qr) : refuse(409, 'La línea no espera un escaneo.')
  if (action === 'pair-code') return ok({ code: 'ABCD-1234' })
  if (action === 'start') return desk.setLine({ state: 'waiting_scan' }), desk.setQr('2@demo,demo,demo'), ok(state.line)
  if (action === 'stop') return desk.setLine({ state: 'stopped' }), ok(state.line)
  if (action === 'pause' || action === 'metadata') return desk.setLine({ paused: action === 'pause' || body.paused === true }), ok(state.line)
  return refuse(404, '')
}
