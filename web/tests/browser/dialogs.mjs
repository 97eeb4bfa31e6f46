import { eventually, same, scenario } from './harness.mjs'

const openChat = async ({ page, mock, id }, conversation = 'c-carolina') => {
  await page.goto(`${mock.url}/chat/${conversation}?view=all`)
  await id('msg').last().waitFor()
}
const row = (page, id) => page.locator(`[data-testid="conv-row"][data-id="${id}"]`)
const path = (page) => new URL(page.url()).pathname
const last = (t, id) => t.mock.desk.state.threads.get(id).at(-1)
const focused = (page) => page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.getAttribute('aria-label') ?? document.activeElement.tagName)

scenario('dialog: no shortcut acts behind it', async (t) => {
  await openChat(t)
  await t.page.keyboard.press('Alt+KeyT')
  await t.page.locator('#transfer-note').fill('Nota')
  await t.page.keyboard.press('Alt+KeyN')
  await t.page.keyboard.press('F6')
  await t.page.keyboard.press('Alt+KeyJ')
  same(await focused(t.page), 'TEXTAREA', 'the focus')
  await t.page.keyboard.press('Escape')
  await t.page.locator('dialog').waitFor({ state: 'detached' })
  same([path(t.page), await t.page.locator('.composer-note').count()], ['/chat/c-carolina', 0], 'what the keys did')
  await t.page.keyboard.press('Alt+KeyJ')
  await eventually(() => path(t.page), '/chat/c-sin', 'and without it they act')
})

for (const [what, open, send, event] of [
  ['a transfer', (t) => t.id('transfer').click(), (t) => t.id('transfer-to').getByText('Envíos').click().then(() => t.id('transfer-send').click()), 'transferred'],
  ['the bot', (t) => t.id('pane-more').click().then(() => t.id('menu-bot').click()), (t) => t.id('bot-start').click(), 'flow_started'],
]) scenario(`dialog: ${what} is for the conversation it was opened in`, async (t) => {
  await openChat(t, 'c-sin')
  await row(t.page, 'c-carolina').click()
  await eventually(() => path(t.page), '/chat/c-carolina', 'the other one')
  await open(t)
  await t.page.locator('dialog').waitFor()
  await t.page.goBack()
  await eventually(() => path(t.page), '/chat/c-sin', 'back')
  await send(t)
  await eventually(() => last(t, 'c-carolina').event, event, 'what happened to it')
  same(last(t, 'c-sin').event, undefined, 'what happened to the one behind')
})
