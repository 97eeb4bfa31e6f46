import type { Message, Quote } from '@/lib/types'

interface KeyLike {
  key: string
  shiftKey: boolean
  ctrlKey: boolean
  altKey: boolean
  metaKey: boolean
  isComposing: boolean
  keyCode: number
}

/** Enter sends, Shift Enter breaks the line; while an input method composes (keyCode 229), Enter belongs to it. */
export const sends = (event: KeyLike): boolean =>
  event.key === 'Enter' && !event.shiftKey && !event.altKey && !event.isComposing && event.keyCode !== 229

/** Whether what is pasted is meant as text: a spreadsheet gives its cells as a picture, too, a copied file its name. */
export const isText = (types: readonly string[]): boolean => types.includes('text/plain') && types.includes('text/html')

export const quoteOf = (message: Message): Quote => ({ id: message.id, text: message.text, author: message.author, kind: message.kind })

/** WhatsApp cuts nothing, but a message longer than this is not read on a phone. Characters. */
export const MAX_TEXT = 65_536

/** The most that a file may weigh, in bytes, as WhatsApp takes it. */
export const MAX_FILE = 64 * 1024 * 1024

export const tooBig = (file: File): boolean => file.size > MAX_FILE
