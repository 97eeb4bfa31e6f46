import { computed, onBeforeUnmount, onMounted, shallowRef, watch, type Ref } from 'vue'
import { askAfter, bubbles, renew } from './phoneChat'
import { chat, type Entry } from './control'

/**
 * One chat of one phone, live. It asks every second instead of holding a connection: a browser opens six of them to a
 * server, and the desk in the next tab needs one.
 */
export function usePhone(number: Ref<string>, other: Ref<string>) {
  const entries = shallowRef<Entry[]>([])
  const typing = shallowRef(false)
  const lost = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = true

  async function ask() {
    clearTimeout(timer)
    const [phone, peer] = [number.value, other.value]
    if (phone && peer && document.visibilityState === 'visible') {
      try {
        const answer = await chat(phone, peer, askAfter(entries.value))
        if (phone === number.value && peer === other.value) {
          if (answer.messages?.length) entries.value = renew(entries.value, answer.messages)
          typing.value = Boolean(answer.typing) && answer.typing !== 'paused'
        }
        lost.value = false
      } catch {
        lost.value = true
      }
    }
    if (running) timer = setTimeout(() => void ask(), 1000)
  }

  watch([number, other], () => {
    entries.value = []
    typing.value = false
    void ask()
  })
  onMounted(() => void ask())
  onBeforeUnmount(() => {
    running = false
    clearTimeout(timer)
  })
  return { shown: computed(() => bubbles(entries.value)), typing, lost, ask }
}
