import { fileURLToPath } from 'node:url'
import { eventually, same, scenario } from './harness.mjs'

const pick = { name: 'contrato.pdf', mimeType: 'application/pdf', buffer: Buffer.from('x') }
const row = (page, id) => page.locator(`[data-testid="conv-row"][data-id="${id}"]`)
const openChat = async ({ page, mock, id }, conversation = 'c-carolina') => {
  await page.goto(`${mock.url}/chat/${conversation}?view=all`)
  await id('msg').last().waitFor()
}
const turnTo = async ({ page }, conversation) => {
  await row(page, conversation).click()
  await eventually(() => new URL(page.url()).pathname, `/chat/${conversation}`, 'the other one')
}
const attach = async ({ id }, file = pick) => {
  await id('file').setInputFiles(file)
  await id('attachment').waitFor()
}
const attached = (id) => () => id('attachment').locator('.truncate').allInnerTexts()
/** What the page posts when somebody sends: JSON, or a form when a file is in it. */
const posted = async ({ page, id }) => {
  const request = page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/messages'))
  await id('send').click()
  return (await request).headers()['content-type'].split(';')[0]
}
/** Drops files on a part of the page; answers whether the browser would open them in the page's stead. */
const drop = (page, where, ...names) =>
  page.locator(where).first().evaluate((at, names) => {
    const dataTransfer = new DataTransfer()
    for (const name of names) dataTransfer.items.add(new File(['x'], name))
    return at.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  }, names)

scenario('composer: a note carries no file; the file waits for the reply', async (t) => {
  await openChat(t)
  await attach(t)
  await t.page.keyboard.press('Alt+KeyN')
  await t.page.locator('.composer-note').waitFor()
  await t.id('composer').fill('ojo')
  same(await posted(t), 'application/json', 'the note')
  await drop(t.page, '.composer', 'otro.pdf')
  await t.page.getByText('Una nota no lleva archivos.').waitFor()
  await t.id('mode-reply').click()
  await eventually(attached(t.id), ['contrato.pdf'], 'the file')
  same(await posted(t), 'multipart/form-data', 'the reply')
  await eventually(attached(t.id), [], 'what is left')
})

scenario('composer: files dropped on the conversation are messages one after another', async (t) => {
  const sent = []
  t.mock.hook = ({ method, path, body }) => void (method === 'POST' && path.endsWith('/messages') && sent.push([body.text, body.media]))
  await openChat(t)
  same(await drop(t.page, '.log', 'uno.pdf', 'dos.pdf', 'tres.pdf'), false, 'opened by the browser')
  same(await drop(t.page, '.convs', 'otro.pdf'), false, 'opened by the browser beside the conversation')
  await eventually(attached(t.id), ['uno.pdf', 'dos.pdf', 'tres.pdf'], 'the files')
  await t.page.getByRole('button', { name: 'Quitar dos.pdf' }).click()
  await t.id('composer').fill('van los dos')
  await t.id('send').click()
  await eventually(attached(t.id), [], 'what is left')
  await eventually(() => sent, [['van los dos', 'uno.pdf'], [undefined, 'tres.pdf']], 'what was sent')
})

