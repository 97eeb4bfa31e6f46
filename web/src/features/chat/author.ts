import { nameOf } from '@/lib/desk/people'
import { me } from '@/lib/session'

/** Who wrote, in words: the customer by name, the bot, the phone, oneself or a colleague. */
export function authorName(author: string, customer: string, t: (key: string) => string, told = ''): string {
  if (author === 'contact' || author === '') return customer
  if (author === 'flow') return t('author.flow')
  if (author === 'phone') return t('author.phone')
  if (author === me.value?.id) return t('author.you')
  return told || nameOf(author) || t('author.colleague')
}
