// What waits to be sent: whose it is, that it is not lost, and that it is said when it does not go out.
import { byId } from './browser.mjs'
import { eventually, same, scenario } from './harness.mjs'

const sends = ({ method, path }) => method === 'POST' && path.endsWith('/messages')
const chat = async ({ page, mock, id }, where = 'c-carolina') => {
  await page.goto(`${mock.url}/chat/${where}?view=all`)
  await id('msg').last().waitFor()
  await eventually(() => mock.listening(), true, 'events arrive')
}
const write = async (page, text) => {
  await byId(page, 'composer').fill(text)
  await byId(page, 'send').click()
}
const leave = async (page) => {
  await byId(page, 'me').click()
  await byId(page, 'menu-logout').first().click()
  await byId(page, 'login-identity').waitFor()
}
const enter = async (page, who) => {
  await byId(page, 'login-identity').fill(who)
  await byId(page, 'login-password').fill('secreto')
  await byId(page, 'login-submit').click()
  await page.waitForURL((now) => !now.pathname.startsWith('/login'))
}
const row = (page, id) => page.locator(`[data-testid="conv-row"][data-id="${id}"]`)
const mine = (mock, id) => mock.desk.state.threads.get(id).filter((one) => one.direction === 'out' && one.clientId).map((one) => [one.text, one.author])
const name = async (page) => (await byId(page, 'me').locator('.sr').innerText().catch(() => '')).split(' ')[0]

scenario('queue: the next person on the same page has drafts of their own', async (t) => {
  await chat(t)
  await t.id('composer').fill('solo de Lucía')
  await leave(t.page)
  t.mock.desk.put('c-carolina', { assignee: 'u-martin' })
  await enter(t.page, 'martin')
  await t.page.locator('.rail-link').first().click()
  await t.id('tab-all').click()
  same((await row(t.page, 'c-carolina').innerText()).includes('solo de Lucía'), false, 'in the list')
  await row(t.page, 'c-carolina').click()
  same(await t.id('composer').inputValue(), '', 'in the composer')
})

scenario('queue: a page of the list that is under way at the logout is not shown to the next person', async (t) => {
  await t.page.goto(`${t.mock.url}/chat?view=all`)
  await t.id('conv-row').first().waitFor()
  let late
  t.mock.hook = async ({ path, query, user, response }) => {
    if (path !== '/api/conversations') return
    if (query.get('before')) return new Promise((resolve) => (late = resolve))
    if (user?.id === 'u-martin') return response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"items":[],"next":"","cursor":"100000"}') && 'done'
  }
  await t.page.locator('.convs-scroll').evaluate((el) => el.scrollTo(0, 1e6))
  await eventually(() => Boolean(late), true, 'the next page is asked for')
  await leave(t.page)
  await enter(t.page, 'martin')
  await t.page.locator('.rail-link').first().click()
  await t.id('tab-all').click()
  await t.page.getByText('Todavía no escribió nadie').waitFor()
  const there = t.page.waitForResponse((response) => response.url().includes('before='))
  late()
  await (await there).finished()
  await t.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)))
  same(await t.id('conv-row').count(), 0, 'rows of Martín')
})

// The page that starts anew asks whose the cookie is: before Martín has it, or after.
for (const after of [false, true]) {
  scenario(`queue: when somebody else logs in in another tab this one follows${after ? ' at once' : ' from the login page'}, and nothing goes out in their name`, async (t) => {
    await chat(t)
    t.mock.desk.state.refuse = { status: 503 }
    await write(t.page, 'de Lucía')
    const other = await t.context.newPage()
    await other.goto(`${t.mock.url}/`)
    const asked = new Promise((resolve) => t.page.route('**/api/auth/me', async (route) => {
      resolve()
      if (after) await other.waitForURL((now) => !now.pathname.startsWith('/login'))
      await route.continue()
    }, { times: 1 }))
    await leave(other)
    await (after ? asked : t.id('login-identity').waitFor())
    await enter(other, 'martin')
    t.mock.desk.state.refuse = null
    await eventually(() => name(t.page), 'Martín', 'who this tab says')
    await leave(t.page)
    same(mine(t.mock, 'c-carolina').filter(([text]) => text === 'de Lucía'), [], 'sent as Martín')
    await enter(t.page, 'lucia')
    await eventually(() => name(other), 'Lucía', 'who the other tab says, now that she is back')
    await eventually(() => mine(t.mock, 'c-carolina').filter(([text]) => text === 'de Lucía'), [['de Lucía', 'u-lucia']], 'sent once, as Lucía')
  })
}

for (const [when, happens] of [
  ['the stream is back', async (t) => t.mock.cut()],
  ['the window is looked at', async (t) => t.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))],
]) {
  scenario(`queue: a cookie that changed where no tab could tell is noticed when ${when}, before anything goes out`, async (t) => {
    await chat(t)
    t.mock.desk.state.refuse = { status: 401 }
    await write(t.page, 'de Lucía')
    await t.page.locator('dialog').waitFor()
    t.mock.desk.state.refuse = null
    for (const sid of t.mock.desk.state.sessions.keys()) t.mock.desk.state.sessions.set(sid, t.mock.desk.state.users.find((one) => one.id === 'u-martin'))
    await happens(t)
    await eventually(() => name(t.page), 'Martín', 'who this tab says')
    same(mine(t.mock, 'c-carolina').filter(([text]) => text === 'de Lucía'), [], 'sent as Martín')
  })
}

