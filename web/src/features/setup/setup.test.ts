import { expect, it } from 'vitest'
import { strongEnough, tokenOf } from './setup'

it.each([
  ['#abc', undefined, 'abc'], ['#token=a%2Bb', undefined, 'a+b'], ['', 'abc', 'abc'], ['', undefined, ''], ['', ['a'], ''], ['#first', 'second', 'first'],
])('the token of %s and %s is "%s"', (hash, query, want) => expect(tokenOf(hash, query)).toBe(want))

it('a password has ten characters, counted as people count them', () => expect(['123456789', '1234567890', '🔑🔑🔑🔑🔑'].map(strongEnough)).toEqual([false, true, false]))
