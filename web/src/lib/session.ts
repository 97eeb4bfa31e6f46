import { readonly, shallowRef } from 'vue'
import { ApiError, call, get, onApi, post } from './api'
import { LOCALES, locale, setLocale, type Locale } from '@/i18n'
import type { Me } from './types'
import { toMe } from './wire'

const current = shallowRef<Me | null>(null)
const ended = shallowRef(false)

/** Who is logged in; null before the login. */
export const me = readonly(current) as Readonly<typeof current>
/** The session ended while the page was open: ask for the password in place, keep everything else. */
export const expired = readonly(ended)

onApi({
  expired: () => {
    if (current.value) ended.value = true
  },
  language: () => locale(),
})

async function enter(user: unknown): Promise<Me> {
  const next = toMe(user)
  current.value = next
  ended.value = false
  if (LOCALES.includes(next.lang as Locale) && !localStorage.getItem('mostrador.lang')) await setLocale(next.lang as Locale, false)
  return next
}

/** Reads who the cookie belongs to; null when it belongs to nobody. Throws when the server can't be reached. */
export async function restore(): Promise<Me | null> {
  try {
    return await enter(await call('GET', '/api/auth/me', { quiet: true }))
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return null
    throw error
  }
}

export async function login(identity: string, password: string): Promise<Me> {
  await call('POST', '/api/auth/login', { body: { identity, password }, quiet: true })
  return enter(await get('/api/auth/me'))
}

export async function logout() {
  await post('/api/auth/logout').catch(() => {})
  current.value = null
  ended.value = false
}

export const canManage = (user: Me | null): boolean => user?.role === 'ADMIN'
