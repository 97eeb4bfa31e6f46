import type { InjectionKey } from 'vue'
import type { Message } from '@/lib/types'

/** Shows a picture or video large. The pane does, by an address: a bubble is gone as soon as it is scrolled away. */
export const VIEW: InjectionKey<(message: Message) => void> = Symbol()

/** The box of a picture in a bubble, in pixels: its own shape within limits; 260 × 164 when the size is not known. Words under
 * it have its width, so they ask for more of it. */
export function box(width: number, height: number, words = false): { width: number; height: number } {
  if (width <= 0 || height <= 0) return { width: 260, height: 164 }
  const scale = Math.min(1, 260 / width, 300 / height)
  return { width: Math.max(words ? 200 : 120, Math.round(width * scale)), height: Math.max(80, Math.round(height * scale)) }
}

/** The short name of a file's type, for its tile. */
export function fileType(name: string, mime: string): string {
  const ending = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1] ?? mime.split('/')[1]?.split(/[+;.]/)[0] ?? ''
  return ending.slice(0, 4).toUpperCase()
}

/** n bars of a voice note's wave, each 0.08 to 1: the loudest of its stretch. A note without a wave gets an even one. */
export function bars(wave: readonly number[], n: number): number[] {
  if (!wave.length) return Array.from({ length: n }, () => 0.3)
  const peak = Math.max(...wave, 1)
  return Array.from({ length: n }, (_, i) => {
    const from = Math.floor((i * wave.length) / n)
    const part = wave.slice(from, Math.max(from + 1, Math.floor(((i + 1) * wave.length) / n)))
    return Math.max(0.08, Math.max(...part) / peak)
  })
}

/** What a shared contact card says: the numbers in it, each with the digits to write to. */
export function vcardPhones(vcard: string): string[] {
  return [...vcard.replace(/\r?\n[ \t]/g, '').matchAll(/^(?:item\d+\.)?TEL[^:\n]*:(.+)$/gim)].map((m) => m[1]!.trim()).slice(0, 3)
}

/** Where a place is shown: the map is somebody else's page, opened only on a click. */
export const mapLink = (lat: number, lng: number): string => `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lng}#map=16/${lat}/${lng}`

/** Why a file is not here, as the key of the sentence, and whether asking for it can help. */
export function absence(media: { state: string; reason: string }): { key: string; mayAsk: boolean; again: boolean } {
  if (media.state === 'waiting') return { key: `media.waits.${media.reason}`, mayAsk: true, again: false }
  return { key: `media.lost.${media.reason}`, mayAsk: ['gone', 'download'].includes(media.reason), again: true }
}
