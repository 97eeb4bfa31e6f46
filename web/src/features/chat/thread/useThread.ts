import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { hear } from '@/lib/desk'
import { conversations } from '@/lib/desk/conversations'
import { onDelivered, pending, type Pending } from '@/lib/desk/outbox'
import { picture } from '@/lib/desk/pictures'
import { me } from '@/lib/session'
import type { Entry, Id, Message } from '@/lib/types'
import { firstUnread, rows } from './threadRows'
import { arrived, confirmed, forgetThreads, loadNewest, loadOlder, thread } from './threadStore'

/** A bubble for what is still on its way. */
export function asMessage(one: Pending, author: Id): Message {
  const shape = one.file && picture(one.file)
  return {
    id: `local:${one.clientId}`, clientId: one.clientId, conversation: one.conversation, direction: 'out',
    kind: shape?.kind ?? (one.file ? 'document' : 'text'), text: one.text, author, authorName: '',
    state: one.state === 'failed' ? 'failed' : 'queued', reason: one.reason, note: one.note, edited: false, revoked: false,
    media: one.file
      ? { id: '', mime: one.file.type, name: one.file.name, size: one.file.size, seconds: 0, width: shape?.width ?? 0, height: shape?.height ?? 0, wave: [], state: 'pending', reason: '', url: shape?.url ?? '' }
      : null,
    quote: one.quote, reactions: [], place: null, cards: [], poll: null, what: '', cut: false, dropped: false, sentAt: one.at, pos: '', cursor: '',
  }
}

const RENEW = 3000 // ms until a thread that could not be renewed is tried again

/** Everything the pane shows of the open conversation, live. */
export function useThread(id: Ref<Id>) {
  const current = computed(() => thread(id.value))
  const unreadFrom = shallowRef('')
  const unread = shallowRef(0)
  const shift = shallowRef(false)

  const reload = () => loadNewest(id.value)
  const stops = [
    hear('message:new', arrived),
    hear('message:update', arrived),
    hear('reload', () => {
      forgetThreads()
      void reload()
    }),
    hear('live', () => state.value !== 'ready' && void reload()),
    onDelivered((message, one) => confirmed(message, one.clientId)),
  ]
  onScopeDispose(() => stops.forEach((stop) => stop()))

  const state = computed(() => current.value.value.state)
  let again: ReturnType<typeof setTimeout> | undefined
  watch(state, (now) => {
    clearTimeout(again)
    if (now === 'stale') again = setTimeout(reload, RENEW)
  })
  onScopeDispose(() => clearTimeout(again))

  // The divider has to be there before the pane is: it opens at it.
  watch(
    id,
    (now) => {
      unread.value = conversations.get(now)?.unread ?? 0
      const divide = (entries: readonly Entry[]) => {
        if (id.value === now) unreadFrom.value = firstUnread(entries, unread.value)
      }
      divide(thread(now).value.entries)
      void loadNewest(now, divide)
    },
    { immediate: true },
  )

  const mine = computed(() => pending.value.filter((one) => one.conversation === id.value))
  const entries = computed<Entry[]>(() => {
    const known = current.value.value.entries
    const sent = new Set(known.map((entry) => ('clientId' in entry ? entry.clientId : '')))
    return [...known, ...mine.value.filter((one) => !sent.has(one.clientId)).map((one) => asMessage(one, me.value?.id ?? ''))]
  })

  return {
    current,
    entries,
    mine,
    shift,
    unreadFrom,
    rows: computed(() => rows(entries.value, unreadFrom.value, unread.value)),
    state,
    reload,
    /** Older messages; shift is on exactly while they are put in, so that what is being read stays in place. */
    older: () => loadOlder(id.value, () => (shift.value = true)).catch(() => false),
  }
}
