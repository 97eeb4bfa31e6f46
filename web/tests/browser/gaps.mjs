// What comes while something else is under way: a page being read, a list that fails, a transfer, a connection that died.
import { eventually, same, scenario } from './harness.mjs'

const ends = (t, ...want) => eventually(() => t.id('msg').evaluateAll((all, want) => want.filter((text, i) => all.at(i - want.length)?.innerText.includes(text)), want), want, 'the end of the thread')
const row = (t, id) => t.page.locator(`[data-testid="conv-row"][data-id="${id}"]`)
const reads = (t, id) => t.mock.desk.state.hits.filter(([what, whose]) => what === 'read' && whose === id).length
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const fail = (response, status) => (response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}'), 'done')
const list = async (t) => {
  await t.page.goto(`${t.mock.url}/chat?view=all`)
  await t.id('conv-row').first().waitFor()
  await eventually(() => t.mock.listening(), true, 'the stream')
}
/** Lets the next request that fits wait until the returned function is called. */
function hold(t, fits) {
  let go
  const gate = new Promise((resolve) => (go = resolve))
  const begun = new Promise((resolve) => {
    t.mock.hook = async (request) => {
      if (!fits(request)) return
      t.mock.hook = null
      resolve()
      await gate
    }
  })
  return { begun, go }
}

scenario('gaps: what is written while a thread is being read stays, from both sides', async (t) => {
  await list(t)
  const { begun, go } = hold(t, ({ method, path }) => method === 'GET' && path.endsWith('c-betty/messages'))
  await row(t, 'c-betty').click()
  await begun
  t.mock.desk.customerSays('c-betty', 'Del cliente')
  await t.id('composer').fill('De nosotros')
  await t.page.keyboard.press('Enter')
  await eventually(() => t.mock.desk.state.threads.get('c-betty').at(-1).text, 'De nosotros', 'sent')
  await wait(100)
  same(await t.id('msg').count(), 0, 'messages of a thread that is not there yet')
  go()
  await ends(t, 'Del cliente', 'De nosotros')
})

scenario('gaps: a thread that could not be renewed is not read, and is tried again', async (t) => {
  await t.page.goto(`${t.mock.url}/chat/c-diego?view=all`)
  await t.id('msg').last().waitFor()
  await eventually(() => t.mock.listening(), true, 'the stream')
  await t.page.locator('.rail-logo').click()
  await t.id('line-state').waitFor()
  const before = reads(t, 'c-diego')
  t.mock.desk.customerSays('c-diego', 'No visto')
  let failed = 0
  t.mock.hook = ({ method, path, response }) => method === 'GET' && path.endsWith('c-diego/messages') && failed++ < 1 && fail(response, 503)
  await t.page.locator('.rail-link').first().click()
  await row(t, 'c-diego').click()
  await eventually(() => failed, 1, 'the first try failed')
  await wait(500)
  same(reads(t, 'c-diego'), before, 'reads of what was not shown')
  await ends(t, 'No visto')
  await eventually(() => reads(t, 'c-diego'), before + 1, 'read when it is shown')
})

scenario('gaps: a list that failed says so, and comes with the connection', async (t) => {
  t.mock.hook = ({ path, response }) => path === '/api/conversations' && fail(response, 503)
  await t.page.goto(`${t.mock.url}/chat?view=all`)
  await t.page.locator('.convs [role=alert]').waitFor()
  await eventually(() => t.mock.listening(), true, 'the stream')
  t.mock.hook = null
  t.mock.cut()
  await t.id('conv-row').first().waitFor()
  same(await t.page.locator('.convs [role=alert]').count(), 0, 'no alert')
})

scenario('gaps: what changed between the list and the stream is asked for', async (t) => {
  await t.page.goto('about:blank') // nothing of the first page is under way
  let go
  const gate = new Promise((resolve) => (go = resolve))
  let made = 0
  t.mock.hook = ({ path }) => path === '/api/conversations' && ++made && gate
  await t.page.goto(`${t.mock.url}/chat?view=all`)
  await eventually(() => made, 3, 'the answers are made')
  t.mock.desk.put('c-rodrigo', { lastMessage: { id: 'x', kind: 'text', text: 'Entre medio', author: 'contact' } })
  await eventually(() => t.mock.listening(), true, 'the stream')
  await wait(300)
  go()
  await eventually(() => row(t, 'c-rodrigo').innerText().then((text) => text.includes('Entre medio')), true, 'the row')
})

