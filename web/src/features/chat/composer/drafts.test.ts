import { afterEach, expect, it, vi } from 'vitest'
import { restore } from '@/lib/session'
import { draft, draftText, keep } from './drafts'

afterEach(() => vi.unstubAllGlobals())

it('drafts are of one person: the next one on this page has none, and the first one finds them again', async () => {
  const is = async (id: string) => {
    vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ id })))
    await restore()
  }
  await is('ana')
  keep('c1', { text: 'between us', note: false, quote: null })
  await is('bea')
  expect([draft('c1').text, draftText('c1')]).toEqual(['', ''])
  await is('ana')
  expect(draftText('c1')).toBe('between us')
})
