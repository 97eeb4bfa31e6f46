import { expect, it } from 'vitest'
import { toEntry } from '@/lib/desk/wire'
import type { EventLine } from '@/lib/types'
import { steps } from './stepsRow'

it('the steps of a flow tell what was chosen, not every node passed', () => {
  const visits = [{ node: 'menu', what: 'missed' }, { node: 'menu', what: 'left', port: 'sales' }, { node: 'sales', what: 'entered' }, { node: 'sales', what: 'handed_over' }, { node: 'end', what: 'entered' }]
  const event = toEntry({ id: 'e', kind: 'event', event: 'flow', data: { visits } }) as EventLine
  expect(steps([event, toEntry({ id: 'f', kind: 'event', event: 'flow' }) as EventLine]).map((s) => `${s.node} ${s.what} ${s.port}`.trim())).toEqual(['menu missed', 'menu left sales', 'sales handed_over', 'end entered'])
})

it('steps are called what the flow called them', () => {
  const visits = [{ node: 'm1', what: 'left', port: 'o1' }, { node: 'm1', what: 'left', port: 'else' }]
  const event = toEntry({ id: 'e', kind: 'event', event: 'flow', data: { visits, labels: { m1: 'Menú', 'm1/o1': 'Ventas' } } }) as EventLine
  expect(steps([event]).map((s) => `${s.node} ${s.port}`)).toEqual(['Menú Ventas', 'Menú else'])
})
