import { ApiError } from './api'
import { i18n } from '@/i18n'

/** The sentence for an error: the server's own when it has one, else what happened in plain words. */
export function say(error: unknown): string {
  const t = i18n.global.t as (key: string) => string
  if (!(error instanceof ApiError)) return t('errors.unknown')
  if (error.status === 0) return t('errors.offline')
  if (error.message) return error.message
  if (error.status === 403) return t('errors.forbidden')
  if (error.status === 404) return t('errors.missing')
  return t(error.status >= 500 ? 'errors.server' : 'errors.unknown')
}
