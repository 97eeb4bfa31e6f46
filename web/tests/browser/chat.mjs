import { eventually, same, scenario } from './harness.mjs'

const openChat = async ({ page, mock, id }, conversation = 'c-carolina') => {
  await page.goto(`${mock.url}/chat/${conversation}?view=all`)
  await id('msg').last().waitFor()
}
const lastState = (id) => async () => id('msg').last().getAttribute('data-state')

scenario('chat: a message is shown at once and its ticks follow', async (t) => {
  await openChat(t)
  await t.id('composer').fill('Salimos ya')
  await t.page.keyboard.press('Enter')
  await eventually(() => t.id('msg').last().locator('p').first().innerText().then((x) => x.includes('Salimos ya') || x.includes('Tú')), true, 'the bubble')
  await eventually(() => t.mock.desk.state.threads.get('c-carolina').at(-1).text, 'Salimos ya', 'the server has it')
  const { id } = t.mock.desk.state.threads.get('c-carolina').at(-1)
  for (const state of ['sent', 'delivered', 'read']) {
    t.mock.desk.change('c-carolina', id, { state })
    await eventually(lastState(t.id), state, 'the tick')
  }
  same(await t.page.locator(`[data-id="${id}"]`).count(), 1, 'one bubble for one message')
})

scenario('chat: Shift and Enter break the line', async (t) => {
  await openChat(t)
  await t.id('composer').click()
  await t.page.keyboard.type('uno')
  await t.page.keyboard.press('Shift+Enter')
  await t.page.keyboard.type('dos')
  same(await t.id('composer').inputValue(), 'uno\ndos', 'the text')
})

scenario('chat: drafts are kept for each conversation and shown in the list', async (t) => {
  await openChat(t)
  await t.id('composer').fill('te paso el presupuesto')
  await t.page.locator('[data-testid="conv-row"][data-id="c-sin"]').click()
  await eventually(() => t.id('composer').inputValue(), '', 'the other one is empty')
  await t.page.locator('[data-id="c-carolina"] .draft').waitFor()
  await t.page.reload()
  await t.page.locator('[data-testid="conv-row"][data-id="c-carolina"]').click()
  await eventually(() => t.id('composer').inputValue(), 'te paso el presupuesto', 'after a reload')
})

scenario('chat: without a connection messages queue and go out in order', async (t) => {
  await openChat(t)
  t.mock.cut(true)
  for (const text of ['uno', 'dos', 'tres']) {
    await t.id('composer').fill(text)
    await t.id('send').click()
  }
  await t.id('banner-connection').waitFor()
  same(await t.id('banner-connection').innerText().then((x) => x.includes('3 mensajes saldrán en orden')), true, 'the banner counts them')
  t.mock.up()
  await eventually(() => t.mock.desk.state.threads.get('c-carolina').slice(-3).map((m) => m.text), ['uno', 'dos', 'tres'], 'the order', 20_000)
  await t.id('banner-connection').waitFor({ state: 'detached', timeout: 20_000 })
})

scenario('chat: what happened during a break is caught up by cursor', async (t) => {
  await openChat(t)
  t.mock.cut(true)
  t.mock.desk.customerSays('c-carolina', '¿Siguen ahí?')
  t.mock.desk.put('c-diego', { status: 'closed' })
  t.mock.up()
  await eventually(() => t.id('msg').last().innerText().then((x) => x.includes('¿Siguen ahí?')), true, 'the missed message', 20_000)
  await eventually(() => t.page.locator('[data-id="c-diego"]').getAttribute('data-status'), 'closed', 'the missed change', 20_000)
})

scenario('chat: messages that came while writing must be looked at first', async (t) => {
  await openChat(t)
  t.mock.desk.state.refuse = { status: 409, message: 'Llegaron mensajes.', data: [{}, {}] }
  await t.id('composer').fill('El técnico sale ahora')
  await t.id('send').click()
  await t.id('conflict').waitFor()
  same(await t.id('conflict').innerText().then((x) => x.includes('Llegaron 2 mensajes')), true, 'how many')
  t.mock.desk.state.refuse = null
  await t.id('conflict-send').click()
  await eventually(() => t.mock.desk.state.threads.get('c-carolina').at(-1).text, 'El técnico sale ahora', 'sent anyway')
  await t.id('conflict').waitFor({ state: 'detached' })
})

