// Builds into a scratch folder and fails unless the committed pb_public is exactly that, byte for byte.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const web = fileURLToPath(new URL('..', import.meta.url))
const committed = join(web, '..', 'pb_public')
const fresh = mkdtempSync(join(tmpdir(), 'mostrador-web-'))
const files = (dir) =>
  readdirSync(dir, { recursive: true }).filter((f) => statSync(join(dir, f)).isFile()).map(String).sort()

execFileSync('npx', ['vite', 'build', '--logLevel', 'warn'], { cwd: web, stdio: 'inherit', env: { ...process.env, OUT: fresh } })
const names = new Set([...files(fresh), ...files(committed)])
const differs = [...names].filter((name) => {
  try {
    return !readFileSync(join(fresh, name)).equals(readFileSync(join(committed, name)))
  } catch {
    return true
  }
})
rmSync(fresh, { recursive: true })
if (differs.length) {
  console.error(`pb_public is not what web/ builds; run "npm run build" and commit it:\n  ${differs.join('\n  ')}`)
  process.exit(1)
}
console.log(`pb_public equals the build (${names.size} files, ${relative(web, committed)})`)
