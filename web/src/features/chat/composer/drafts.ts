import { shallowReactive } from 'vue'
import { me } from '@/lib/session'
import type { Id, Quote } from '@/lib/types'

/** What somebody began to write in a conversation: theirs alone, kept on this browser until it is sent. */
export interface Draft {
  text: string
  note: boolean
  quote: Quote | null
}

const empty = (): Draft => ({ text: '', note: false, quote: null })
const cache = shallowReactive(new Map<string, Draft>()) // by the same key: the next person on this page has drafts of their own
const key = (id: Id) => `mostrador.draft.${me.value?.id ?? ''}.${id}`

export function draft(id: Id): Draft {
  const known = cache.get(key(id))
  if (known) return known
  let stored = empty()
  try {
    stored = { ...stored, ...(JSON.parse(localStorage.getItem(key(id)) ?? '{}') as Partial<Draft>) }
  } catch {
    // A draft that can't be read is no draft.
  }
  cache.set(key(id), stored)
  return stored
}

export function keep(id: Id, next: Draft) {
  cache.set(key(id), next)
  if (next.text || next.quote || next.note) localStorage.setItem(key(id), JSON.stringify(next))
  else localStorage.removeItem(key(id))
}

export const clearDraft = (id: Id) => keep(id, { ...empty(), note: draft(id).note })

/** For the list: the text of a draft that is not the one being looked at. */
export const draftText = (id: Id): string => draft(id).text.trim()
