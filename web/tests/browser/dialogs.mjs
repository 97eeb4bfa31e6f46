import { eventually, same, scenario } from './harness.mjs'

const openChat = async ({ page, mock, id }, conversation = 'c-carolina') => {
  await page.goto(`${mock.url}/chat/${conversation}?view=all`)
  await id('msg').last().waitFor()
}
const path = (page) => new URL(page.url()).pathname
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

scenario('dialog: Escape never closes the login of an ended session', async (t) => {
  await openChat(t)
  t.mock.trouble.expired = true
  await t.id('composer').fill('hola')
  const field = t.page.locator('dialog [data-testid="login-password"]')
  await field.fill('secr')
  for (let i = 0; i < 6; i++) {
    await t.page.keyboard.press('Escape')
    await eventually(() => t.page.evaluate(() => document.querySelector('dialog')?.open), true, `after ${i + 1}`)
  }
  same(await field.inputValue(), 'secr', 'what was typed')
  await field.fill('secreto')
  await t.page.keyboard.press('Enter')
  await t.page.locator('dialog').waitFor({ state: 'detached' })
})

scenario('dialog: the focus goes back to what opened it', async (t) => {
  await openChat(t)
  for (const shut of [() => t.page.keyboard.press('Escape'), () => t.page.locator('.modal-head button').click()]) {
    await t.id('transfer').focus()
    await t.page.keyboard.press('Enter')
    await t.page.locator('dialog').waitFor()
    await shut()
    await eventually(() => focused(t.page), 'transfer', 'the focus')
  }
})

for (const [size, want] of [['desk', 'Ficha del contacto'], ['phone', 'pane-more']]) scenario(`dialog: the focus goes back to what opens the contact's panel, ${size}`, async (t) => {
  await openChat(t)
  if (size === 'phone') await t.id('pane-more').click().then(() => t.id('menu-panel').click())
  await t.page.locator('.panel-head button').focus()
  await t.page.keyboard.press('Enter')
  await t.page.locator('.panel').waitFor({ state: 'detached' })
  await eventually(() => focused(t.page), want, 'the focus')
}, { size })

scenario('dialog: a photo stays open while its row is scrolled away', async (t) => {
  await openChat(t, 'c-diego')
  const url = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="520" height="328"/>')}`
  t.mock.desk.add('c-diego', { direction: 'in', kind: 'image', text: '', author: 'contact', state: 'received', media: { id: 'z', mime: 'image/png', width: 520, height: 328, size: 1, state: 'ready', url } })
  await t.page.locator('.media-open').click()
  await t.page.locator('dialog').waitFor()
  for (let i = 0; i < 14; i++) {
    t.mock.desk.customerSays('c-diego', `otro ${i} ${'bla '.repeat(60)}`)
    await eventually(() => t.id('msg').last().innerText().then((x) => x.includes(`otro ${i} `)), true, 'it is shown')
  }
  same([await t.page.locator('.media-open').count(), await t.page.locator('dialog .viewer').count()], [0, 1], 'row and photo')
  await t.page.keyboard.press('Escape')
  await t.page.locator('dialog').waitFor({ state: 'detached' })
  same(await focused(t.page), 'log', 'the focus')
})
