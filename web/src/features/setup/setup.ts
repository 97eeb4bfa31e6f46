/** The one-time token of a set-up link, which stands after #: no server ever sees it. Empty when there is none. */
export const tokenOf = (hash: string): string => decodeURIComponent(/^#token=(.+)$/.exec(hash)?.[1] ?? '')

/** The shortest password that the server takes. Characters. */
export const MIN_PASSWORD = 10

export const strongEnough = (password: string): boolean => [...password].length >= MIN_PASSWORD
