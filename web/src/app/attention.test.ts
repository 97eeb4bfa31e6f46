import { describe, expect, it } from 'vitest'
import { toConversation, toMessage } from '@/lib/desk/wire'
import { deserves } from './attention'

describe('a message deserves a sound', () => {
  const message = (direction: string) => toMessage({ id: 'm', direction })
  const c = (more: object) => toConversation({ id: 'c', status: 'open', ...more })
  it.each([
    ['when it is for me', 'in', { assignee: 'me' }, false, true], ['when nobody has it', 'in', { status: 'waiting' }, false, true], ['not when I see it', 'in', { assignee: 'me' }, true, false],
    ['not when it is ours', 'out', { assignee: 'me' }, false, false], ['not when a colleague has it', 'in', { assignee: 'u' }, false, false], ['not while the bot answers', 'in', { status: 'bot' }, false, false],
  ])('%s', (_, direction, more, watching, want) => expect(deserves(message(direction), c(more), 'me', watching)).toBe(want))
})
