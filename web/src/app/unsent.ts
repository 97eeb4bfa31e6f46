import { watch } from 'vue'
import { i18n } from '@/i18n'
import { contactName } from '@/lib/contact'
import { conversations, loadOne } from '@/lib/desk/conversations'
import { pending, type Pending } from '@/lib/desk/outbox'
import { stuck } from '@/lib/desk/outboxQueue'
import { dismiss, toast } from '@/lib/toasts'
import { router } from './router'

const open = () => router.currentRoute.value.params.id

/** Tells of each message that does not go out by itself, once, unless its conversation is open and shows it. */
export function useUnsent() {
  const told = new Map<string, number>() // client id → its toast; 0: there is none

  async function tell({ clientId, conversation }: Pending) {
    told.set(clientId, 0)
    if (open() === conversation) return
    const known = conversations.get(conversation) ?? (await loadOne(conversation).catch(() => undefined))
    if (!known || !told.has(clientId) || open() === conversation) return
    const t = i18n.global.t as (key: string, values?: Record<string, string>) => string
    const action = { label: t('waiting.open'), run: () => void router.push({ name: 'chat', params: { id: conversation } }) }
    told.set(clientId, toast(t('attention.unsent', { name: contactName(known.contact) }), { tone: 'error', action }))
  }

  watch([pending, open], () => {
    const held = new Map(pending.value.filter(stuck).map((one) => [one.clientId, one]))
    for (const [clientId, id] of told) {
      const one = held.get(clientId)
      if (!one || one.conversation === open()) dismiss(id)
      if (!one) told.delete(clientId)
    }
    for (const one of held.values()) if (!told.has(one.clientId)) void tell(one)
  }, { immediate: true })
}