scenario('chat: a refused message says why and can be tried again', async (t) => {
  await openChat(t)
  t.mock.desk.state.refuse = { status: 403, message: 'Tu rol no permite hacer esto.' }
  await t.id('composer').fill('hola')
  await t.id('send').click()
  await eventually(() => t.page.locator('.fail').last().innerText().then((x) => x.includes('Tu rol no permite')), true, 'the reason')
  t.mock.desk.state.refuse = null
  await t.id('retry').last().click()
  await eventually(() => t.mock.desk.state.threads.get('c-carolina').at(-1).text, 'hola', 'sent')
})

scenario('chat: a note is unmistakable and goes to the team only', async (t) => {
  await openChat(t)
  await t.page.keyboard.press('Alt+KeyN')
  await t.page.locator('.composer-note').waitFor()
  await t.id('composer').fill('ojo con la garantía')
  await t.id('send').click()
  await eventually(() => t.mock.desk.state.threads.get('c-carolina').at(-1).kind, 'note', 'its kind')
  await t.page.locator('.msg-note').last().waitFor()
})

scenario('chat: unread ones have a divider, and reading is told', async (t) => {
  t.mock.desk.state.conversations.get('c-carolina').unread = 2
  await openChat(t)
  await t.id('unread-divider').waitFor()
  await eventually(() => t.mock.desk.state.hits.filter(([what]) => what === 'read').length > 0, true, 'read is told')
})

scenario('chat: a short thread with unread ones is at its end, and read', async (t) => {
  await openChat(t, 'c-diego')
  await t.id('unread-divider').waitFor()
  await eventually(() => t.mock.desk.state.hits.some(([what, which]) => what === 'read' && which === 'c-diego'), true, 'read is told')
  same(await t.id('to-end').count(), 0, 'nothing to jump to')
})

scenario('chat: a live message raises its conversation in the list', async (t) => {
  await openChat(t)
  t.mock.desk.customerSays('c-rodrigo', 'Ya transferí')
  await eventually(() => t.id('conv-row').first().getAttribute('data-id'), 'c-rodrigo', 'the first row')
  await eventually(() => t.id('conv-row').first().innerText().then((x) => x.includes('Ya transferí')), true, 'its preview')
})

scenario('chat: take, transfer, return, close with undo', async (t) => {
  await t.page.goto(`${t.mock.url}/chat/c-diego?view=waiting`)
  const status = (id) => () => t.mock.desk.state.conversations.get(id).status
  await t.id('claim').click()
  await eventually(status('c-diego'), 'open', 'taken')
  await t.id('transfer').click()
  await t.id('transfer-to').getByText('Envíos').click()
  await t.id('transfer-send').click()
  await eventually(() => t.mock.desk.state.conversations.get('c-diego').area, 'envios', 'transferred')
  await t.page.goto(`${t.mock.url}/chat/c-carolina?view=all`)
  await t.id('close').click()
  await eventually(status('c-carolina'), 'closed', 'closed')
  await t.id('toast-action').click()
  await eventually(status('c-carolina'), 'open', 'undone')
  await t.id('pane-more').click()
  await t.id('menu-return').click()
  await eventually(status('c-carolina'), 'waiting', 'returned')
})

scenario('chat: back to the bot, and a flow started by hand', async (t) => {
  await t.page.goto(`${t.mock.url}/chat/c-carolina?view=all`)
  const status = () => t.mock.desk.state.conversations.get('c-carolina').status
  for (const [flow, said] of [['', 'Recepción'], ['f-order', 'Estado del pedido']]) {
    t.mock.desk.put('c-carolina', { status: 'open' })
    await t.id('pane-more').click()
    await t.id('menu-bot').click()
    await t.page.locator('#bot-flow option[value="f-order"]').waitFor({ state: 'attached' })
    await t.id('bot-flow').selectOption(flow)
    await t.id('bot-start').click()
    await eventually(status, 'bot', 'with the bot')
    await eventually(() => t.id('event').last().innerText().then((x) => x.includes(`se la dio al bot: ${said}`)), true, 'who gave it')
  }
})

scenario('chat: somebody was faster', async (t) => {
  await t.page.goto(`${t.mock.url}/chat/c-diego?view=waiting`)
  await t.id('claim').waitFor()
  t.mock.desk.state.faster = true
  await t.id('claim').click()
  await eventually(() => t.id('toast').innerText().then((x) => x.includes('Martín tomó la conversación antes.')), true, 'who')
})
