import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { me } from '@/lib/session'
import { conversations, find, order, views, type View } from '@/lib/desk/conversations'
import { contactName } from '@/lib/contact'
import { fold } from '@/lib/format'
import type { Conversation, Id } from '@/lib/types'

const haystacks = new WeakMap<Conversation, string>() // a conversation that changes is a new object

/** The folded text that a local search looks into. */
function haystack(c: Conversation): string {
  let text = haystacks.get(c)
  if (text === undefined) haystacks.set(c, (text = fold(`${contactName(c.contact)} ${c.contact.phone} ${c.lastMessage?.text ?? ''} ${c.tags.join(' ')}`)))
  return text
}

/** Tells for each conversation whether it has every word of a query. */
export function matcher(query: string): (c: Conversation) => boolean {
  const words = fold(query).split(/\s+/)
  return (c) => words.every((word) => haystack(c).includes(word))
}

/** A search: what is on the page answers at once, the server adds what is not. */
export function useSearch(query: Ref<string>, view: Ref<View>) {
  const found = shallowRef<Id[]>([])
  const busy = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let abort = new AbortController()

  watch(query, (text) => {
    clearTimeout(timer)
    abort.abort()
    abort = new AbortController()
    found.value = []
    busy.value = text.trim().length > 1
    if (!busy.value) return
    const { signal } = abort
    timer = setTimeout(async () => {
      found.value = await find(text.trim(), signal).catch(() => [])
      if (!signal.aborted) busy.value = false
    }, 250)
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    abort.abort()
  })

  const shown = computed(() => {
    const text = query.value.trim()
    if (!text) return views[view.value].value
    const here = [...conversations.values()].filter(matcher(text))
    const ids = new Set([...here.map((c) => c.id), ...found.value])
    return [...ids].flatMap((id) => conversations.get(id) ?? []).sort((a, b) => (a.lastMessageAt < b.lastMessageAt ? 1 : -1))
  })
  return { shown, busy }
}

/** The tab to begin with: one's own work, else those who wait. */
export const firstView = (wish: unknown): View =>
  wish === 'mine' || wish === 'waiting' || wish === 'all' ? wish : me.value?.role === 'OPERATOR' ? 'mine' : 'all'

export const toggleOrder = () => (order.value = order.value === 'recent' ? 'wait' : 'recent')
