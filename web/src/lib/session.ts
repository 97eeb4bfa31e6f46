import { readonly, shallowRef } from 'vue'
import { ApiError, call, get, onApi, post } from './api'
import { LOCALES, locale, setLocale, type Locale } from '@/i18n'
import type { Me } from './types'
import { toMe } from './desk/wire'

const current = shallowRef<Me | null>(null)
const ended = shallowRef(false)
const USER = 'mostrador.user' // whose the cookie is: what one tab of this browser tells the others

/** Who is logged in; null before the login. */
export const me = readonly(current) as Readonly<typeof current>
/** Whether the cookie is no longer that of the person this page was opened for. Then it starts anew, and nothing goes out before. */
function changed(): boolean {
  if (!current.value || localStorage.getItem(USER) === current.value.id) return false
  location.reload()
  return true
}
// Another tab: somebody else is there, or somebody came in while this one asks who it is.
window.addEventListener('storage', ({ key, newValue }) => {
  if (!changed() && !current.value && key === USER && newValue) location.reload()
})

/** The session ended while the page was open: ask for the password in place, keep everything else. */
export const expired = readonly(ended)

onApi({
  expired: () => {
    if (current.value) ended.value = true
  },
  language: () => locale(),
  user: () => current.value?.id ?? '',
  changed,
  replaced: () => location.reload(),
})

async function enter(user: unknown): Promise<Me> {
  const next = toMe(user)
  localStorage.setItem(USER, next.id)
  if (changed()) return next
  current.value = next
  ended.value = false
  if (LOCALES.includes(next.lang as Locale) && !localStorage.getItem('mostrador.lang')) await setLocale(next.lang as Locale, false)
  return next
}

/** Reads who the cookie belongs to; null when it belongs to nobody. Throws when the server can't be reached. */
export async function restore(): Promise<Me | null> {
  current.value = null
  try {
    return await enter(await call('GET', '/api/auth/me', { quiet: true }))
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return null
    throw error
  }
}

/** Asks whose the cookie is: it may have changed where no other tab of ours could tell. */
export async function confirmUser(): Promise<unknown> {
  const own = await get('/api/auth/me')
  localStorage.setItem(USER, toMe(own).id)
  changed()
  return own
}

export async function login(identity: string, password: string): Promise<Me> {
  await call('POST', '/api/auth/login', { body: { identity, password }, quiet: true })
  return enter(await get('/api/auth/me'))
}

export async function logout() {
  await post('/api/auth/logout').catch(() => {})
  current.value = null
  ended.value = false
  localStorage.removeItem(USER)
}

export const canManage = (user: Me | null): boolean => user?.role === 'ADMIN'
