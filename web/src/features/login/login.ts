import { ApiError } from '@/lib/api'

/** What went wrong at the login, as a key of the locale files with its values. */
export interface Trouble {
  key: 'login.wrong' | 'login.slow' | 'login.slowFor' | 'login.down' | 'login.off' | 'login.other'
  values: Record<string, string | number>
}

/** Wrong is said the same way for an unknown user and a wrong password, as the server does. */
export function trouble(error: unknown): Trouble {
  if (!(error instanceof ApiError)) return { key: 'login.other', values: {} }
  if (error.unreachable) return { key: 'login.down', values: {} }
  if (error.status === 429) {
    const minutes = Math.ceil(error.retryAfter / 60)
    return minutes ? { key: 'login.slowFor', values: { n: minutes } } : { key: 'login.slow', values: {} }
  }
  if (error.status === 400 || error.status === 401) return { key: 'login.wrong', values: {} }
  if (error.status === 403) return { key: 'login.off', values: {} }
  return { key: 'login.other', values: {} }
}

/** Where to go after the login: only a path of this page, never another site. */
export const destination = (next: unknown): string =>
  typeof next === 'string' && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/'
