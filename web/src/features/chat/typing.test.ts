import { expect, it } from 'vitest'
import { readTyping } from './typing'

it.each([
  [{ conversation: 'c', state: 'composing' }, { conversation: 'c', on: true, customer: true }], [{ conversation: 'c', state: 'recording' }, { conversation: 'c', on: true, customer: true }],
  [{ conversation: 'c', state: 'paused' }, { conversation: 'c', on: false, customer: true }], [{ conversation: 'c', user: 'u', on: true }, { conversation: 'c', on: true, customer: false }],
])('typing %j', (data, want) => expect(readTyping(data)).toEqual(want))
