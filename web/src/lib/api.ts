/** A refusal of the server, or status 0 when it could not be reached. message is the server's sentence for the user. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly data: Record<string, unknown> = {},
    readonly retryAfter = 0, // seconds; 0: not said
  ) {
    super(message)
  }

  get unreachable(): boolean {
    return this.status === 0 || (this.status >= 502 && this.status <= 504)
  }
}

const hooks = { expired: () => {}, language: () => navigator.language, user: () => '', changed: () => false, replaced: () => {} }
const PATIENCE = 30_000 // ms

/** Tells the client what to do when a session has ended, which language the server should answer in, and who is logged in. */
export function onApi(handlers: Partial<typeof hooks>) {
  Object.assign(hooks, handlers)
}

interface Options {
  body?: unknown // FormData is sent as it is, everything else as JSON
  query?: Record<string, string | number | undefined>
  signal?: AbortSignal
  quiet?: boolean // a 401 is an answer here, not the end of the session
  headers?: Record<string, string>
  patience?: number // ms until a server that has not answered counts as out of reach
}

function address(path: string, query: Options['query']): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined && value !== '') params.set(key, String(value))
  return params.size ? `${path}?${params}` : path
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as { message?: string; data?: Record<string, unknown> }
  return new ApiError(response.status, body.message ?? '', body.data ?? {}, Number(response.headers.get('Retry-After')) || 0)
}

/**
 * Calls the server and returns its JSON (undefined for 204). Throws ApiError, or AbortError when the signal fired. An answer
 * that is no JSON, or half of one, came from somewhere else; and what was asked for one person is nothing for the next.
 */
export async function call<T = unknown>(method: string, path: string, options: Options = {}): Promise<T> {
  if (hooks.changed()) throw new ApiError(401, '')
  const user = hooks.user()
  const form = options.body instanceof FormData
  const limit = AbortSignal.timeout(options.patience ?? PATIENCE)
  try {
    const response = await fetch(address(path, options.query), {
      method,
      signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
      credentials: 'same-origin',
      headers: {
        'Accept-Language': hooks.language(),
        ...(user ? { 'X-User': user } : {}),
        ...(options.body === undefined || form ? {} : { 'Content-Type': 'application/json' }),
        ...options.headers,
      },
      body: options.body === undefined ? undefined : form ? (options.body as FormData) : JSON.stringify(options.body),
    })
    if (response.status === 412) { // the cookie is somebody else's by now: nothing was done
      hooks.replaced()
      throw new ApiError(401, '')
    }
    if (response.status === 401 && !options.quiet) hooks.expired()
    if (!response.ok) throw await refusal(response)
    const answer = (response.status === 204 ? undefined : await response.json()) as T
    if (user === hooks.user()) return answer
  } catch (error) {
    if (options.signal?.aborted || error instanceof ApiError) throw error
  }
  throw new ApiError(0, '')
}

export const get = <T = unknown>(path: string, query?: Options['query'], signal?: AbortSignal) =>
  call<T>('GET', path, { query, signal })
export const post = <T = unknown>(path: string, body: unknown = {}) => call<T>('POST', path, { body })
