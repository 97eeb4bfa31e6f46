import type { Message } from '@/lib/types'

/** Whose a bubble is: the customer's, the desk's, the bot's, or a note among colleagues. */
export type Side = 'in' | 'out' | 'bot' | 'note'

export function sideOf(message: Message): Side {
  if (message.note) return 'note'
  if (message.direction === 'in') return 'in'
  return message.author === 'flow' ? 'bot' : 'out'
}
