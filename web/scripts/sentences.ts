import { baseCompile } from '@intlify/message-compiler'
import type { Plugin } from 'vite'

type Tree = { [key: string]: Tree | string }

const WHERE = ['start', 'end', 'loc'] // in the source: only the compiler's own errors ask for it

const bare = (ast: object): object => JSON.parse(JSON.stringify(ast, (key, value) => (WHERE.includes(key) ? undefined : value)))

/** Compiles every sentence, also a plain one: without its compiler vue-i18n takes no text. Throws where one cannot be read. */
export function compiled(tree: Tree): object {
  const one = (value: Tree | string) => (typeof value === 'string' ? bare(baseCompile(value, { jit: true, minify: true }).ast) : compiled(value))
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, one(value)]))
}

/** Reads the markup of the sentences while the page is built: the browser then needs no compiler for it (4.9 kB, gzip). */
export function sentences(): Plugin {
  return {
    name: 'sentences',
    apply: 'build',
    enforce: 'pre',
    config: () => ({ define: { __INTLIFY_DROP_MESSAGE_COMPILER__: true } }),
    transform: (code, file) => (/\/locales\/[\w-]+\.json$/.test(file) ? JSON.stringify(compiled(JSON.parse(code))) : undefined),
  }
}
