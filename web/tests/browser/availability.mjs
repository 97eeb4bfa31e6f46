// Who takes conversations: the switch, the banner, the dots.
import { axe } from './browser.mjs'
import { eventually, same, scenario } from './harness.mjs'

const mine = (t) => t.mock.desk.state.users[0].availability
const banner = (t) => () => t.id('banner-away').count()
const dot = (t) => () => t.id('me').locator('.presence').getAttribute('class')
const list = async (t) => {
  await t.page.goto(`${t.mock.url}/chat/c-carolina?view=all`)
  await t.id('composer').waitFor()
}

scenario('availability: the switch says away, the banner takes it back', async (t) => {
  await list(t)
  same(await banner(t)(), 0, 'no banner')
  await t.id('me').focus()
  await t.page.keyboard.press('Enter')
  await t.page.keyboard.press('ArrowDown') // as fast as one can: the first item has the focus already
  same(await t.id('menu-be:available').getAttribute('aria-checked'), 'true', 'available is checked')
  await t.page.keyboard.press('Enter')
  await t.id('banner-away').waitFor()
  await eventually(() => mine(t), 'away', 'the desk knows')
  same(await dot(t)(), 'presence presence-away', 'the dot is a ring')
  same(await t.id('me').innerText().then((text) => text.includes('ausente')), true, 'and a word')
  same(await axe(t.page), [], 'axe')
  await t.page.reload()
  await t.id('banner-away').waitFor() // it is my word: coming back does not change it
  await t.id('banner-away').getByRole('button').click()
  await eventually(banner(t), 0, 'no banner')
  await eventually(() => mine(t), 'available', 'the desk knows')
})

scenario('availability: what the desk refuses is taken back', async (t) => {
  await list(t)
  t.mock.desk.state.sticky = true
  await t.id('me').click()
  await t.id('menu-be:away').click()
  await eventually(() => t.id('toast').innerText().then((text) => text.includes('Ahora no se puede.')), true, 'why')
  await eventually(banner(t), 0, 'no banner')
  same(await dot(t)(), 'presence presence-available', 'the dot')
})

scenario('availability: loading shows one state from the start', async (t) => {
  t.mock.desk.state.users[0].availability = 'offline' // until the stream of this page is open
  await t.page.addInitScript(() => {
    window.__dots = new Set()
    new MutationObserver(() => document.querySelectorAll('.rail-me .presence').forEach((one) => window.__dots.add(one.className))).observe(document, { subtree: true, childList: true, attributes: true })
  })
  await list(t)
  t.mock.desk.is('u-lucia', 'available')
  t.mock.desk.is('u-joaquim', 'offline') // comes after it
  await t.id('transfer').click()
  await eventually(() => t.id('transfer-person').filter({ hasText: 'Joaquim' }).getAttribute('data-state'), 'offline', 'heard')
  same(await t.page.evaluate(() => [...window.__dots]), ['presence presence-available'], 'every state the dot had')
})

scenario('availability: another browser of mine is heard, also after a gap', async (t) => {
  await list(t)
  await eventually(() => t.mock.listening(), true, 'the stream')
  t.mock.desk.is('u-lucia', 'away')
  await t.id('banner-away').waitFor()
  t.mock.cut(true)
  t.mock.desk.state.users[0].availability = 'available'
  t.mock.up()
  await eventually(banner(t), 0, 'no banner')
})

scenario('availability: a transfer shows who is there, live', async (t) => {
  await list(t)
  await eventually(() => t.mock.listening(), true, 'the stream')
  await t.id('transfer').click()
  const people = () => t.id('transfer-person').evaluateAll((rows) => rows.map((row) => `${row.innerText.split('\n').filter((line) => line.length > 2).join(' ')} ${row.dataset.state}`))
  await eventually(people, ['Joaquim Duarte Disponible available', 'Martín Ocampo Ausente away'], 'the people')
  same(await axe(t.page), [], 'axe')
  t.mock.desk.publishPeople([{ user: 'u-martin', availability: 'available' }, { user: 'u-joaquim', availability: 'offline' }])
  await eventually(people, ['Martín Ocampo Disponible available', 'Joaquim Duarte Sin conexión offline'], 'the people after many came and went')
  await t.id('transfer-to').getByText('Martín Ocampo').click()
  await t.id('transfer-send').click()
  await eventually(() => t.mock.desk.state.threads.get('c-carolina').at(-1).data?.user, 'u-martin', 'transferred to')
})

scenario('availability: the switch on a phone', async (t) => {
  await t.page.goto(`${t.mock.url}/chat?view=all`)
  await t.id('me-bar').click()
  await t.id('menu-be:away').filter({ visible: true }).click()
  await t.id('banner-away').waitFor()
  same(await axe(t.page), [], 'axe')
  await eventually(() => mine(t), 'away', 'the desk knows')
}, { size: 'phone' })
