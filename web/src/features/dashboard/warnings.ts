export interface Warning {
  code: string
  message: string // the server's sentence
}

/** The list of /api/warnings; one without a sentence says nothing. */
export function toWarnings(answer: unknown): Warning[] {
  const items = (answer as { items?: unknown } | null | undefined)?.items
  const known = (Array.isArray(items) ? items : []) as (Partial<Warning> | null)[]
  return known.map((w) => ({ code: String(w?.code ?? ''), message: String(w?.message ?? '') })).filter((w) => w.message !== '')
}