scenario('composer: a pasted file is attached, cells of a spreadsheet are text although they come with a picture', async (t) => {
  await openChat(t)
  const paste = (types) => t.id('composer').evaluate((field, types) => {
    const clipboardData = new DataTransfer()
    for (const type of types) clipboardData.setData(type, 'x')
    clipboardData.items.add(new File(['x'], 'pegado.png', { type: 'image/png' }))
    return field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, types)
  same(await paste(['text/plain', 'text/html']), true, 'the cells are the text field\'s')
  same(await attached(t.id)(), [], 'attached with the cells')
  for (const types of [[], ['text/plain'], ['text/html']]) same(await paste(types), false, `a file with ${types}`)
  await eventually(attached(t.id), ['pegado.png', 'pegado.png', 'pegado.png'], 'the files')
})

scenario('composer: what a message has no room for is said', async (t) => {
  await openChat(t)
  await t.id('composer').fill('a'.repeat(65_537))
  await t.page.getByText('Un mensaje lleva hasta 65.536 caracteres.').waitFor()
  same((await t.id('composer').inputValue()).length, 65_536, 'characters')
})

scenario('composer: the same file can be picked again', async (t) => {
  await openChat(t)
  // The browser's own way: it says nothing when the field holds the same file already.
  const cdp = await t.context.newCDPSession(t.page)
  const choose = async () => {
    const { root } = await cdp.send('DOM.getDocument')
    const { nodeId } = await cdp.send('DOM.querySelector', { nodeId: root.nodeId, selector: '[data-testid="file"]' })
    await cdp.send('DOM.setFileInputFiles', { nodeId, files: [fileURLToPath(import.meta.url)] })
  }
  await choose()
  await eventually(attached(t.id), ['composer.mjs'], 'the first time')
  await turnTo(t, 'c-sin')
  await eventually(attached(t.id), [], 'the next conversation')
  await choose()
  await eventually(attached(t.id), ['composer.mjs'], 'the second time')
})

scenario('composer: a picked file stays with its conversation and its person', async (t) => {
  await openChat(t)
  await attach(t)
  await turnTo(t, 'c-sin')
  await eventually(attached(t.id), [], 'the next conversation')
  await turnTo(t, 'c-carolina')
  await eventually(attached(t.id), ['contrato.pdf'], 'back again')
  t.mock.desk.put('c-carolina', { assignee: 'u-martin' })
  await t.id('me').click()
  await t.id('menu-logout').click()
  await t.id('login-identity').fill('martin')
  await t.id('login-password').fill('secreto')
  await t.id('login-submit').click()
  await t.page.locator('.rail-link').first().click()
  await t.id('tab-all').click()
  await row(t.page, 'c-carolina').click()
  await t.id('composer').waitFor()
  same(await attached(t.id)(), [], 'what the next person finds')
})

scenario('composer: after a conflict text, file and quote come back', async (t) => {
  await openChat(t)
  await t.id('msg').last().hover()
  await t.id('msg').last().locator('.msg-tools button').first().click()
  await t.page.locator('.composer-extra .quote').waitFor()
  await attach(t)
  await t.id('composer').fill('va el contrato')
  t.mock.desk.state.refuse = { status: 409, message: 'x', data: [{}] }
  await t.id('send').click()
  await t.id('conflict').waitFor()
  await t.page.keyboard.press('Alt+KeyN')
  await t.id('conflict-edit').click()
  await eventually(() => t.id('composer').inputValue(), 'va el contrato', 'the text')
  await eventually(attached(t.id), ['contrato.pdf'], 'the file')
  same(await t.page.locator('.composer-extra .quote').count(), 1, 'the quote')
})

scenario('composer: what was written behind a conflict comes back with it, a note goes on', async (t) => {
  await openChat(t)
  const send = async (text) => {
    await t.id('composer').fill(text)
    await t.id('send').click()
  }
  t.mock.desk.state.refuse = { status: 409, message: 'x', data: [{}] }
  await send('primera')
  await t.id('conflict').waitFor()
  await send('segunda')
  await t.page.keyboard.press('Alt+KeyN')
  await send('para el equipo')
  await t.id('mode-reply').click()
  t.mock.desk.state.refuse = null
  await t.id('conflict-edit').click()
  await eventually(() => t.id('composer').inputValue(), 'primera\nsegunda', 'the text')
  await eventually(() => t.mock.desk.state.threads.get('c-carolina').at(-1).text, 'para el equipo', 'the note')
})

scenario('composer: a page with an unsent file asks before it goes', async (t) => {
  await openChat(t)
  const asked = []
  t.page.on('dialog', (dialog) => asked.push(dialog.type()) && dialog.accept())
  await t.id('composer').fill('sin archivo')
  await t.page.reload()
  same(asked, [], 'text is kept anyway')
  await t.id('composer').click()
  await attach(t)
  await t.page.reload()
  same(asked, ['beforeunload'], 'picked')
  await t.id('composer').click()
  await attach(t)
  t.mock.desk.state.refuse = { status: 503 }
  await t.id('send').click()
  await eventually(attached(t.id), [], 'on its way')
  await t.page.reload()
  same(asked, ['beforeunload', 'beforeunload'], 'waiting to be sent')
})

const told = (t) => () => t.mock.desk.state.hits.filter(([what]) => what === 'typing').map(([, id, { on }]) => `${id} ${on}`)

scenario('composer: a stored draft is not typing', async (t) => {
  await openChat(t, 'c-sin')
  await t.id('composer').fill('borrador')
  await eventually(told(t), ['c-sin true'], 'typing')
  await openChat(t)
  t.mock.desk.state.hits.length = 0
  await turnTo(t, 'c-sin')
  await eventually(() => t.id('composer').inputValue(), 'borrador', 'the draft')
  await turnTo(t, 'c-carolina')
  await eventually(() => t.id('composer').inputValue(), '', 'the other one')
  await t.id('composer').pressSequentially('a')
  await eventually(() => told(t)().includes('c-carolina true'), true, 'typing is told')
  same(told(t)(), ['c-carolina true'], 'all that was told')
})

scenario('composer: the end of typing is told where it began', async (t) => {
  await openChat(t)
  await t.id('composer').pressSequentially('abc')
  await eventually(told(t), ['c-carolina true'], 'the start')
  await turnTo(t, 'c-sin')
  await t.id('composer').pressSequentially('x')
  await eventually(told(t), ['c-carolina true', 'c-carolina false', 'c-sin true'], 'its end, and the next start')
  await t.id('mode-note').click()
  await t.id('composer').pressSequentially('y')
  await eventually(told(t), ['c-carolina true', 'c-carolina false', 'c-sin true', 'c-sin false'], 'a note is nobody\'s business')
})
