import { describe, expect, it } from 'vitest'
import { bytes, dayLabel, daysApart, duration, fold, initials, listTime, phone } from './format'

const now = new Date(2026, 10, 24, 10, 44)
const at = (day: number, hour = 9) => new Date(2026, 10, day, hour, 30).toISOString()

describe('days', () => {
  it.each([
    [at(24), 'es', 'Hoy'],
    [at(23, 23), 'es', 'Ayer'],
    [at(24), 'pt-BR', 'Hoje'],
    [at(23), 'en', 'Yesterday'],
    [at(20), 'es', 'Viernes, 20 de noviembre'],
    [new Date(2025, 10, 20).toISOString(), 'en', 'Thursday, November 20, 2025'],
  ])('%s in %s is %s', (when, locale, want) => expect(dayLabel(when, now, locale)).toBe(want))

  it('counts calendar days, not 24 hours', () => expect(daysApart(new Date(2026, 10, 23, 23, 59), new Date(2026, 10, 24, 0, 1))).toBe(1))

  it.each([[at(24), '09:30'], [at(23), 'Ayer'], [at(20), 'Vie'], [at(1), '01/11/26'], ['', '']])('the list says %s as %s', (when, want) =>
    expect(listTime(when, now, 'es').replace('.', '')).toBe(want),
  )
})

it.each([[0, ''], [900, '900 B'], [184_000, '184 kB'], [1_234_567, '1,2 MB']])('%d bytes are "%s"', (size, want) =>
  expect(bytes(size, 'es').replace(' ', ' ')).toBe(want),
)

it.each([[0, '0:00'], [23, '0:23'], [725, '12:05'], [3723, '1:02:03'], [-4, '0:00']])('%d seconds are %s', (seconds, want) => expect(duration(seconds)).toBe(want))

it.each([
  ['Carolina Benítez', 'CB'], ['ana', 'A'], ['Panadería Los Hermanos 🥐', 'PH'], ['🥐 Panadería', '🥐'], ['+54 9 11', ''], ['', ''], ['(Zoe) Díaz', 'ZD'],
])('initials of "%s" are "%s"', (name, want) => expect(initials(name)).toBe(want))

it.each([
  ['+5491155550142', '+54 9 11 5555-0142'], ['5511955550144', '+55 11 95555-0144'], ['551133334444', '+55 11 3333-4444'],
  ['+12125550143', '+12125550143'], ['', ''],
])('phone %s reads %s', (digits, want) => expect(phone(digits)).toBe(want))

it('folds accents and case', () => expect(fold('MAÑANA Ação')).toBe('manana acao'))
