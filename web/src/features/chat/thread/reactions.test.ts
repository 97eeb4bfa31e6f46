import { expect, it } from 'vitest'
import { reactionCounts } from './reactions'

it('reactions are counted in the order of the first', () => expect(reactionCounts([{ emoji: '❤️' }, { emoji: '🙏' }, { emoji: '❤️' }, { emoji: '' }])).toEqual([{ emoji: '❤️', n: 2 }, { emoji: '🙏', n: 1 }]))
