import type { Entry } from './control'

/** A bubble on a phone: an entry with everything that happened to it later. */
export interface Bubble extends Entry {
  edited: boolean
  revoked: boolean
  reactions: string[]
  votes: string[]
  quoted: string // text of the quoted message
}

const CHANGES = ['reaction', 'edit', 'revoke', 'vote']

/** Renews entries by their number; ticks of old ones change, new ones are added. */
export function renew(known: readonly Entry[], next: readonly Entry[]): Entry[] {
  const byN = new Map(known.map((entry) => [entry.n, entry]))
  for (const entry of next) byN.set(entry.n, entry)
  return [...byN.values()].sort((a, b) => a.n - b.n)
}

/** What the phone shows: reactions, edits, revokes and votes are seen on the message that they change. */
export function bubbles(entries: readonly Entry[]): Bubble[] {
  const shown = new Map<string, Bubble>()
  for (const entry of entries) {
    const target = entry.ref ? shown.get(entry.ref) : undefined
    if (!CHANGES.includes(entry.kind)) {
      const quoted = entry.quote ? (shown.get(entry.quote)?.text ?? '') : ''
      shown.set(entry.id, { ...entry, edited: false, revoked: false, reactions: [], votes: [], quoted })
    } else if (target) {
      if (entry.kind === 'edit') Object.assign(target, { text: entry.text, edited: true })
      else if (entry.kind === 'revoke') target.revoked = true
      else if (entry.kind === 'vote') target.votes = entry.options ?? []
      else target.reactions = entry.text ? [entry.text] : []
    }
  }
  return [...shown.values()]
}

/** From which entry on the phone must be asked again: the first of the own ones that may still get a tick. */
export function askAfter(entries: readonly Entry[]): number {
  const open = entries.slice(-60).find((entry) => entry.fromMe && entry.state !== 'read' && entry.state !== 'played')
  return open ? open.n - 1 : (entries.at(-1)?.n ?? 0)
}

/** Numbers for customers to add, one after the other, so that nobody has to invent one. */
export function freeNumber(taken: readonly string[]): string {
  for (let i = 0; ; i++) {
    const number = `+549115555${String(7001 + i)}`
    if (!taken.includes(number)) return number
  }
}

const NAMES = ['Carla Ibáñez', 'Tiago Moreira', 'Emma Clarke', 'Rosa Quispe', 'Bruno Rey', 'Larissa Prado', 'Iván Soto', 'Amelia Hart']

export const freeName = (taken: readonly string[]): string => NAMES.find((name) => !taken.includes(name)) ?? `Cliente ${taken.length + 1}`

/** What kind of message a file is, as a phone would send it. */
export function kindOf(mime: string): 'image' | 'video' | 'audio' | 'document' {
  const [family] = mime.split('/')
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
}

export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary)
}
