import { describe, expect, it } from 'vitest'
import { actFor } from './shortcuts'

describe('shortcuts', () => {
  const key = { code: 'KeyJ', altKey: true, ctrlKey: false, metaKey: false, shiftKey: false }
  it('are Alt and a letter by its place', () => expect(actFor(key)).toBe('next'))
  it('leave AltGr alone, which types characters', () => expect(actFor({ ...key, ctrlKey: true })).toBeNull())
  it('need Alt', () => expect(actFor({ ...key, altKey: false })).toBeNull())
})
