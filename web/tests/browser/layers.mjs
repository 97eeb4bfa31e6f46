// What lies over a screen: each layer has an address, and Back, Escape and its own button close that one and nothing else.
import { axe } from './browser.mjs'
import { eventually, same, scenario } from './harness.mjs'

const path = (t) => new URL(t.page.url()).pathname
const at = (t, want, what) => eventually(() => path(t), want, what)
const row = (t, id) => t.page.locator(`[data-testid="conv-row"][data-id="${id}"]`)
const last = (t, id) => t.mock.desk.state.threads.get(id).at(-1)
const goTo = async (t, where) => {
  await t.page.goto(t.mock.url + where)
  await t.page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
}
const inLayer = (t) => t.page.evaluate(() => Boolean(document.activeElement.closest('dialog, .panel')))
const focused = (t) => t.page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.getAttribute('aria-label') ?? document.activeElement.tagName)
const photo = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="520" height="328"/>')}`
const withPhoto = (t, id) => t.mock.desk.add(id, { direction: 'in', kind: 'image', text: '', author: 'contact', state: 'received', media: { id: 'z', mime: 'image/png', width: 520, height: 328, size: 1, state: 'ready', url: photo } })
const fromMenu = (item) => (t) => t.id('pane-more').click().then(() => t.id(item).click())

// what it is, how it is opened, its address, what shows it, its own button
const LAYERS = [
  ['the transfer', fromMenu('menu-transfer'), 'transfer', 'dialog', '.modal-head button', 'pane-more'],
  ['the bot', fromMenu('menu-bot'), 'bot', 'dialog', '.modal-head button', 'pane-more'],
  ['a photo', (t) => t.page.locator('.media-open').last().click(), 'media/m1', 'dialog .viewer', '.modal-head button', 'Abrir la foto'],
  ['the card', fromMenu('menu-panel'), 'contact', '.panel', '.panel-head button', 'pane-more'],
]
for (const size of ['wide', 'laptop', 'phone', 'small']) for (const [what, open, tail, shows, button, opener] of LAYERS) {
  if ((size === 'wide' && what === 'the card') || (size === 'laptop' && what !== 'the card')) continue // beside the conversation it is no layer
  scenario(`layers: Back, Escape and its button close ${what} and nothing else, ${size}`, async (t) => {
    const message = withPhoto(t, 'c-diego')
    await t.page.goto(`${t.mock.url}/chat?view=all`)
    await row(t, 'c-diego').click()
    await t.page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
    const address = `/chat/c-diego/${tail.replace('m1', message.id)}`
    for (const shut of [() => t.page.goBack(), () => t.page.keyboard.press('Escape'), () => t.page.locator(button).click()]) {
      await open(t)
      await at(t, address, 'its address')
      await t.page.locator(shows).waitFor()
      await eventually(() => inLayer(t), true, 'the focus is in it')
      await shut()
      await t.page.locator(shows).waitFor({ state: 'detached' })
      same(path(t), '/chat/c-diego', 'what is below it')
      await eventually(() => focused(t), what === 'the card' && size === 'laptop' ? 'Ficha del contacto' : opener, 'the focus is where it was')
    }
    await open(t)
    await t.page.locator(shows).waitFor()
    await t.page.goBack()
    await t.page.locator(shows).waitFor({ state: 'detached' })
    await t.page.goBack()
    await at(t, '/chat', 'one more Back is the list')
    await t.page.goForward()
    await at(t, '/chat/c-diego', 'and forward again')
  }, { size })
}

for (const size of ['wide', 'phone', 'small']) for (const [what, , tail, shows, button] of LAYERS) scenario(`layers: a link opens ${what}, and closing it shows the conversation, ${size}`, async (t) => {
  const message = withPhoto(t, 'c-diego')
  await t.page.goto(`${t.mock.url}/chat/c-diego/${tail.replace('m1', message.id)}?view=all`)
  await t.page.locator(shows).waitFor()
  if (what !== 'the card') await eventually(() => inLayer(t), true, 'the focus is in it')
  same(await axe(t.page), [], 'axe')
  await t.page.locator(button).click()
  await t.page.locator(shows).waitFor({ state: 'detached' })
  await at(t, '/chat/c-diego', 'the conversation')
  same(await t.page.evaluate(() => document.activeElement !== document.body), true, 'somebody has the focus')
}, { size })