scenario('queue: a cookie that changes while a message is sent is noticed by the server, and nothing is done in the name of the other person', async (t) => {
  await chat(t)
  await t.page.route('**/messages', (route) => {
    for (const sid of t.mock.desk.state.sessions.keys()) t.mock.desk.state.sessions.set(sid, t.mock.desk.state.users.find((one) => one.id === 'u-martin'))
    return route.continue()
  }, { times: 1 })
  await write(t.page, 'de Lucía')
  await eventually(() => name(t.page), 'Martín', 'who this tab says')
  await leave(t.page)
  same(mine(t.mock, 'c-carolina').filter(([text]) => text === 'de Lucía'), [], 'sent as Martín')
  await enter(t.page, 'lucia')
  await eventually(() => mine(t.mock, 'c-carolina').filter(([text]) => text === 'de Lucía'), [['de Lucía', 'u-lucia']], 'sent once, as Lucía')
})

scenario('queue: two tabs of one person lose nothing of each other', async (t) => {
  await chat(t)
  const two = await t.context.newPage()
  await two.goto(`${t.mock.url}/chat/c-sin?view=all`)
  await byId(two, 'msg').last().waitFor()
  t.mock.desk.state.refuse = { status: 503 }
  await write(t.page, 'de la primera')
  await write(two, 'de la segunda')
  await two.close()
  await t.page.reload()
  await t.page.locator('[data-state="queued"]').waitFor()
  t.mock.desk.state.refuse = null
  await eventually(() => [mine(t.mock, 'c-carolina').at(-1)?.[0], mine(t.mock, 'c-sin').at(-1)?.[0]], ['de la primera', 'de la segunda'], 'both are sent')
  await eventually(() => t.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('outbox'))), [], 'nothing is left')
})

scenario('queue: what two tabs have taken up is sent once and leaves both', async (t) => {
  await chat(t)
  t.mock.desk.state.refuse = { status: 403, message: 'Ahora no.' }
  await write(t.page, 'una vez')
  await t.id('msg').last().getByText('Ahora no.').waitFor()
  const two = await t.context.newPage()
  await two.goto(`${t.mock.url}/chat/c-sin?view=all`)
  await row(two, 'c-carolina').getByText('No enviado').waitFor()
  t.mock.desk.state.refuse = null
  await t.id('msg').last().getByRole('button', { name: 'Reintentar' }).click()
  await row(two, 'c-carolina').getByText('No enviado').waitFor({ state: 'detached' })
  same(mine(t.mock, 'c-carolina').filter(([text]) => text === 'una vez').length, 1, 'times sent')
})

scenario('queue: an answer of the Wi-Fi is no delivery', async (t) => {
  await chat(t)
  t.mock.desk.state.refuse = { status: 503 }
  t.mock.hook = async (request) => {
    if (!sends(request)) return
    t.mock.hook = t.mock.desk.state.refuse = null
    request.response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Sign in to the hotel Wi-Fi</html>')
    return 'done'
  }
  await write(t.page, 'no se pierde')
  await eventually(() => mine(t.mock, 'c-carolina').at(-1)?.[0], 'no se pierde', 'it arrives in the end')
})

scenario('queue: half an answer is an error that one can repeat, not an empty conversation', async (t) => {
  await t.page.goto(`${t.mock.url}/chat?view=all`)
  t.mock.hook = async ({ method, path, response, result }) => {
    if (method !== 'GET' || !path.endsWith('c-betty/messages')) return
    t.mock.hook = null
    const body = JSON.stringify(result.body)
    response.writeHead(200, { 'Content-Type': 'application/json' }).write(body.slice(0, body.length / 2), () => response.destroy())
    return 'done'
  }
  await row(t.page, 'c-betty').click()
  await t.page.locator('.pane [role="alert"] button').click()
  await t.id('msg').last().waitFor()
})

scenario('queue: a request that is never answered does not hold up the conversation', async (t) => {
  await t.page.addInitScript(() => {
    const real = AbortSignal.timeout.bind(AbortSignal)
    AbortSignal.timeout = (ms) => real(ms / 30)
  })
  await chat(t)
  t.mock.desk.state.refuse = { status: 503 }
  t.mock.hook = async (request) => {
    if (!sends(request)) return
    t.mock.hook = t.mock.desk.state.refuse = null
    return 'done'
  }
  await write(t.page, 'colgado')
  await write(t.page, 'segundo')
  await eventually(() => mine(t.mock, 'c-carolina').slice(-2).map(([text]) => text), ['colgado', 'segundo'], 'both, in order')
})

scenario('queue: a message that is held in a conversation that is not open is said once, and the way there shown', async (t) => {
  await chat(t)
  let answer
  t.mock.hook = async (request) => sends(request) && new Promise((resolve) => (answer = resolve))
  t.mock.desk.state.refuse = { status: 409, message: '', data: [{}, {}] }
  await write(t.page, 'no sale')
  await eventually(() => Boolean(answer), true, 'it is on its way')
  await row(t.page, 'c-sin').click()
  await byId(t.page, 'toast').waitFor({ state: 'detached' })
  answer()
  await t.id('toast').waitFor()
  same(await t.id('toast').locator('p').innerText(), `Tu mensaje para ${await row(t.page, 'c-carolina').locator('.conv-name').innerText()} no se envió.`, 'the toast')
  await row(t.page, 'c-carolina').getByText('No enviado').waitFor()
  await t.id('toast-action').click()
  await t.id('conflict-send').waitFor()
  same(await t.id('toast').count(), 0, 'said once')
})
