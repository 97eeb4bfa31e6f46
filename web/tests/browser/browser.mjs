// Chromium for the browser tests: every page fails the run on a content-policy violation, a console error or an exception.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
export const SIZES = { wide: { width: 1440, height: 900 }, desk: { width: 1366, height: 768 }, laptop: { width: 1024, height: 768 }, phone: { width: 390, height: 844 }, narrow: { width: 360, height: 740 }, small: { width: 320, height: 640 } }
const HANDHELD = ['phone', 'narrow', 'small']

export async function launch() {
  const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
  if (!executablePath) throw new Error('The browser tests need Chromium: apt-get install chromium, or set CHROMIUM to its path.')
  return chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] })
}

const watchPolicy = () => {
  window.__csp = []
  document.addEventListener('securitypolicyviolation', (e) => window.__csp.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile?.split('/').pop()}:${e.lineNumber} ${e.sample}`))
}

/** Opens a page; faults collects what must not happen. Network errors of a test's own doing are not faults. */
export async function open(browser, { size = 'desk', dark = false, locale = 'es-AR', motion = 'reduce' } = {}) {
  const context = await browser.newContext({ viewport: SIZES[size], colorScheme: dark ? 'dark' : 'light', locale, reducedMotion: motion, hasTouch: HANDHELD.includes(size), isMobile: HANDHELD.includes(size) })
  await context.addInitScript(watchPolicy)
  const page = await context.newPage()
  const faults = []
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`))
  page.on('console', (message) => {
    if (/Content Security|\[Vue warn\]|\[intlify\]/.test(message.text()) || (message.type() === 'error' && !/Failed to load resource|net::ERR/.test(message.text()))) faults.push(`console: ${message.text()}`)
  })
  return { context, page, faults, violations: async () => [...faults, ...(await page.evaluate(() => window.__csp).catch(() => []))] }
}

/** What axe finds, one line each. */
export async function axe(page) {
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
  return violations.map((v) => `${v.id} [${v.impact}] ×${v.nodes.length}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')} ${v.nodes[0].failureSummary?.split('\n')[1] ?? ''}`)
}

export const byId = (page, id) => page.locator(`[data-testid="${id}"]`)

export async function login(page, url, identity, password) {
  await page.goto(`${url}/login`)
  await byId(page, 'login-identity').fill(identity)
  await byId(page, 'login-password').fill(password)
  await byId(page, 'login-submit').click()
  await page.waitForURL((now) => !now.pathname.startsWith('/login'))
}
