import { ApiError } from '@/lib/api'

/** The sentence for what the emulator refused; its own when it has one. */
export function sentenceFor(error: unknown, t: (key: string) => string): string {
  if (error instanceof ApiError && error.message) return error.message
  return t(error instanceof ApiError && error.status === 0 ? 'demo.down' : 'demo.failed')
}
