import { describe, expect, it } from 'vitest'
import { toConversation, toMe } from '@/lib/desk/wire'
import { may } from './rights'

describe('who may do what', () => {
  const admin = toMe({ id: 'a', role: 'ADMIN' })
  const supervisor = toMe({ id: 's', role: 'SUPERVISOR', areas: [{ id: 'x' }] })
  const operator = toMe({ id: 'o', role: 'OPERATOR', areas: [{ id: 'x' }] })
  const c = (more: Record<string, unknown>) => toConversation({ id: 'c', status: 'open', area: 'x', ...more })
  it('an operator writes only in their own', () => {
    expect([may(c({ assignee: 'o' }), operator).write, may(c({ assignee: 'z' }), operator).write, may(c({ status: 'waiting' }), operator).write]).toEqual([true, false, false])
  })
  it('an operator takes what nobody has', () => expect([may(c({ status: 'waiting' }), operator).claim, may(c({ assignee: 'z' }), operator).claim]).toEqual([true, false]))
  it('a supervisor answers in own areas only', () => expect([may(c({ assignee: 'z' }), supervisor).write, may(c({ assignee: 'z', area: 'y' }), supervisor).write]).toEqual([true, false]))
  it('nobody writes in a closed one, an admin reopens it', () => expect(may(c({ status: 'closed' }), admin)).toMatchObject({ write: false, close: false, reopen: true, bot: false }))
  it('the bot gets it from whoever may answer', () => expect([may(c({ assignee: 'o' }), operator).bot, may(c({ assignee: 'z' }), operator).bot, may(c({ assignee: 'z' }), supervisor).bot]).toEqual([true, false, true]))
})
