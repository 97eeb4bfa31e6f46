// Invented people and messages in the shapes that docs/openapi.yaml describes.
export const NOW = Date.now()
export const ago = (minutes) => new Date(NOW - minutes * 60_000).toISOString()

export const areas = [
  ['ventas', 'Ventas', 7], ['tecnico', 'Servicio técnico', 2], ['envios', 'Envíos', 5], ['mayoristas', 'Mayoristas', 4], ['cobranzas', 'Cobranzas', 9],
].map(([id, name, color], order) => ({ id, name, color, description: '', active: true, order }))

export const users = [
  { id: 'u-lucia', name: 'Lucía Ferreyra', username: 'lucia', email: 'lucia@ejemplo.com', role: 'ADMIN' },
  { id: 'u-martin', name: 'Martín Ocampo', username: 'martin', email: 'martin@ejemplo.com', role: 'OPERATOR' },
  { id: 'u-joaquim', name: 'Joaquim Duarte', username: 'joaquim', email: 'joaquim@ejemplo.com', role: 'OPERATOR' },
].map((user) => ({ ...user, areas: areas.map(({ id, name, color }) => ({ id, name, color })), defaultArea: 'tecnico', availability: { 'u-martin': 'away', 'u-joaquim': 'available' }[user.id] ?? 'offline', lang: '', active: true }))

const people = [
  ['c-carolina', 'Carolina Benítez', '+5491155550142', 'open', 'tecnico', 'u-lucia', 2, 'Salgo a las 12:30, ¿llegan antes?', 'text', 7, 7],
  ['c-transportes', 'Transportes Hernández-Villalobos y Asociados S. A. de C. V.', '+525555550111', 'waiting', 'envios', '', 6, '¿Alguien me puede confirmar la entrega de las 14 unidades?', 'text', 41, 41],
  ['c-panaderia', 'Panadería Los Hermanos 🥐✨', '+5491155550155', 'open', 'mayoristas', 'u-lucia', 1, '', 'voice', 18, 18],
  ['c-diego', 'Diego Funes', '+5491155550199', 'waiting', 'ventas', '', 1, 'Perfecto, ¿y en 6 cuotas sin interés?', 'text', 3, 3],
  ['c-ana', 'Ana Clara Souza 🇧🇷', '+5511955550144', 'open', 'ventas', 'u-joaquim', 0, 'Vocês entregam no sábado?', 'text', 6, 0],
  ['c-sin', '', '+5491155550143', 'open', 'tecnico', 'u-lucia', 0, 'El turno quedó para el jueves 26 a las 9.', 'text', 13, 0, 'u-lucia'],
  ['c-betty', 'Betty Refrigeración 👩‍🔧', '+5491155550177', 'open', 'mayoristas', 'u-lucia', 0, '¿Tienen stock?', 'text', 32, 0],
  ['c-rodrigo', 'Rodrigo Maidana', '+5491155550188', 'open', 'cobranzas', 'u-martin', 0, 'Comprobante_transferencia.pdf', 'document', 47, 0],
  ['c-ines', 'Inés Goycoechea', '', 'bot', '', '', 0, '¡Mil gracias! 🙌', 'text', 64, 0],
  ['c-julian', 'Julián Pereyra Iraola', '+5491155550122', 'closed', 'tecnico', 'u-lucia', 0, 'Listo, quedó funcionando.', 'text', 1500, 0, 'u-lucia'],
]

const filler = Array.from({ length: 60 }, (_, i) => [
  `c-more-${i}`, `Cliente ${i + 1}`, `+54911555502${String(i).padStart(2, '0')}`, i % 4 ? 'closed' : 'bot', areas[i % 5].id, '', 0, `Consulta número ${i + 1}`, 'text', 1600 + i * 90, 0,
])

export const conversations = () =>
  [...people, ...filler].map(([id, name, phone, status, area, assignee, unread, text, kind, minutes, waiting, author = 'contact'], i) => ({
    id, status, area, assignee, contact: { id: `k-${id}`, name, phone: phone || undefined }, line: 'line1', unread,
    lastMessage: { id: `${id}-last`, kind, text, author }, lastMessageAt: ago(minutes), waitingSince: waiting ? ago(waiting) : undefined,
    startedAt: ago(minutes + 900), tags: i ? [] : ['garantía', 'heladeras'], cursor: String(1000 - i),
  }))

