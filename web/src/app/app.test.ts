import { describe, expect, it } from 'vitest'
import { toConversation, toMessage } from '@/lib/desk/wire'
import { actFor } from '@/lib/shortcuts'
import { placeMenu } from '@/ui/menu'
import { deserves } from './attention'

describe('a message deserves a sound', () => {
  const message = (direction: string) => toMessage({ id: 'm', direction })
  const c = (more: object) => toConversation({ id: 'c', status: 'open', ...more })
  it.each([
    ['when it is for me', 'in', { assignee: 'me' }, false, true], ['when nobody has it', 'in', { status: 'waiting' }, false, true], ['not when I see it', 'in', { assignee: 'me' }, true, false],
    ['not when it is ours', 'out', { assignee: 'me' }, false, false], ['not when a colleague has it', 'in', { assignee: 'u' }, false, false], ['not while the bot answers', 'in', { status: 'bot' }, false, false],
  ])('%s', (_, direction, more, watching, want) => expect(deserves(message(direction), c(more), 'me', watching)).toBe(want))
})

describe('shortcuts', () => {
  const key = { code: 'KeyJ', altKey: true, ctrlKey: false, metaKey: false, shiftKey: false }
  it('are Alt and a letter by its place', () => expect(actFor(key)).toBe('next'))
  it('leave AltGr alone, which types characters', () => expect(actFor({ ...key, ctrlKey: true })).toBeNull())
  it('need Alt', () => expect(actFor({ ...key, altKey: false })).toBeNull())
})

describe('a menu', () => {
  const menu = { offsetWidth: 200, offsetHeight: 300 }
  const room = { width: 390, height: 844 }
  it('stands under its button', () => expect(placeMenu({ left: 300, right: 332, top: 10, bottom: 42 }, menu, room, 'bottom', 'end')).toEqual({ left: '132px', top: '48px' }))
  it('is pushed back into the window', () => expect(placeMenu({ left: 0, right: 30, top: 800, bottom: 830 }, menu, room, 'bottom', 'end')).toEqual({ left: '8px', top: '536px' }))
  it('stands above a bar at the foot', () => expect(placeMenu({ left: 260, right: 390, top: 788, bottom: 844 }, menu, room, 'top', 'end')).toEqual({ left: '182px', top: '482px' }))
})
