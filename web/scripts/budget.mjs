// Fails when a page would load more than it may (gzip, what the network carries). Run after a build.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const root = new URL('../../pb_public/', import.meta.url)
const budgets = [
  { page: 'chat', entries: ['index', 'Shell', 'ChatView'], kB: 130 },
  { page: 'login', entries: ['index', 'LoginView'], kB: 105 },
  { page: 'dashboard', entries: ['index', 'Shell', 'DashboardView'], kB: 130 },
  { page: 'demo', entries: ['demo'], kB: 105 },
]
const size = (file) => gzipSync(readFileSync(new URL(`assets/${file}`, root)), { level: 9 }).length

/** What a chunk pulls in at once: its static imports, theirs, and so on. */
function closure(file, seen = new Set()) {
  if (seen.has(file)) return seen
  seen.add(file)
  const code = readFileSync(new URL(`assets/${file}`, root), 'utf8')
  for (const [, name] of code.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) closure(name, seen)
  return seen
}

let failed = false
for (const { page, entries, kB } of budgets) {
  const files = new Set(entries.flatMap((entry) => [...closure(`${entry}.js`)]))
  const css = readFileSync(new URL(page === 'demo' ? 'demo/index.html' : 'index.html', root), 'utf8')
  for (const [, name] of css.matchAll(/assets\/([\w.-]+\.css)/g)) files.add(name)
  files.add('es.js')
  const total = [...files].reduce((sum, file) => sum + size(file), 0) / 1024
  const over = total > kB
  failed ||= over
  console.log(`${over ? 'OVER ' : 'ok   '} ${page}: ${total.toFixed(1)} of ${kB} kB gzip in ${files.size} files`)
  if (over) for (const file of files) console.log(`        ${file} ${(size(file) / 1024).toFixed(1)} kB`)
}
process.exit(failed ? 1 : 0)
