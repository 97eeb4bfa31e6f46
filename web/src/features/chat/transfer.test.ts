import { expect, it } from 'vitest'
import type { Availability } from '@/lib/types'
import { candidates } from './transfer'

const people = ['Zoe', 'Ana', 'José', 'Bea', 'Carl'].map((name) => ({ id: name.toLowerCase(), name }))
const states: Record<string, Availability> = { zoe: 'available', josé: 'away', bea: 'available', carl: 'away' }
const names = (except: string | undefined, text: string) => candidates(people, (id) => states[id] ?? 'offline', except, text).map((one) => one.name)

it.each([
  ['whoever is there first, then by name', undefined, '', ['Bea', 'Zoe', 'Carl', 'José', 'Ana']],
  ['without who has it', 'bea', '', ['Zoe', 'Carl', 'José', 'Ana']],
  ['whom the text fits, without accents', undefined, ' JOSE ', ['José']],
  ['nobody', undefined, 'x', []],
])('%s', (_, except, text, want) => expect(names(except, text)).toEqual(want))