const svg = (w, h, body) => `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}">${body}</svg>`)}`
const photo = svg(520, 328, '<rect width="520" height="328" fill="#cdd3d2"/><rect y="244" width="520" height="84" fill="#a98d6e"/><rect x="248" y="20" width="152" height="248" rx="10" fill="#eceeee"/><ellipse cx="300" cy="290" rx="160" ry="22" fill="#6fa6c4"/>')
const sticker = svg(128, 128, '<circle cx="64" cy="64" r="56" fill="#f4b63f"/><path d="M38 70q26 34 52 0z" fill="#3a2a12"/>')

let seq = 0

/** Every desk counts from one, so that a test may name its messages. */
export const startOver = () => (seq = 0)

const made = (conversation, minutes, more) => {
  const n = String(++seq).padStart(6, '0')
  return { id: `m${n}`, conversation, direction: 'in', kind: 'text', author: 'contact', state: 'received', sentAt: ago(minutes), pos: String(seq), cursor: String(seq), ...more }
}
const out = (author, state, more) => ({ direction: 'out', author, state, ...more })

/** One message of every kind, as the design's sheet shows them. */
export function carolina() {
  const c = 'c-carolina'
  const m = (minutes, more) => made(c, minutes, more)
  const event = (minutes, event, author, data = {}) => m(minutes, { kind: 'event', event, author, data })
  return [
    m(1021, { text: 'Hola' }), event(1020, 'flow', 'flow', { visits: [{ node: 'menu', what: 'entered' }, { node: 'menu', what: 'left', port: 'tecnico' }, { node: 'pedido', what: 'missed' }, { node: 'pedido', what: 'left', port: 'next' }] }),
    event(1020, 'handover', 'flow', { area: 'tecnico', reason: 'flow' }),
    m(1019, { ...out('flow', 'read'), text: 'Gracias, Carolina. Encontré tu pedido QNT-4471 ✅\nTe paso con Servicio técnico, responden en unos 10 minutos.' }),
    event(1018, 'assigned', 'system', { user: 'u-lucia' }),
    m(1016, { text: 'Buenas tardes, la heladera que compré en marzo pierde agua por abajo 😟' }),
    m(1016, { kind: 'image', text: 'Así está desde anoche', media: { id: 'f1', mime: 'image/png', width: 520, height: 328, size: 90000, state: 'ready', url: photo } }),
    m(1011, { ...out('u-lucia', 'read'), text: 'Lamento la molestia, Carolina. ¿Me dices el modelo? Está en la etiqueta de adentro, arriba a la izquierda.', editedAt: ago(1010), quote: { id: 'm000006', text: 'Buenas tardes, la heladera que compré en marzo pierde agua por abajo 😟', author: 'contact', kind: 'text' } }),
    m(1008, { kind: 'voice', media: { id: 'f2', mime: 'audio/ogg', seconds: 23, size: 40000, state: 'ready', url: '/api/files/f2', wave: Buffer.from(Array.from({ length: 64 }, (_, i) => 20 + ((i * 37) % 80))).toString('base64') } }),
    m(1007, { kind: 'location', location: { lat: -34.6262, lng: -58.4378, name: 'Av. Pedro Goyena 1180', address: 'Caballito, Buenos Aires' } }),
    m(1007, { kind: 'contact', cards: [{ name: 'Raúl Portero', vcard: 'BEGIN:VCARD\nVERSION:3.0\nFN:Raúl Portero\nTEL;type=CELL:+54 9 11 5555-0187\nEND:VCARD' }] }),
    m(1006, { kind: 'sticker', media: { id: 'f3', mime: 'image/webp', size: 9000, state: 'ready', url: sticker } }),
    m(1000, { ...out('u-lucia', 'read'), kind: 'document', media: { id: 'f4', mime: 'application/pdf', name: 'Garantía_QNT-4471.pdf', size: 184000, state: 'ready', url: '/api/files/f4' }, reactions: [{ emoji: '🙏', author: 'contact' }] }),
    m(998, { ...out('u-lucia', 'delivered'), kind: 'poll', text: '¿Qué horario te queda mejor?', poll: { question: '¿Qué horario te queda mejor?', options: ['Mañana, de 10 a 13', 'Mañana, de 15 a 18'], max: 1 }, votes: [{ author: 'contact', options: ['Mañana, de 10 a 13'] }] }),
    m(997, { ...out('u-lucia', 'sent'), kind: 'note', text: '@Martín Ocampo ¿queda técnico libre mañana en Caballito? La garantía vence el 3/12, conviene resolverlo esta semana.' }),
    m(60, { revokedAt: ago(59) }), m(50, { kind: 'call' }), m(49, { kind: 'unsupported', what: 'pinInChatMessage' }),
    m(48, { kind: 'image', media: { id: 'f5', mime: 'image/jpeg', width: 800, height: 600, state: 'failed', reason: 'gone' } }), m(47, { kind: 'document', media: { id: 'f6', mime: 'text/csv', name: 'precios.csv', state: 'pending' } }),
    event(30, 'transferred', 'u-martin', { area: 'tecnico', from: 'ventas' }),
    m(16, { ...out('u-lucia', 'read'), text: '¡Buen día! El técnico puede ir hoy entre las 11 y las 13. ¿Te sirve?' }),
    m(15, { ...out('u-lucia', 'failed'), text: 'Lleva el repuesto, así que lo resuelve en una sola visita.', reason: 'offline' }),
    m(10, { text: '¡Sí, hoy puedo! 🎉', reactions: [{ emoji: '❤️', author: 'u-lucia' }] }),
    m(7, { text: 'Salgo a las 12:30, ¿llegan antes? Si no, le dejo la llave a Raúl, el portero, que está hasta las 14. Más en https://ejemplo.com/llave' }),
  ]
}

/** A long thread: n messages, both ways. */
export const long = (conversation, n) =>
  Array.from({ length: n }, (_, i) =>
    made(conversation, (n - i) * 9, i % 3 === 2 ? { ...out('u-lucia', 'read'), text: `Respuesta ${i}: ${'bla '.repeat(i % 17)}` } : { text: `Mensaje ${i} ${'hola '.repeat(i % 29)}` }),
  )
