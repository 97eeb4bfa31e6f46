import { onBeforeUnmount, onMounted, shallowRef, watch, type Ref } from 'vue'
import { tellViewing } from '@/lib/desk/actions'
import type { Id } from '@/lib/types'

/** Whether somebody has this page before their eyes; colleagues are told which conversation it shows. */
export function useWatching(id: Ref<Id>) {
  const visible = () => document.visibilityState === 'visible'
  const watching = shallowRef(visible())
  const update = () => (watching.value = visible())
  onMounted(() => document.addEventListener('visibilitychange', update))
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', update)
    void tellViewing(id.value, false)
  })
  watch(
    [id, watching],
    ([now, on], before) => {
      if (before[0] && before[0] !== now) void tellViewing(before[0], false)
      void tellViewing(now, on)
    },
    { immediate: true },
  )
  return watching
}
