import { axe } from './browser.mjs'
import { eventually, same, scenario } from './harness.mjs'

scenario('reading: older messages come without moving what is read', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/chat/c-betty`)
  await page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
  const log = id('log')
  await eventually(() => log.evaluate((el) => el.scrollTop > 1000 && el.scrollHeight - el.scrollTop - el.clientHeight < 80), true, 'it begins at the end')
  const drift = await log.evaluate(async (el) => {
    const frame = () => new Promise(requestAnimationFrame)
    let worst = 0
    for (let round = 0; round < 4; round++) {
      const height = el.scrollHeight
      el.scrollTop = 500
      for (let i = 0; i < 3; i++) await frame()
      const mark = [...el.querySelectorAll('[data-testid="msg"]')].find((m) => m.getBoundingClientRect().top > 150)
      const before = mark.getBoundingClientRect().top
      for (let i = 0; i < 240 && el.scrollHeight === height; i++) await frame()
      for (let i = 0; i < 12; i++) await frame()
      const now = el.querySelector(`[data-id="${mark.dataset.id}"]`)
      if (!now) return 'the message that was read is gone'
      worst = Math.max(worst, Math.abs(now.getBoundingClientRect().top - before))
    }
    return worst
  })
  same(typeof drift === 'number' && drift <= 1, true, `drift ${drift} px`)
})

scenario('reading: above the end new messages are counted, not forced upon', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/chat/c-betty`)
  await page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
  await id('log').evaluate((el) => (el.scrollTop = el.scrollHeight - 2000))
  await id('to-end').waitFor()
  mock.desk.customerSays('c-betty', '¿Hola?')
  await eventually(() => id('to-end').innerText(), '1 mensaje nuevo', 'the pill')
  await id('to-end').click()
  await eventually(() => id('msg').last().innerText().then((x) => x.includes('¿Hola?')), true, 'the end')
})

scenario('reading: messages are counted, each of them, and typing is not', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/chat/c-betty?view=all`)
  await page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
  await id('log').evaluate((el) => (el.scrollTop = el.scrollHeight - 2000))
  await id('to-end').waitFor()
  const typing = page.locator('[data-testid="conv-row"][data-id="c-betty"] .conv-typing')
  for (const state of ['composing', 'paused', 'composing', 'paused']) {
    mock.desk.emit('typing', { conversation: 'c-betty', state })
    await typing.waitFor({ state: state === 'paused' ? 'detached' : 'attached' })
  }
  same(await id('to-end').innerText(), 'Ir al final', 'nothing came')
  mock.cut(true)
  for (const text of ['uno', 'dos', 'tres']) mock.desk.customerSays('c-betty', text)
  mock.up()
  await eventually(() => id('to-end').innerText(), '3 mensajes nuevos', 'the pill', 20_000)
})

scenario('reading: a quote jumps to its message', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/chat/c-carolina`)
  await page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
  await eventually(() => id('log').evaluate((el) => el.querySelector('.quote') !== null || ((el.scrollTop = 500), false)), true, 'the quote comes into view')
  await page.locator('.quote').evaluate((el) => el.click())
  await page.locator('[data-id="m000006"].msg-flash').waitFor()
})

scenario('reading: the list is one stop of the keyboard, with arrows inside', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/chat?view=all`)
  await id('conv-row').first().waitFor()
  same(await page.locator('[data-testid="conv-row"][tabindex="0"]').count(), 1, 'tab stops')
  await page.locator('[data-testid="conv-row"][tabindex="0"]').focus()
  await page.keyboard.press('ArrowDown')
  await eventually(() => page.evaluate(() => document.activeElement.dataset.id), 'c-ana', 'the second row')
  await page.keyboard.press('Enter')
  await eventually(() => new URL(page.url()).pathname, '/chat/c-ana', 'it opens')
  await page.keyboard.press('Alt+KeyJ')
  await eventually(() => new URL(page.url()).pathname, '/chat/c-carolina', 'Alt J is the next one')
})

scenario('reading: a search finds by name without accents', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/chat?view=all`)
  await id('conv-row').first().waitFor()
  await id('search').fill('benitez')
  await eventually(() => id('conv-row').evaluateAll((rows) => rows.map((r) => r.dataset.id)), ['c-carolina'], 'what is found')
})

