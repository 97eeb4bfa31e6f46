import { shallowReactive, watch } from 'vue'
import { pending } from '@/lib/outbox'
import { me } from '@/lib/session'
import type { Id } from '@/lib/types'

/** The file picked in each conversation and not sent: on this page alone, and never for the next person. */
export const files = shallowReactive(new Map<Id, File>())
watch(() => me.value?.id, () => files.clear())

// No storage takes a file: whoever leaves or reloads the page while one is unsent is asked first.
addEventListener('beforeunload', (event) => {
  if (files.size || pending.value.some((one) => one.file)) event.preventDefault()
})
