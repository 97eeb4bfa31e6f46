import { eventually, same, scenario } from './harness.mjs'

const row = (page, id) => page.locator(`[data-testid="conv-row"][data-id="${id}"]`)
const openChat = async ({ page, mock, id }, conversation = 'c-carolina') => {
  await page.goto(`${mock.url}/chat/${conversation}?view=all`)
  await id('msg').last().waitFor()
}
const turnTo = async ({ page }, conversation) => {
  await row(page, conversation).click()
  await eventually(() => new URL(page.url()).pathname, `/chat/${conversation}`, 'the other one')
}
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
