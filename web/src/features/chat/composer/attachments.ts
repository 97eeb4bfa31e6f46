import { shallowReactive, watch } from 'vue'
import { pending } from '@/lib/desk/outbox'
import { picture } from '@/lib/desk/pictures'
import { me } from '@/lib/session'
import type { Id } from '@/lib/types'

/** The files picked in each conversation and not sent, in order: on this page alone, and never for the next person. */
export const files = shallowReactive(new Map<Id, readonly File[]>())
watch(() => me.value?.id, () => files.clear())

export function attach(id: Id, more: readonly File[]) {
  more.forEach(picture) // measured while the words are written
  if (more.length) files.set(id, [...(files.get(id) ?? []), ...more])
}

export function detach(id: Id, file: File) {
  const rest = files.get(id)?.filter((one) => one !== file)
  if (rest?.length) files.set(id, rest)
  else files.delete(id)
}

// No storage takes a file: whoever leaves or reloads the page while one is unsent is asked first.
addEventListener('beforeunload', (event) => {
  if (files.size || pending.value.some((one) => one.file)) event.preventDefault()
})

// A file that misses its place would open in the page's stead.
for (const type of ['dragover', 'drop'] as const) {
  addEventListener(type, (event) => event.dataTransfer?.types.includes('Files') && event.preventDefault())
}