scenario('layers: a link to an old photo finds it, and one to none shows the conversation', async (t) => {
  const old = t.mock.desk.state.threads.get('c-betty')[180]
  Object.assign(old, { kind: 'image', media: { id: 'z', mime: 'image/png', width: 520, height: 328, size: 1, state: 'ready', url: photo } })
  await t.page.goto(`${t.mock.url}/chat/c-betty/media/${old.id}`)
  await t.page.locator('dialog .viewer').waitFor()
  await t.page.goto(`${t.mock.url}/chat/c-diego/media/nothing`)
  await at(t, '/chat/c-diego', 'no photo')
  same(await t.page.locator('dialog').count(), 0, 'dialogs')
})

scenario('layers: two Escapes in a row close one layer', async (t) => {
  await t.page.goto(`${t.mock.url}/chat?view=all`)
  await row(t, 'c-diego').click()
  await t.page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
  await t.page.keyboard.press('Alt+KeyT')
  await t.page.locator('dialog').waitFor()
  await t.page.evaluate(() => {
    const dialog = document.querySelector('dialog')
    for (let i = 0; i < 3; i++) dialog.dispatchEvent(new Event('cancel', { cancelable: true }))
  })
  await t.page.locator('dialog').waitFor({ state: 'detached' })
  same(path(t), '/chat/c-diego', 'where one is')
})

scenario('layers: Escape in a field that it empties closes nothing', async (t) => {
  await goTo(t, '/chat/c-carolina?view=all')
  await fromMenu('menu-panel')(t)
  await t.page.locator('.panel').waitFor()
  await t.id('search').fill('ana')
  await t.page.keyboard.press('Escape')
  same([await t.id('search').inputValue(), path(t)], ['', '/chat/c-carolina/contact'], 'the search and the card')
  await t.page.keyboard.press('Escape')
  await at(t, '/chat/c-carolina', 'the second time')
}, { size: 'laptop' })

for (const [what, layer, send, event] of [
  ['a transfer', 'transfer', (t) => t.id('transfer-to').getByText('Envíos').click().then(() => t.id('transfer-send').click()), 'transferred'],
  ['the bot', 'bot', (t) => t.id('bot-start').click(), 'flow_started'],
]) scenario(`layers: ${what} is for the conversation it was opened in`, async (t) => {
  await goTo(t, '/chat/c-sin?view=all')
  await row(t, 'c-carolina').click()
  await at(t, '/chat/c-carolina', 'the other one')
  await fromMenu(`menu-${layer}`)(t)
  await t.page.locator('dialog').waitFor()
  await t.page.goBack()
  await at(t, '/chat/c-carolina', 'Back is out of the dialog')
  await t.page.goForward()
  await t.page.locator('dialog').waitFor()
  await send(t)
  await eventually(() => last(t, 'c-carolina').event, event, 'what happened to it')
  await at(t, '/chat/c-carolina', 'the dialog is over')
  await t.page.goBack()
  await at(t, '/chat/c-sin', 'back')
  same(last(t, 'c-sin').event, undefined, 'what happened to the one behind')
})

scenario('layers: what was typed for a transfer stays when somebody takes the conversation away', async (t) => {
  await goTo(t, '/chat/c-carolina?view=all')
  await t.page.keyboard.press('Alt+KeyT')
  await t.page.locator('#transfer-note').fill('Falta la factura')
  t.mock.desk.emit('conversation:update', { id: 'c-carolina', removed: true })
  await row(t, 'c-carolina').waitFor({ state: 'detached' })
  same(await t.page.locator('#transfer-note').inputValue(), 'Falta la factura', 'the note')
})

scenario('layers: who may not hand a conversation over is led to it by such a link', async (t) => {
  Object.assign(t.mock.desk.state.users[0], { role: 'OPERATOR' })
  await t.page.goto(`${t.mock.url}/chat/c-rodrigo/transfer?view=all`)
  await at(t, '/chat/c-rodrigo', 'the conversation')
  same(await t.page.locator('dialog').count(), 0, 'dialogs')
})
