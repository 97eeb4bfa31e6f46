import { describe, expect, it } from 'vitest'
import { toEntry } from '@/lib/desk/wire'
import type { EventLine } from '@/lib/types'
import { sentence } from './eventRow'

describe('events', () => {
  const known = ['event.assigned.self', 'event.assigned.auto_user', 'event.assigned.user', 'event.transferred.area', 'event.closed.auto', 'event.closed.plain', 'event.handover.area', 'event.handover.plain', 'event.rated.score', 'event.rated.plain', 'event.flow_started.plain', 'why.silence']
  const words = { t: (key: string, v: Record<string, string> = {}) => `${key}:${Object.values(v).filter(Boolean).join(',')}`, te: (key: string) => known.includes(key), who: (id: string) => id.toUpperCase(), area: (id: string) => (id === 'x' ? 'Ventas' : '') }
  const say = (event: string, author: string, data = {}) => sentence(toEntry({ id: 'e', kind: 'event', event, author, data }) as EventLine, words)
  it.each([
    ['assigned', 'u', { user: 'u' }, 'event.assigned.self:U,U'], ['assigned', 'system', { user: 'u' }, 'event.assigned.auto_user:SYSTEM,U'], ['assigned', 'b', { user: 'u' }, 'event.assigned.user:B,U'],
    ['transferred', 'u', { area: 'x' }, 'event.transferred.area:U,Ventas'], ['closed', 'system', {}, 'event.closed.auto:SYSTEM'],
    ['handover', 'flow', { area: 'x', reason: 'silence' }, 'event.handover.area:FLOW,Ventas (why.silence:)'], ['handover', 'flow', {}, 'event.handover.plain:FLOW'],
    ['rated', 'contact', { score: 4, of: 5, comment: 'bien' }, 'event.rated.score:CONTACT,bien,4,5 «bien»'], ['rated', 'contact', { of: 5, comment: 'bien' }, 'event.rated.plain:CONTACT,bien,5 «bien»'],
    ['flow_started', 'u', { flow: 'f', name: 'Pedido' }, 'event.flow_started.plain:U,Pedido'],
    ['invented', 'u', {}, 'event.other:invented'],
  ])('%s by %s with %j', (event, author, data, want) => expect(say(event, author, data)).toBe(want))
})
