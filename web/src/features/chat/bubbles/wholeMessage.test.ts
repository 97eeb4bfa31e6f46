import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import { toMessage } from '@/lib/desk/wire'
import { useWhole } from './wholeMessage'

const get = vi.hoisted(() => vi.fn())
vi.mock('@/lib/api', () => ({ get }))

const beginning = { id: 'm', conversation: 'c', kind: 'text', text: 'abc', cut: true, cursor: '1', state: 'received' }

describe('a message of which the thread has the beginning', () => {
  const message = shallowRef(toMessage(beginning))
  beforeEach(() => (message.value = toMessage(beginning)))
  afterEach(() => get.mockReset())

  it('is shown whole after asking, also when news of it comes', async () => {
    const { shown, state, load, open } = useWhole(() => message.value)
    expect([shown.value.text, shown.value.cut, open.value]).toEqual(['abc', true, false])
    get.mockResolvedValue({ ...beginning, text: 'abcdef', cut: undefined, dropped: true })
    const asked = load()
    expect(state.value).toBe('loading')
    await asked
    expect(get).toHaveBeenCalledWith('/api/conversations/c/messages/m')
    message.value = toMessage({ ...beginning, cursor: '2', reactions: [{ emoji: '👍', author: 'contact' }] })
    await nextTick()
    expect([shown.value.text, shown.value.cut, shown.value.dropped, shown.value.reactions.length, open.value]).toEqual(['abcdef', false, true, 1, true])
  })

  it('says that it could not be loaded, and tries again', async () => {
    const { shown, state, load } = useWhole(() => message.value)
    get.mockRejectedValueOnce(new Error('offline')).mockResolvedValueOnce({ ...beginning, text: 'abcdef', cut: false })
    await load()
    expect([state.value, shown.value.text]).toEqual(['failed', 'abc'])
    await load()
    expect([state.value, shown.value.text]).toEqual(['idle', 'abcdef'])
  })

  it('is the new beginning once it was edited', async () => {
    const { shown, load } = useWhole(() => message.value)
    let answer: (whole: unknown) => void = () => {}
    get.mockReturnValue(new Promise((done) => (answer = done)))
    const asked = load()
    message.value = toMessage({ ...beginning, text: 'xyz', editedAt: '2026-01-01T00:00:00.000Z' })
    await nextTick()
    answer({ ...beginning, text: 'abcdef' })
    await asked
    expect(shown.value.text).toBe('xyz')
  })
})
