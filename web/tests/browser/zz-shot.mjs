
import { startMock } from '../mock/server.mjs'
import { byId, launch, login, open } from './browser.mjs'
// node zz-shot.mjs size dark path name [selector to click...]
const [size, dark, path, name, ...clicks] = process.argv.slice(2)
const mock = await startMock()
mock.desk.put('c-carolina', { unread: 2 })
const browser = await launch()
const { page, violations } = await open(browser, { size, dark: dark === 'dark', locale: process.env.LOCALE ?? 'es-AR' })
await login(page, mock.url, 'lucia', 'secreto')
for (const p of path.split(',')) {
await page.goto(mock.url + p)
await page.waitForTimeout(1500)
for (const c of clicks) { if (c.startsWith('key:')) await page.keyboard.press(c.slice(4)); else await page.locator(c).first().click(); await page.waitForTimeout(500) }
await page.screenshot({ path: `/tmp/lshots/${name}${p.replaceAll(/\W+/g,'-')}.png` })
}
console.log(await violations())
await browser.close(); await mock.close(); process.exit(0)
