// The emulator's control API, played: phones that keep what they say and get one answer back.
import { readFileSync } from 'node:fs'

const picture = readFileSync(new URL('../../public/icon.svg', import.meta.url))

export function createPhones() {
  const all = [
    { number: '+5491155550100', name: 'Casa Quintana', owner: true, linked: [] },
    { number: '+5491155550142', name: 'Carolina Benítez', owner: false },
    { number: '+5511955550144', name: 'Ana Clara Souza', owner: false },
    { number: '+12125550143', name: 'Emma Clarke', owner: false },
  ]
  const chats = new Map()
  const log = (number) => chats.get(number) ?? chats.set(number, []).get(number)
  const show = (number, entry) => {
    const list = log(number)
    list.push({ n: list.length + 1, id: `E${number}${list.length}`, with: all[0].number, state: entry.fromMe ? 'sent' : 'read', at: new Date().toISOString(), ...entry })
    return list.at(-1).id
  }
  show(all[1].number, { fromMe: true, kind: 'text', text: 'Hola', state: 'read' })
  show(all[1].number, { fromMe: false, kind: 'text', text: '¡Hola, Carolina! Elige con un número:\n1. Ventas\n2. Servicio técnico\n3. Cobranzas' })
  show(all[1].number, { fromMe: true, kind: 'text', text: '2', state: 'delivered' })
  show(all[1].number, { fromMe: true, kind: 'image', text: 'Así está desde anoche', state: 'sent', media: { mime: 'image/svg+xml', size: 900 } })

  return {
    all, show,
    answer(method, path, query, body) {
      if (path === '/phones' && method === 'GET') return { status: 200, body: { phones: all } }
      if (path === '/phones') return all.push({ owner: false, ...body }), { status: 200, body: all.at(-1) }
      if (path === '/qr') return all[0].linked.length ? { status: 404, body: {} } : { status: 200, body: { qr: '2@demo' } }
      const [, number, verb, n] = path.match(/^\/phones\/([^/]+)\/(\w+)(?:\/(\d+))?$/) ?? []
      const phone = all.find((one) => one.number === decodeURIComponent(number ?? ''))
      if (!phone) return { status: 404, body: { status: 404, message: 'there is no such phone' } }
      if (verb === 'chat') return { status: 200, body: { messages: log(phone.number).filter((e) => e.n > Number(query.get('after'))) } }
      if (verb === 'media') return { status: 200, file: picture, type: 'image/svg+xml', n }
      if (verb === 'scan') return (all[0].linked = [{ name: 'Mostrador' }]), { status: 200, body: {} }
      if (verb === 'logout') return (all[0].linked = []), { status: 200, body: {} }
      if (verb === 'say') return { status: 200, body: { id: show(phone.number, { fromMe: true, kind: body.media?.kind ?? 'text', text: body.text ?? body.media?.caption ?? '', media: body.media && { mime: body.media.mime, size: 1 } }) } }
      return { status: 200, body: { ok: true } }
    },
  }
}
