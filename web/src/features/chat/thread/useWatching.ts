import { onBeforeUnmount, onMounted, shallowRef, watch, type Ref } from 'vue'
import { tellViewing } from '@/lib/desk/actions'
import type { Id } from '@/lib/types'
import { meetViewers, RENEW_MS } from '@/features/chat/viewers'

/** Says that this conversation is looked at, and learns who else does. */
const look = (id: Id) => tellViewing(id, true).then((answer) => meetViewers(id, answer, Date.now()))

/** Whether somebody has this page before their eyes; colleagues are told which conversation it shows. */
export function useWatching(id: Ref<Id>) {
  const visible = () => document.visibilityState === 'visible'
  const watching = shallowRef(visible())
  const update = () => (watching.value = visible())
  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => {
    document.addEventListener('visibilitychange', update)
    timer = setInterval(() => watching.value && void look(id.value), RENEW_MS)
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', update)
    void tellViewing(id.value, false)
  })
  watch(
    [id, watching],
    ([now, on], before) => {
      if (before[0] && before[0] !== now) void tellViewing(before[0], false)
      void (on ? look(now) : tellViewing(now, false))
    },
    { immediate: true },
  )
  return watching
}
