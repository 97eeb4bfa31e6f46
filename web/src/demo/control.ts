import { ApiError } from '@/lib/api'

/** The control API of the emulated WhatsApp server, which plays the phones (docs/wasim.md). */
export interface Phone {
  number: string
  name: string
  owner: boolean
  linked?: { name?: string; online?: boolean }[]
}

export interface Entry {
  n: number
  id: string
  with: string
  fromMe: boolean
  kind: string
  text: string
  state: string
  at: string
  ref?: string
  quote?: string
  media?: { mime: string; size: number; name?: string; seconds?: number; error?: string }
  options?: string[]
  lat?: number
  lng?: number
}

export interface Say {
  to: string
  text?: string
  media?: { kind: string; mime: string; name?: string; caption?: string; base64: string }
  reaction?: { id: string; emoji: string }
  vote?: { id: string; options: string[] }
}

async function control<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/demo/api${path}`, {
      method, body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    })
  } catch {
    throw new ApiError(0, '')
  }
  const answer = (await response.json().catch(() => ({}))) as T & { message?: string }
  if (!response.ok) throw new ApiError(response.status, answer.message ?? '')
  return answer
}

const at = (number: string) => `/phones/${encodeURIComponent(number)}`

export const phones = async () => (await control<{ phones?: Phone[] }>('GET', '/phones')).phones ?? []
export const addPhone = (number: string, name: string) => control<Phone>('POST', '/phones', { number, name, delivered: 'auto', read: 'auto' })
export const say = (from: string, what: Say) => control<{ id: string }>('POST', `${at(from)}/say`, what)
export const typing = (from: string, to: string, on: boolean) => control('POST', `${at(from)}/typing`, { to, state: on ? 'composing' : 'paused' })
export const scan = (owner: string, qr: string) => control('POST', `${at(owner)}/scan`, { qr })
export const enterCode = (owner: string, code: string) => control('POST', `${at(owner)}/scan`, { code })
export const unlink = (owner: string) => control('POST', `${at(owner)}/logout`, {})
export const chat = (phone: string, other: string, after: number) =>
  control<{ messages?: Entry[]; typing?: string }>('GET', `${at(phone)}/chat?with=${encodeURIComponent(other)}&after=${after}`)
export const mediaUrl = (phone: string, n: number) => `/demo/api${at(phone)}/media/${n}`

/** The code that the desk shows right now; null when it shows none. */
export async function deskQr(): Promise<string | null> {
  try {
    return (await control<{ qr?: string }>('GET', '/qr')).qr ?? null
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
}
