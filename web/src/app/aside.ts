import { defineComponent } from 'vue'
import { useAttention } from './attention'
import { useUnsent } from './unsent'

/** What the desk says beside its screens. Nothing of it is needed for the first paint, so it is loaded after. */
export default defineComponent(() => {
  useAttention()
  useUnsent()
  return () => null
})
