import { Ban, ChartBar, Contact, FileText, Image, Lock, MapPin, Mic, PhoneMissed, Sticker, Video, Volume2 } from '@lucide/vue'
import type { Component } from 'vue'

/** What stands for a message that is more than text: its icon and, without a caption, its word in the locale files. */
const icons: Record<string, Component> = {
  image: Image, video: Video, audio: Volume2, voice: Mic, document: FileText, sticker: Sticker, location: MapPin,
  contact: Contact, poll: ChartBar, call: PhoneMissed, unsupported: Ban, undecryptable: Ban, revoked: Ban, note: Lock,
}

export const kindIcon = (kind: string): Component | null => icons[kind] ?? null

/** The key of the locale files for a kind that has no text of its own. */
export const kindKey = (kind: string): string => (kind in icons ? `kind.${kind}` : 'kind.unsupported')
