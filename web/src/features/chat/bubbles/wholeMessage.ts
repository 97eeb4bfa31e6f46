import { computed, shallowRef, watch } from 'vue'
import { get } from '@/lib/api'
import type { Message } from '@/lib/types'
import { toMessage } from '@/lib/desk/wire'

/** The newest state of a message with everything that it says: what comes meanwhile (ticks, reactions) has only its beginning. */
export function unfolded(message: Message, whole: Message): Message {
  const { text, place, cards, quote, poll, dropped } = whole
  return { ...message, text, place, cards, quote, poll, dropped, cut: false }
}

/** A message of which the thread holds the beginning, and the rest for who asks for it. */
export function useWhole(message: () => Message) {
  const whole = shallowRef<Message | null>(null)
  const state = shallowRef<'idle' | 'loading' | 'failed'>('idle')
  const version = () => `${message().id} ${message().edited} ${message().text}`
  watch(version, () => {
    whole.value = null
    state.value = 'idle'
  })

  async function load() {
    const { id, conversation } = message()
    const asked = version()
    state.value = 'loading'
    try {
      const answer = toMessage(await get(`/api/conversations/${conversation}/messages/${id}`))
      if (version() !== asked) return
      whole.value = answer
      state.value = 'idle'
    } catch {
      if (version() === asked) state.value = 'failed'
    }
  }

  return { state, load, shown: computed(() => (whole.value ? unfolded(message(), whole.value) : message())), open: computed(() => whole.value !== null) }
}
