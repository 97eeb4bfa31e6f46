import { shallowReactive } from 'vue'
import { hear } from '@/lib/desk'
import type { Id } from '@/lib/types'

/** Who is writing where. A start without an end is forgotten after a while: phones do not always say that they stopped. */
const FORGET_MS = 12_000
const customers = shallowReactive(new Map<Id, ReturnType<typeof setTimeout>>())

export const typingIn = (conversation: Id): boolean => customers.has(conversation)

function stop(conversation: Id) {
  clearTimeout(customers.get(conversation))
  customers.delete(conversation)
}

/** What a typing event says: which conversation, and whether somebody is at it. Colleagues' typing is not the customer's. */
export function readTyping(data: Record<string, unknown>): { conversation: Id; on: boolean; customer: boolean } {
  const state = String(data.state ?? '')
  return {
    conversation: String(data.conversation ?? ''),
    on: data.on === true || state === 'composing' || state === 'recording',
    customer: !data.user,
  }
}

/** Follows typing events; a message ends the typing that announced it. Returns how to stop following. */
export function followTyping(): () => void {
  const stops = [
    hear('typing', (data) => {
      const { conversation, on, customer } = readTyping(data)
      if (!customer || !conversation) return
      stop(conversation)
      if (on) customers.set(conversation, setTimeout(() => stop(conversation), FORGET_MS))
    }),
    hear('message:new', (data) => data.direction === 'in' && stop(String(data.conversation))),
  ]
  return () => stops.forEach((one) => one())
}
