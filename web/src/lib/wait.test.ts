import { expect, it } from 'vitest'
import { waitLevel, waitText, waitUnit, waited } from './wait'

it.each([[0, 'calm'], [7, 'calm'], [8, 'due'], [15, 'due'], [16, 'late']])('%d of 15 minutes is %s', (minutes, want) => expect(waitLevel(minutes, 15)).toBe(want))
it('no target, nobody is late', () => expect(waitLevel(600, 0)).toBe('calm'))
it.each([[90, 'minute', 90], [91, 'hour', 1], [47 * 60, 'hour', 47], [48 * 60, 'day', 2]])('%d minutes are told in %ss', (minutes, unit, n) => expect(waitUnit(minutes)).toEqual({ unit, n }))
it('a clock that is behind never shows a negative wait', () => expect(waited('2026-11-24T10:00:30Z', Date.parse('2026-11-24T10:00:00Z'))).toBe(0))
it('reads as people say it', () => expect(waitText(41, 'es')).toBe('41 min'))
