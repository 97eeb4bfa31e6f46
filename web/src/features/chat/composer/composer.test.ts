import { describe, expect, it } from 'vitest'
import { sends, tooBig } from './composer'

describe('Enter', () => {
  const key = { key: 'Enter', shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, isComposing: false, keyCode: 13 }
  it.each([
    ['sends', {}, true], ['with Shift breaks the line', { shiftKey: true }, false], ['of an input method does not send', { isComposing: true }, false],
    ['of an older input method does not send', { keyCode: 229 }, false], ['is not another key', { key: 'a' }, false],
  ])('%s', (_, more, want) => expect(sends({ ...key, ...more })).toBe(want))
})

it('a file over the limit is refused before the upload', () => {
  const file = (size: number) => ({ size }) as File
  expect([tooBig(file(64 * 1024 * 1024)), tooBig(file(64 * 1024 * 1024 + 1))]).toEqual([false, true])
})
