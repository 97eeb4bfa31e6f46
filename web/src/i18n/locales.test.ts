import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import en from './locales/en.json'
import es from './locales/es.json'
import ptBR from './locales/pt-BR.json'
import { compiled } from '../../scripts/sentences.ts'
import { preferred } from './index'

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, prefix = ''): Map<string, string> {
  const out = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') out.set(prefix + key, value)
    else for (const [k, v] of flat(value, `${prefix}${key}.`)) out.set(k, v)
  }
  return out
}

const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort()
const forms = (text: string) => text.split(' | ').length
const spanish = flat(es)

describe.each([['pt-BR', flat(ptBR)], ['en', flat(en)]] as const)('%s', (_, other) => {
  it('has the same keys as Spanish', () => expect([...other.keys()].sort()).toEqual([...spanish.keys()].sort()))
  it('has the same placeholders and plural forms', () => {
    for (const [key, text] of spanish) {
      const got = other.get(key) ?? ''
      expect([key, placeholders(got), forms(got)]).toEqual([key, placeholders(text), forms(text)])
      expect(got.trim(), key).not.toBe('')
    }
  })
})

it('every key named in the sources exists', () => {
  const root = join(process.cwd(), 'src')
  const files = readdirSync(root, { recursive: true }).map(String).filter((f) => /\.(vue|ts)$/.test(f) && !f.endsWith('.test.ts') && !f.startsWith('demo'))
  const missing = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\bt\('([\w.-]+)'/g)].map((m) => m[1]!).filter((key) => !spanish.has(key)).map((key) => `${file}: ${key}`),
  )
  expect(missing).toEqual([])
})

describe('the language to begin with', () => {
  it.each([
    ['a stored choice wins', 'en', ['es-AR'], 'en'],
    ['any Portuguese is ours', null, ['pt-PT', 'es'], 'pt-BR'],
    ['the first known one counts', null, ['fr-FR', 'en-GB'], 'en'],
    ['nothing known is Spanish', 'xx', ['fr'], 'es'],
  ])('%s', (_, stored, browser, want) => expect(preferred(stored, browser)).toBe(want))
})

it.each([['es', es], ['pt-BR', ptBR], ['en', en]])('%s says the same when its markup was read before', (_, tree) => {
  const make = createI18n as unknown as (options: object) => { global: { t: (key: string, values: object, n: number) => string } }
  const speaker = (messages: object) => make({ legacy: false, locale: 'x', messages: { x: messages } }).global.t
  const [source, built] = [speaker(tree), speaker(compiled(tree))]
  for (const [key, text] of flat(tree)) {
    const values = Object.fromEntries(placeholders(text).map((name) => [name, `«${name}»`]))
    for (const n of [0, 1, 2]) expect(built(key, { ...values, n }, n), key).toBe(source(key, { ...values, n }, n))
  }
})
