import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { hear } from '@/lib/desk'
import { conversations } from '@/lib/desk/conversations'
import { inFlight, onDelivered, pending, type Pending } from '@/lib/outbox'
import { me } from '@/lib/session'
import type { Entry, Id, Message } from '@/lib/types'
import { toMessage } from '@/lib/wire'
import { firstUnread, rows } from './rows'
import { arrived, confirmed, forgetThreads, loadNewest, loadOlder, thread } from './thread'

/** A bubble for what is still on its way. */
export function asMessage(one: Pending, author: Id): Message {
  return {
    id: `local:${one.clientId}`, clientId: one.clientId, conversation: one.conversation, direction: 'out',
    kind: one.file ? 'document' : 'text', text: one.text, author, authorName: '',
    state: one.state === 'failed' ? 'failed' : 'queued', reason: one.reason, note: one.note, edited: false, revoked: false,
    media: one.file
      ? { id: '', mime: one.file.type, name: one.file.name, size: one.file.size, seconds: 0, width: 0, height: 0, wave: [], state: 'pending', url: '' }
      : null,
    quote: one.quote, reactions: [], place: null, cards: [], poll: null, what: '', sentAt: one.at, pos: '', cursor: '',
  }
}

/** Everything the pane shows of the open conversation, live. */
export function useThread(id: Ref<Id>) {
  const current = computed(() => thread(id.value))
  const unreadFrom = shallowRef('')
  const unread = shallowRef(0)
  const shift = shallowRef(false)

  // The echo of our own message may overtake the answer to the send; it waits, or the bubble would show twice.
  let held: unknown[] = []
  const release = () => {
    const echoes = held
    held = []
    echoes.forEach(arrived)
  }
  const receive = (data: Record<string, unknown>) => {
    const message = toMessage(data)
    const ours = message.direction === 'out' && message.author === me.value?.id
    if (ours && message.state === 'queued' && inFlight(message.conversation)) held.push(data)
    else arrived(data)
  }
  const stops = [
    hear('message:new', receive),
    hear('message:update', arrived),
    hear('reload', () => {
      forgetThreads()
      void loadNewest(id.value)
    }),
    onDelivered((message, one) => {
      confirmed(message, one.clientId)
      release()
    }),
  ]
  onScopeDispose(() => stops.forEach((stop) => stop()))

  watch(
    id,
    async (now) => {
      unreadFrom.value = ''
      unread.value = conversations.get(now)?.unread ?? 0
      await loadNewest(now)
      if (id.value === now) unreadFrom.value = firstUnread(current.value.value.entries, unread.value)
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
    reload: () => loadNewest(id.value),
    /** Older messages; shift is on exactly while they are put in, so that what is being read stays in place. */
    async older() {
      shift.value = true
      return loadOlder(id.value).catch(() => false)
    },
  }
}
