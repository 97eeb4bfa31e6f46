import { post } from '@/lib/api'
import type { Id } from '@/lib/types'
import { me } from '@/lib/session'
import { conversations, foresee, loadOne, upsert } from './conversations'

/** What people do to a conversation. The list shows it at once; a refusal takes it back and is thrown. */
async function act(id: Id, action: string, body: unknown, guess: Parameters<typeof foresee>[1] | null) {
  const takeBack = guess ? foresee(id, guess) : () => {}
  try {
    const answer = (await post(`/api/conversations/${id}/${action}`, body)) as { id?: string; status?: string } | undefined
    if (answer?.id === id && answer.status) upsert(answer)
    else await loadOne(id)
  } catch (error) {
    takeBack()
    throw error
  }
}

const self = () => ({ id: me.value?.id ?? '', name: me.value?.name ?? '' })

export const claim = (id: Id) => act(id, 'claim', {}, { status: 'open', assignee: self() })
export const giveBack = (id: Id) => act(id, 'return', {}, { status: 'waiting', assignee: null })
export const close = (id: Id, reason = '') => act(id, 'close', reason ? { reason } : {}, { status: 'closed', waitingSince: '' })
export const reopen = (id: Id) => act(id, 'reopen', {}, { status: 'open' })
export const giveToBot = (id: Id, flowId: Id | null) => act(id, 'flow', { flowId }, { status: 'bot', waitingSince: '' })
export const transfer = (id: Id, to: { area?: Id; user?: Id; note?: string }) => act(id, 'transfer', to, null)

/** Quiet notices to the server: losing one costs nothing. */
export const markRead = (id: Id) => {
  foresee(id, { unread: 0 })
  return post(`/api/conversations/${id}/read`).catch(() => {})
}
export const tellTyping = (id: Id, on: boolean) => post(`/api/conversations/${id}/typing`, { on }).catch(() => {})
export const tellViewing = async (id: Id, on: boolean) =>
  conversations.has(id) && post(`/api/conversations/${id}/view`, { on }).catch(() => {})
