import { describe, expect, it } from 'vitest'
import { askAfter, bubbles, freeName, freeNumber, kindOf, renew, toBase64 } from './phoneChat'
import type { Entry } from './control'
import en from './locales/demo-en.json'
import es from './locales/demo-es.json'
import ptBR from './locales/demo-pt-BR.json'

const e = (n: number, more: Partial<Entry> = {}): Entry => ({ n, id: `E${n}`, with: '+1', fromMe: false, kind: 'text', text: `t${n}`, state: 'read', at: '', ...more })

describe('a phone', () => {
  it('shows edits, reactions, votes and revokes on their message', () => {
    const list = bubbles([e(1), e(2, { kind: 'poll' }), e(3, { kind: 'edit', ref: 'E1', text: 'new' }), e(4, { kind: 'reaction', ref: 'E1', text: '👍' }), e(5, { kind: 'vote', ref: 'E2', options: ['a'] }), e(6), e(7, { kind: 'revoke', ref: 'E6' })])
    expect(list.map((b) => b.n)).toEqual([1, 2, 6])
    expect(list).toMatchObject([{ text: 'new', edited: true, reactions: ['👍'] }, { votes: ['a'] }, { revoked: true }])
  })
  it('takes a reaction back', () => expect(bubbles([e(1), e(2, { kind: 'reaction', ref: 'E1', text: '👍' }), e(3, { kind: 'reaction', ref: 'E1', text: '' })])[0]?.reactions).toEqual([]))
  it('shows what is quoted', () => expect(bubbles([e(1), e(2, { quote: 'E1' })])[1]?.quoted).toBe('t1'))
  it('renews ticks by number', () => expect(renew([e(1, { state: 'sent' }), e(2)], [e(1, { state: 'read' }), e(3)]).map((x) => x.state + x.n)).toEqual(['read1', 'read2', 'read3']))
  it('asks again from the first message that may still get a tick', () => {
    expect(askAfter([])).toBe(0)
    expect(askAfter([e(1), e(2, { fromMe: true, state: 'sent' }), e(3)])).toBe(1)
    expect(askAfter([e(1), e(2, { fromMe: true, state: 'read' }), e(3)])).toBe(3)
  })
})

it('the next customer gets a free number and name', () => {
  expect(freeNumber(['+5491155557001'])).toBe('+5491155557002')
  expect(freeName(['Carla Ibáñez'])).toBe('Tiago Moreira')
})
it.each([['image/png', 'image'], ['video/mp4', 'video'], ['audio/ogg', 'audio'], ['application/pdf', 'document'], ['', 'document']])('a file of %s is sent as %s', (mime, want) => expect(kindOf(mime)).toBe(want))
it('packs bytes of any length', () => expect(atob(toBase64(new Uint8Array(70_000).fill(65))).length).toBe(70_000))
it.each([['pt-BR', ptBR], ['en', en]])('%s has every sentence', (_, other) => expect(Object.keys(other.demo).sort()).toEqual(Object.keys(es.demo).sort()))
