import { expect, it } from 'vitest'
import { toConversation } from '@/lib/desk/wire'
import { matcher } from './conversationList'

it('a search finds every word, accents or not', () => {
  const c = toConversation({ id: 'c', contact: { name: 'Begoña Núñez', phone: '+5491155550142' }, lastMessage: { kind: 'text', text: 'mañana' } })
  expect(['begona MANANA', '5550142', 'begona otra'].map((query) => matcher(query)(c))).toEqual([true, true, false])
})
