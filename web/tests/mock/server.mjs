// Serves the built page and the desk in memory as the binary does: one build under /a/<hash>/, a strict content policy,
// a session cookie, events over SSE. For component-level browser tests; the story over the real protocol is elsewhere.
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answer, createDesk } from './desk.mjs'
import { createPhones } from './phones.mjs'

const root = process.env.OUT ?? fileURLToPath(new URL('../../../pb_public', import.meta.url)) // as for the build
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml', '.json': 'application/json' }
export const CSP =
  "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

function files() {
  const all = new Map()
  for (const name of readdirSync(root, { recursive: true }).map(String)) {
    if (statSync(join(root, name)).isFile()) all.set(name, readFileSync(join(root, name)))
  }
  const hash = createHash('sha256')
  for (const name of [...all.keys()].sort()) hash.update(name).update(all.get(name))
  return { all, id: hash.digest('hex').slice(0, 12) }
}

const readBody = async (request) => {
  const parts = []
  for await (const part of request) parts.push(part)
  const text = Buffer.concat(parts).toString()
  if (!request.headers['content-type']?.startsWith('multipart/')) return text ? JSON.parse(text) : {}
  return Object.fromEntries([...text.matchAll(/name="(\w+)"(?:; filename="([^"]*)")?[^\n]*\r\n(?:Content-Type[^\n]*\r\n)?\r\n([^\r]*)/g)].map((m) => [m[1], m[2] ?? m[3]]))
}

/** Starts the server; answers its address, the desk to move things on, and switches for trouble. */
export async function startMock() {
  const mock = {}
  const built = files()
  const streams = new Map()
  const phones = createPhones()
  const trouble = { down: false, expired: false }
  const desk = createDesk((name, payload) => {
    for (const { response, wants } of streams.values()) if (wants.has(name)) response.write(`event:${name}\ndata:${JSON.stringify(payload)}\n\n`)
  })

  function stream(request, response) {
    const id = `client${Math.random().toString(36).slice(2)}`
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write(`id:${id}\nevent:PB_CONNECT\ndata:{"clientId":"${id}"}\n\n`)
    streams.set(id, { response, wants: new Set() })
    request.on('close', () => streams.delete(id))
  }

  function page(path, response) {
    const asset = path.match(/^\/a\/([0-9a-f]{12})\/(.+)$/)
    const name = asset ? asset[2] : path.startsWith('/demo') ? 'demo/index.html' : 'index.html'
    const content = (!asset || asset[1] === built.id) && built.all.get(name)
    if (!content) return response.writeHead(404).end()
    const body = name.endsWith('.html') ? content.toString().replaceAll('="./', `="/a/${built.id}/`) : content
    response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP }).end(body)
  }

  const server = createServer(async (request, response) => {
    if (trouble.down) return request.socket.destroy()
    const { pathname: path, searchParams: query } = new URL(request.url, 'http://mock')
    if (path.startsWith('/demo/api/')) {
      const { status, body, file, type } = phones.answer(request.method, path.slice(9), query, request.method === 'GET' ? {} : await readBody(request))
      return response.writeHead(status, { 'Content-Type': type ?? 'application/json' }).end(file ?? JSON.stringify(body))
    }
    if (!path.startsWith('/api/')) return page(path === '/icon.svg' ? `/a/${built.id}/icon.svg` : path, response)
    const session = /sid=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
    const user = trouble.expired ? undefined : desk.state.sessions.get(session)
    if (path === '/api/realtime' && request.method === 'GET') return user ? stream(request, response) : response.writeHead(401).end('{}')
    const body = request.method === 'GET' ? {} : await readBody(request)
    if (path === '/api/realtime') {
      const one = streams.get(body.clientId)
      if (one) one.wants = new Set(body.subscriptions)
      return response.writeHead(one ? 204 : 404).end()
    }
    if (path === '/api/auth/login') trouble.expired = false
    const result = answer(desk, { method: request.method, path, query, body, user, meant: request.headers['x-user'], session })
    const special = await mock.hook?.({ method: request.method, path, query, body, user, result, response, request })
    if (special === 'done') return
    const headers = { 'Content-Type': 'application/json', 'Content-Security-Policy': CSP }
    if (result.cookie) headers['Set-Cookie'] = `sid=${result.cookie}; Path=/; HttpOnly; SameSite=Lax`
    response.writeHead(result.status, headers).end(result.status === 204 ? undefined : JSON.stringify(result.body))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

  const self = {
    url: `http://127.0.0.1:${server.address().port}`,
    desk,
    phones,
    trouble,
    /** Whether a page listens. */
    listening: () => [...streams.values()].some(({ wants }) => wants.has('presence')),
    /** Cuts every stream; with down, nothing answers until up. */
    cut(down = false) {
      trouble.down = down
      server.closeAllConnections()
    },
    up: () => (trouble.down = false),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
  return Object.assign(mock, self)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`${(await startMock()).url}  lucia / secreto`)
