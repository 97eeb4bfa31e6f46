// What has to fit on a phone, and be reached with a thumb.
import { eventually, same, scenario } from './harness.mjs'

const goTo = async (t, conversation) => {
  await t.page.goto(`${t.mock.url}/chat/${conversation}?view=all`)
  await t.page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
}
/** How many characters of an element can be read before it is cut. */
const readable = (locator) => locator.evaluate((one) => {
  const text = one.firstChild
  const cut = one.scrollWidth > one.clientWidth
  const edge = one.getBoundingClientRect().right - (cut ? parseFloat(getComputedStyle(one).fontSize) : 0)
  const range = document.createRange()
  let n = 0
  for (; n < text.length; n++) {
    range.setStart(text, n)
    range.setEnd(text, n + 1)
    if (range.getBoundingClientRect().right > edge + 1) break
  }
  return { n, cut }
})
const whole = (locator) => locator.evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent))

for (const size of ['phone', 'narrow', 'small']) for (const [who, role, change] of [
  ['c-transportes', 'ADMIN', {}], ['c-transportes', 'OPERATOR', {}], ['c-carolina', 'ADMIN', { area: 'tecnico', waitingSince: new Date(Date.now() - 4e6).toISOString() }], ['c-ines', 'ADMIN', {}],
]) scenario(`phone: the name of ${who} can be read, ${role}, ${size}`, async (t) => {
  Object.assign(t.mock.desk.state.users[0], { role })
  t.mock.desk.put(who, change)
  await goTo(t, who)
  const head = t.page.locator('.pane-head')
  const { n, cut } = await readable(head.locator('h1'))
  same(!cut || n >= 12, true, `${n} characters before the cut`)
  same(await whole(head.locator('.area > span')), [], 'areas that are cut')
  const tops = await head.evaluate((one) => ['h1', '.pane-sub .wait'].map((what) => one.querySelector(what)?.getBoundingClientRect()).map((box) => box && Math.round(box.top)))
  if (tops[1]) same(tops[1] > tops[0] + 10, true, `the chip is under the name, ${tops}`)
  same(await t.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing is wider than the screen')
  same([await head.getByText('Tomar', { exact: true }).filter({ visible: true }).count(), await head.getByTestId('close').count()], [0, 0], 'buttons in the head')
  same(await t.page.getByText('Tomar', { exact: true }).filter({ visible: true }).count(), who === 'c-transportes' && role === 'OPERATOR' ? 1 : 0, 'Tomar on the screen')
}, { size })

scenario('phone: closing and taking are in the menu, with room for a thumb', async (t) => {
  await goTo(t, 'c-diego')
  const small = () => t.page.locator('[popover]:popover-open .menu-item').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height).filter((height) => height < 44))
  await t.id('pane-more').tap()
  await t.id('menu-claim').waitFor()
  same(await small(), [], 'low rows of the menu')
  await t.id('menu-claim').tap()
  await eventually(() => t.mock.desk.state.conversations.get('c-diego').assignee, 'u-lucia', 'taken')
  await t.id('pane-more').tap()
  same(await t.id('menu-claim').count(), 0, 'it is taken')
  await t.id('menu-close').tap()
  await eventually(() => t.mock.desk.state.conversations.get('c-diego').status, 'closed', 'closed')
}, { size: 'small' })

scenario('phone: there is one button to take or to reopen on a screen of any width', async (t) => {
  Object.assign(t.mock.desk.state.users[0], { role: 'OPERATOR' })
  await goTo(t, 'c-diego')
  same(await t.page.getByRole('button', { name: 'Tomar' }).count(), 1, 'to take')
  await goTo(t, 'c-julian')
  same(await t.page.getByRole('button', { name: 'Reabrir' }).count(), 1, 'to reopen')
}, { size: 'wide' })
