import { shallowRef } from 'vue'
import { ApiError, call, get, post } from '@/lib/api'
import type { LineState, LineStatus } from '@/lib/types'
import { toLineStatus } from './wire'

export interface Qr {
  text: string
  expiresAt: string
}

/** The company's WhatsApp line as the server last told it; null until it did. */
export const line = shallowRef<LineStatus | null>(null)
/** The code to scan; null when the line does not wait for a scan. */
export const qr = shallowRef<Qr | null>(null)

export async function loadLine() {
  heardLine(await get('/api/bot/status'))
}

/**
 * Takes in a status; a line that stopped waiting for a scan has no code any more. An answer may arrive after the event
 * that overtook it ("connecting" after "waiting for a scan"): what began earlier than what is known is old.
 */
export function heardLine(raw: unknown) {
  const next = toLineStatus(raw)
  if (line.value?.line === next.line && Date.parse(next.since) < Date.parse(line.value.since)) return
  line.value = next
  if (line.value.state !== 'waiting_scan') qr.value = null
}

export function heardQr(raw: unknown) {
  const { qr: text, expiresAt } = (raw ?? {}) as { qr?: string; expiresAt?: string }
  qr.value = text ? { text, expiresAt: expiresAt ?? '' } : null
}

/** Reads the code; a line that is not waiting for a scan answers 409, which is not a fault. */
export async function loadQr() {
  try {
    heardQr(await get('/api/bot/qr'))
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error
    qr.value = null
  }
}

export const startLine = async () => heardOr(await post('/api/bot/start'))
export const stopLine = async () => heardOr(await post('/api/bot/stop'))
export const unlink = async () => heardOr(await post('/api/bot/logout'))
export const pause = async (paused: boolean) =>
  heardOr(paused ? await post('/api/bot/pause') : await call('PATCH', '/api/bot/metadata', { body: { paused: false } }))
export const pairByPhone = async (phone: string) => (await post<{ code: string }>('/api/bot/pair-code', { phone })).code

/** Some answers carry the new status, some nothing: then ask. */
async function heardOr(answer: unknown) {
  if ((answer as { state?: string } | undefined)?.state) heardLine(answer)
  else await loadLine()
}

/** How serious a state is, and what the agent can do about it on this page. */
export const LINE_TONE: Record<LineState, 'ok' | 'wait' | 'warn' | 'bad' | 'off'> = {
  connected: 'ok', connecting: 'wait', waiting_scan: 'warn', passkey: 'warn', offline: 'warn', outdated: 'bad',
  replaced: 'bad', logged_out: 'bad', restricted: 'warn', banned: 'bad', stopped: 'off',
}
export const CAN_START: readonly LineState[] = ['stopped', 'replaced', 'logged_out', 'outdated', 'banned']
export const CAN_STOP: readonly LineState[] = ['connecting', 'waiting_scan', 'passkey', 'connected', 'offline', 'restricted']
/** States in which customers' messages do not come in. */
export const NOT_RECEIVING: readonly LineState[] = ['stopped', 'waiting_scan', 'passkey', 'outdated', 'replaced', 'logged_out', 'banned', 'offline']