scenario('reading: the list pages on as one scrolls', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/chat?view=all`)
  await id('conv-row').first().waitFor()
  const last = () => page.locator('.convs-scroll').evaluate((el) => (el.scrollTo(0, 1e6), el.querySelector('[data-id="c-more-59"]') !== null))
  await eventually(last, true, 'the last of 70')
})

scenario('reading: by wait the longest is first, also when the list has not come to it; those who do not wait follow', async ({ page, mock, id }) => {
  mock.desk.state.conversations.get('c-more-59').waitingSince = '2026-01-01T10:00:00.000Z'
  await page.goto(`${mock.url}/chat?view=all`)
  await id('conv-row').first().waitFor()
  const first = () => id('conv-row').first().getAttribute('data-id')
  const before = await first()
  await page.locator('.rail-link').nth(1).click()
  await page.getByRole('link', { name: 'Ver la fila' }).click()
  await eventually(first, 'c-more-59', 'the longest wait')
  const last = () => page.locator('.convs-scroll').evaluate((el) => (el.scrollTo(0, 1e6), el.querySelector('[data-id="c-more-58"]') !== null))
  await eventually(last, true, 'the last of those who do not wait')
  await page.getByRole('button', { name: 'Mayor espera primero' }).click()
  await page.locator('.convs-scroll').evaluate((el) => el.scrollTo(0, 0))
  await eventually(first, before, 'the newest')
})

scenario('line: every state has its words, and the QR is drawn', async ({ page, mock, id }) => {
  await page.reload()
  same(await page.locator('.rail-logo .logo-m').evaluate((one) => getComputedStyle(one).fill), 'none', 'the logo is drawn, without the styles of the login')
  for (const state of ['stopped', 'connecting', 'passkey', 'offline', 'outdated', 'replaced', 'logged_out', 'restricted', 'banned', 'connected']) {
    mock.desk.setLine({ state, until: state === 'restricted' ? new Date(Date.now() + 60_000).toISOString() : undefined })
    await eventually(() => id('line-state').getAttribute('data-state'), state, 'the state')
    same(await id('line-state').innerText().then((x) => /line\./.test(x)), false, `words for ${state}`)
  }
  mock.desk.setLine({ state: 'stopped' })
  await id('line-start').click()
  await id('qr').waitFor()
  same(await id('qr').getAttribute('data-qr'), '2@demo,demo,demo', 'the text of the code')
  await id('pair-open').click()
  await id('pair-phone').fill('+54 9 11 5555 0142')
  await id('pair-submit').click()
  await eventually(() => id('pair-code').innerText(), 'ABCD-1234', 'the code')
})

scenario('phone: list and conversation are two pages, back leads to the list', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/chat?view=all`)
  await id('conv-row').nth(2).tap()
  await page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
  same(await id('conv-row').first().isVisible(), false, 'the list is away')
  same(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing is wider than the screen')
  await page.goBack()
  await eventually(() => id('conv-row').first().isVisible(), true, 'the list is back')
}, { size: 'phone' })

scenario('demo: a phone writes, the owner scans, another customer joins', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/demo/`)
  await id('phone-msg').last().waitFor()
  await id('phone-input').nth(1).fill('oi')
  await id('phone-send').click()
  await eventually(() => id('phone-msg').last().innerText().then((x) => x.startsWith('oi')), true, 'the bubble')
  await id('owner-scan').click()
  await eventually(() => mock.phones.all[0].linked.length, 1, 'linked')
  await id('add-customer').click()
  await page.getByRole('heading', { name: 'Carla Ibáñez' }).waitFor()
}, { login: false })

for (const dark of [false, true]) {
  scenario(`accessibility: axe finds nothing, ${dark ? 'dark' : 'light'}`, async ({ page, mock, id }) => {
    for (const [path, wait] of [['/', 'line-state'], ['/chat?view=all', 'conv-row'], ['/chat/c-carolina', 'msg'], ['/demo/', 'phone-msg']]) {
      await page.goto(mock.url + path)
      await id(wait).last().waitFor()
      same(await axe(page), [], path)
    }
  }, { dark })
}

scenario('reading: WhatsApp’s markup, links and large emoji are shown, and the copy is what was written', async ({ page, mock, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const text = '*Oferta* de _hoy_, ~ayer~ y `código`\n```a\n  b```\n- uno\n- *dos*\n\n> cita\n1. primero\n2. segundo\nwww.ejemplo.com, ana@ejemplo.com o +54 9 11 5555-0142'
  for (const one of [text, '👍', '👩‍🔧🇦🇷', '😂😂😂', 'https://a.com/\u202emoc.b']) mock.desk.customerSays('c-carolina', one)
  await page.goto(`${mock.url}/chat/c-carolina?view=all`)
  await page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
  const rich = page.locator('.msg', { hasText: 'Oferta' })
  same(await rich.locator('.rich :is(strong, em, s, code, blockquote, li)').allInnerTexts().then((all) => all.map((x) => x.trim())), ['Oferta', 'hoy', 'ayer', 'código', 'a\n  b', 'uno', 'dos', 'dos', 'cita', 'primero', 'segundo'], 'what is marked')
  same(await rich.locator('a').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), a.rel])), [['https://www.ejemplo.com', 'noreferrer noopener'], ['mailto:ana@ejemplo.com', ''], ['tel:+5491155550142', '']], 'the links')
  same(await page.locator('.emoji').evaluateAll((all) => all.map((one) => one.className)), ['emoji emoji-1', 'emoji emoji-2', 'emoji emoji-3'], 'large emoji')
  same(await page.locator('a[href^="https://a.com"]').evaluate((a) => [a.getAttribute('href'), a.textContent]), ['https://a.com/', 'https://a.com/'], 'a link ends at a hidden mark')
  await rich.hover()
  await rich.getByRole('button', { name: 'Copiar' }).click()
  await eventually(() => page.evaluate(() => navigator.clipboard.readText()), text, 'the copy')
  mock.desk.put('c-ana', { lastMessage: { id: 'x', kind: 'text', text: '*Oferta* de _hoy_', author: 'contact' } })
  await eventually(() => page.locator('[data-testid="conv-row"][data-id="c-ana"]').innerText().then((x) => x.includes('Oferta de hoy')), true, 'the preview')
})
