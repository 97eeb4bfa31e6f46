/** How long a customer has been waiting, as the chip says it. */
export type WaitLevel = 'calm' | 'due' | 'late'

export const waited = (since: string, now: number): number => Math.max(0, Math.floor((now - Date.parse(since)) / 60_000))

/** Calm under half of the target, due from half, late over it. Minutes; a target of 0 is none. */
export function waitLevel(minutes: number, target: number): WaitLevel {
  if (!target) return 'calm'
  if (minutes > target) return 'late'
  return minutes >= target / 2 ? 'due' : 'calm'
}

/** Minutes up to 90, then hours up to two days, then days: the unit and its number. */
export function waitUnit(minutes: number): { unit: 'minute' | 'hour' | 'day'; n: number } {
  if (minutes <= 90) return { unit: 'minute', n: minutes }
  if (minutes < 48 * 60) return { unit: 'hour', n: Math.floor(minutes / 60) }
  return { unit: 'day', n: Math.floor(minutes / 1440) }
}

export function waitText(minutes: number, locale: string): string {
  const { unit, n } = waitUnit(minutes)
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(n)
}
