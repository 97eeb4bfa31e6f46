import { i18n } from '@/i18n'
import { phone } from './format'
import type { Conversation } from './types'

/** What a customer is called: the name, else the number, else that there is neither. A hidden id is never shown. */
export function contactName(contact: Conversation['contact']): string {
  return contact.name || phone(contact.phone) || (i18n.global.t as (key: string) => string)('contact.unnamed')
}
