import { shallowRef, watch, type Ref } from 'vue'
import type { Entry, Id, Message } from '@/lib/types'
import { isEvent } from '@/lib/desk/wire'

const PAGES = 10 // of older messages that are read for a link to a photo

interface Thread {
  entries: Ref<readonly Entry[]>
  state: Ref<string>
  older: () => Promise<boolean>
}

/** The photo or video that the address names, as long as it does. One that is not there yet comes with an older page; one
 * that never comes gives the thread back. */
export function useViewer(wanted: () => Id | undefined, { entries, state, older }: Thread, missing: () => void) {
  const viewed = shallowRef<Message>()
  const find = (id: Id) => entries.value.find((entry): entry is Message => entry.id === id && !isEvent(entry) && entry.media?.state === 'ready')

  async function show(id: Id) {
    for (let tries = 0; wanted() === id; tries++) {
      const found = find(id)
      if (found) return (viewed.value = found)
      if (tries === PAGES || !(await older())) break
    }
    if (wanted() === id) missing()
  }
  watch(
    [wanted, () => state.value === 'ready'],
    ([id, ready]) => {
      if (viewed.value?.id !== id) viewed.value = id ? find(id) : undefined
      if (id && ready && !viewed.value) void show(id)
    },
    { immediate: true },
  )
  return viewed
}