scenario('gaps: an old conversation stays open when the gap was too long', async (t) => {
  await t.page.goto(`${t.mock.url}/chat/c-more-55?view=all`)
  await t.id('msg').last().waitFor()
  await eventually(() => t.mock.listening(), true, 'the stream')
  let asked = 0
  t.mock.hook = ({ path, response }) => path === '/api/changes' && asked++ < 1 && fail(response, 410)
  t.mock.cut()
  await eventually(() => asked, 1, 'the changes are gone', 15000)
  await t.id('composer').or(t.page.locator('.composer-off')).first().waitFor()
  await wait(500)
  await t.id('msg').last().waitFor()
})

scenario('gaps: who transfers a conversation out of sight keeps no ghost of it', async (t) => {
  await t.page.goto(`${t.mock.url}/chat/c-carolina?view=all`)
  await t.id('msg').last().waitFor()
  await eventually(() => t.mock.listening(), true, 'the stream')
  t.mock.hook = ({ path, result }) => {
    if (!path.endsWith('c-carolina/transfer')) return
    t.mock.desk.emit('conversation:update', { id: 'c-carolina', removed: true }) // the server tells it before it answers
    t.mock.desk.state.conversations.delete('c-carolina')
    return wait(300).then(() => result)
  }
  await t.id('transfer').click()
  await t.id('transfer-to').getByText('Ventas').first().click()
  await t.id('transfer-send').click()
  await eventually(() => row(t, 'c-carolina').count(), 0, 'the row')
  await wait(600)
  same(await row(t, 'c-carolina').count(), 0, 'the row after the answer')
})

scenario('gaps: a thread opens at its divider, and is read when its end was seen', async (t) => {
  t.mock.desk.state.conversations.get('c-betty').unread = 12
  const pages = []
  t.mock.hook = ({ method, path, query }) => {
    if (method === 'GET' && path.endsWith('c-betty/messages')) pages.push(query.get('before') ?? 'newest')
  }
  await list(t)
  await row(t, 'c-betty').click()
  await t.id('unread-divider').waitFor()
  await t.id('to-end').waitFor()
  const top = await t.id('unread-divider').evaluate((one) => one.getBoundingClientRect().top - document.querySelector('.log').getBoundingClientRect().top)
  same(top >= 0 && top < 120, true, `the divider is at the top, at ${top}`)
  await wait(300)
  same([reads(t, 'c-betty'), pages], [0, ['newest']], 'reads, and pages')
  await t.id('to-end').click()
  await eventually(() => reads(t, 'c-betty'), 1, 'read')
})

scenario('gaps: who answers at once is at the end, and not led back to the divider', async (t) => {
  t.mock.desk.state.conversations.get('c-betty').unread = 2
  await list(t)
  await row(t, 'c-betty').click()
  await t.id('unread-divider').waitFor()
  for (let n = 1; n <= 8; n++) {
    await t.id('composer').fill(`Respuesta ${n}`)
    await t.page.keyboard.press('Enter')
    t.mock.desk.customerSays('c-betty', `Pregunta ${n}`)
    await t.page.getByTestId('log').getByText(`Pregunta ${n}`).waitFor()
  }
  await eventually(() => t.page.getByTestId('log').evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 60), true, 'at the end')
  same(await t.id('to-end').count(), 0, 'a way to the end')
})

scenario('gaps: a double click does one thing', async (t) => {
  await t.page.goto(`${t.mock.url}/chat/c-carolina?view=all`)
  await t.id('close').dblclick()
  await t.id('reopen').waitFor()
  await wait(400)
  same(t.mock.desk.state.conversations.get('c-carolina').status, 'closed', 'the conversation')
})

scenario('gaps: a session that ended while nobody did anything asks for the password', async (t) => {
  await t.page.goto(t.mock.url)
  await t.id('line-state').waitFor()
  await eventually(() => t.mock.listening(), true, 'the stream')
  t.mock.desk.state.sessions.clear()
  t.mock.cut()
  await t.id('login-password').waitFor()
})

scenario('gaps: a picture that does not load says so, and is tried again', async (t) => {
  const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
  let there = false
  t.mock.hook = ({ path, response }) => {
    if (path !== '/api/files/f-new') return
    if (!there) return fail(response, 503)
    response.writeHead(200, { 'Content-Type': 'image/png' }).end(pixel)
    return 'done'
  }
  await t.page.goto(`${t.mock.url}/chat/c-betty`)
  await eventually(() => t.mock.listening(), true, 'the stream')
  await t.page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
  t.mock.desk.add('c-betty', { direction: 'in', kind: 'image', author: 'contact', state: 'received', media: { id: 'f-new', mime: 'image/png', state: 'ready', url: '/api/files/f-new', width: 200, height: 100 } })
  const last = t.id('msg').last()
  await last.getByText('No se pudo mostrar.').waitFor()
  there = true
  await last.getByRole('button', { name: 'Reintentar' }).click()
  await eventually(() => last.locator('img').evaluate((img) => img.complete && img.naturalWidth), 1, 'the picture')
})
