/** The one-time token of a set-up link: after # (never seen by a server) or as ?token=. Empty when there is none. */
export function tokenOf(hash: string, query: unknown): string {
  const fragment = hash.replace(/^#/, '')
  const inFragment = /^token=(.+)$/.exec(fragment)?.[1] ?? fragment
  return decodeURIComponent(inFragment) || (typeof query === 'string' ? query : '')
}

/** The shortest password that the server takes. Characters. */
export const MIN_PASSWORD = 10

export const strongEnough = (password: string): boolean => [...password].length >= MIN_PASSWORD
