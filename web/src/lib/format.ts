/** Dates, sizes and names as people read them. The formatters of Intl are costly to make, so each is made once. */
const cache = new Map<string, Intl.DateTimeFormat>()

function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options)
  let made = cache.get(key)
  if (!made) cache.set(key, (made = new Intl.DateTimeFormat(locale, options)))
  return made
}

export const clock = (at: string, locale: string): string =>
  at ? formatter(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at)) : ''

const startOfDay = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()

/** Whole days between two moments as the calendar counts them (a day with a clock change has 23 or 25 hours). */
export const daysApart = (at: Date, now: Date): number => Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000)

const capital = (text: string, locale: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1)

/** "Hoy", "Ayer", "martes 24 de noviembre", with the year when it is another one. */
export function dayLabel(at: string, now: Date, locale: string): string {
  const date = new Date(at)
  const days = daysApart(date, now)
  if (days === 0 || days === 1) {
    return capital(new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day'), locale)
  }
  const year = date.getFullYear() === now.getFullYear() ? undefined : 'numeric'
  return capital(formatter(locale, { weekday: 'long', day: 'numeric', month: 'long', year }).format(date), locale)
}

/** The time in a list: the hour today, "Ayer", the weekday within a week, else the date. */
export function listTime(at: string, now: Date, locale: string): string {
  if (!at) return ''
  const date = new Date(at)
  const days = daysApart(date, now)
  if (days <= 0) return clock(at, locale)
  if (days === 1) return dayLabel(at, now, locale)
  if (days < 7) return capital(formatter(locale, { weekday: 'short' }).format(date), locale)
  return formatter(locale, { day: '2-digit', month: '2-digit', year: '2-digit' }).format(date)
}

export const fullTime = (at: string, locale: string): string =>
  at ? formatter(locale, { dateStyle: 'full', timeStyle: 'short' }).format(new Date(at)) : ''

export const longDate = (at: Date, locale: string): string =>
  capital(formatter(locale, { weekday: 'long', day: 'numeric', month: 'long' }).format(at), locale)

/** 184 kB, 1.2 MB. Decimal units, as WhatsApp and the file manager of a phone count. */
export function bytes(size: number, locale: string): string {
  if (size <= 0) return ''
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte']
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(size, 1)) / 3))
  const value = size / 1000 ** step
  return new Intl.NumberFormat(locale, {
    style: 'unit', unit: units[step], unitDisplay: 'short', maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value)
}

/** 0:23, 12:05, 1:02:03 of seconds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** Up to two initials; a leading emoji stands for itself; nothing for a bare number. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const first = words[0]
  if (!first || /^[+\d]/.test(first)) return ''
  const emoji = first.match(/^\p{Extended_Pictographic}/u)
  if (emoji) return emoji[0]
  const letters = words.map((word) => [...word].find((c) => /\p{L}/u.test(c)) ?? '').filter(Boolean)
  return [letters[0], letters.length > 1 ? letters[letters.length - 1] : ''].join('').toLocaleUpperCase()
}

/** A phone number for reading: +54 9 11 5555-0142. Grouping is known for the desk's usual countries, else the bare number. */
export function phone(digits: string): string {
  const n = digits.replace(/\D/g, '')
  if (!n) return ''
  const shapes: [RegExp, string][] = [
    [/^549(\d{2})(\d{4})(\d{4})$/, '+54 9 $1 $2-$3'],
    [/^55(\d{2})(\d{4,5})(\d{4})$/, '+55 $1 $2-$3'],
    [/^52(1?)(\d{2})(\d{4})(\d{4})$/, '+52 $1 $2 $3 $4'],
    [/^569(\d{4})(\d{4})$/, '+56 9 $1 $2'],
    [/^598(\d{2})(\d{3})(\d{3})$/, '+598 $1 $2 $3'],
    [/^34(\d{3})(\d{3})(\d{3})$/, '+34 $1 $2 $3'],
  ]
  for (const [shape, to] of shapes) if (shape.test(n)) return n.replace(shape, to).replace(/ {2,}/g, ' ')
  return `+${n}`
}

/** Lower case without accents, so that "manana" finds "mañana". */
export const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()
