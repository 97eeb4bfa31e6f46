import { expect, it } from 'vitest'
import { strongEnough, tokenOf } from './setup'

it.each([
  ['#token=abc', 'abc'], ['#token=a%2Bb', 'a+b'], ['', ''], ['#', ''], ['#abc', ''],
])('the token of %s is "%s"', (hash, want) => expect(tokenOf(hash)).toBe(want))

it('a password has ten characters, counted as people count them', () => expect(['123456789', '1234567890', '🔑🔑🔑🔑🔑'].map(strongEnough)).toEqual([false, true, false]))
