// Pictures of every screen over the desk in memory: node tests/browser/shots.mjs DIR
import { mkdirSync } from 'node:fs'
import { startMock } from '../mock/server.mjs'
import { axe, byId, launch, login, open } from './browser.mjs'

const dir = process.argv[2] ?? 'test-results/shots'
mkdirSync(dir, { recursive: true })
const mock = await startMock()
const browser = await launch()
let bad = 0
const shot = async (page, name) => {
  await page.screenshot({ path: `${dir}/${name}.png` })
  const found = await axe(page)
  bad += found.length
  for (const line of found) console.log(name, line)
}
for (const size of ['desk', 'phone']) {
  for (const dark of [false, true]) {
    const tag = `${size}-${dark ? 'dark' : 'light'}`
    const { context, page, violations } = await open(browser, { size, dark })
    mock.desk.state.line.state = 'connected'
    await page.goto(`${mock.url}/login`)
    await byId(page, 'login-identity').waitFor()
    await shot(page, `login-${tag}`)
    await login(page, mock.url, 'lucia', 'secreto')
    await page.locator('.wait-list').waitFor()
    await shot(page, `dashboard-${tag}`)
    mock.desk.setLine({ state: 'waiting_scan' })
    mock.desk.setQr('2@abcdefghijklmnopqrstuvwxyz0123456789,ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=,aGVsbG8gd29ybGQ=,MDEyMzQ1Njc4OWFiY2RlZg==')
    await byId(page, 'qr').waitFor()
    if (size === 'phone') await byId(page, 'qr').scrollIntoViewIfNeeded()
    await shot(page, `qr-${tag}`)
    mock.desk.setLine({ state: 'connected' })
    await page.goto(`${mock.url}/chat?view=all`)
    await byId(page, 'conv-row').first().waitFor()
    await shot(page, `list-${tag}`)
    mock.desk.state.conversations.set('c-carolina', { ...mock.desk.state.conversations.get('c-carolina'), unread: 2 })
    await page.goto(`${mock.url}/chat/c-carolina?view=all`)
    await byId(page, 'msg').last().waitFor()
    await shot(page, `chat-${tag}`)
    await page.goto(`${mock.url}/demo/`)
    await byId(page, 'phone-msg').last().waitFor()
    await shot(page, `demo-${tag}`)
    const faults = await violations()
    bad += faults.length
    for (const line of faults) console.log(tag, line)
    await context.close()
  }
}
await browser.close()
await mock.close()
console.log(`${bad} faults`)
process.exit(bad ? 1 : 0)
