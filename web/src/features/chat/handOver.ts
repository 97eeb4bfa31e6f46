import { shallowRef, watch, type Ref } from 'vue'
import { me } from '@/lib/session'
import type { Conversation } from '@/lib/types'
import { may } from './rights'

export interface Handing {
  conversation: Conversation
  to: 'transfer' | 'bot'
}

/**
 * The dialog that hands a conversation over, while the address names it. It keeps the conversation it was opened for, also
 * when that one is taken away behind it: what was typed stays. A link by which one may not do it leads to the conversation.
 */
export function useHandOver(current: Ref<Conversation | undefined>, layer: () => string | undefined, close: () => void) {
  const handing = shallowRef<Handing>()
  watch(
    [layer, current],
    ([to, conversation]) => {
      if (to !== 'transfer' && to !== 'bot') handing.value = undefined
      else if (handing.value || !conversation) return
      else if (may(conversation, me.value)[to]) handing.value = { conversation, to }
      else close()
    },
    { immediate: true },
  )
  return handing
}
