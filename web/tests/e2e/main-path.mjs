// The product's main path as people see it, in a real browser over the real protocol: line linked by QR, menu, area, the
// agent whose page is open gets it, answer, blue ticks, closed for silence. Another customer's area lets people claim. browser_test.go starts the desk and the emulated WhatsApp and calls this with a
// JSON of addresses and passwords as its one argument. With "images", the pictures of the README are left there.
import assert from 'node:assert/strict'
import { axe, byId, launch, open } from '../browser/browser.mjs'
import { tell, until } from './story.mjs'

const stage = JSON.parse(process.argv[2])
const story = await tell({ desk: stage.desk, control: stage.phones, owner: stage.owner })
const tabs = []
const shot = (page, name) => stage.images && page.screenshot({ path: `${stage.images}/${name}.png`, animations: 'disabled', caret: 'hide' })

/** A page that has to be free of accessibility faults, and may have its picture taken. */
async function presentable(page, name) {
  await shot(page, name)
  assert.deepEqual(await axe(page), [], `axe on ${name}`)
}

async function person(identity, password, options) {
  const one = await story.agent(identity, password, { locale: 'es-AR', ...options })
  tabs.push(one)
  return one
}

async function loginPage() {
  const browser = await launch()
  const { page } = await open(browser, { locale: 'es-AR' })
  await page.goto(`${stage.desk}/login`)
  await byId(page, 'login-identity').waitFor()
  await presentable(page, 'login')
  await browser.close()
}

async function linkTheLine(admin) {
  await admin.page.goto(`${stage.desk}/`)
  await admin.id('line-start').click()
  await until('the QR code', () => admin.id('qr').getAttribute('data-qr', { timeout: 500 }))
  await presentable(admin.page, 'dashboard-qr')
  await story.owner.scans(await admin.id('qr').getAttribute('data-qr'))
  await admin.lineIs('connected')
}

async function theMainPath(agent) {
  const carolina = await story.customer('+5491155580001', 'Carolina Benítez', { read: 'off' })
  await agent.tab('all')
  await carolina.says('Hola, buen día')
  await carolina.shows('Ventas')
  await carolina.says('1')
  await carolina.shows('Te paso con Ventas')
  await agent.gets('Carolina Benítez') // the row came by itself, and she is there: it is hers
  await agent.answers('¡Hola! Soy Ana, de Ventas. ¿Qué heladera buscas?')
  await carolina.shows('Soy Ana')
  await agent.tickIs('Soy Ana', 'delivered')
  await carolina.says('Una con freezer arriba, de unos 400 litros 🙂')
  await agent.sees('400 litros')
  await agent.answers('Tenemos la Frío Plus 420 con entrega mañana. ¿Te mando el precio?')
  await carolina.shows('Frío Plus')
  await story.customer('+5491155580001', 'Carolina Benítez', { read: 'auto' })
  await carolina.says('Sí, dale')
  await agent.sees('Sí, dale')
  await agent.answers('Ahí va: $ 890.000 en 6 cuotas sin interés.')
  await agent.tickIs('890.000', 'read')
  return carolina
}

async function takenByHand(agent) {
  const emilio = await story.customer('+5491155580002', 'Emilio Paz', { read: 'off' })
  await emilio.says('Buenas')
  await emilio.shows('Facturación')
  await emilio.says('3')
  await emilio.shows('Te paso con Facturación')
  await agent.takes('Emilio Paz')
  await agent.answers('Hola, Emilio. ¿Qué factura necesitas?')
  await emilio.shows('¿Qué factura necesitas?')
}

async function pictures(agent) {
  await presentable(agent.page, 'chat-light')
  await agent.page.emulateMedia({ colorScheme: 'dark' })
  await presentable(agent.page, 'chat-dark')
  await agent.page.emulateMedia({ colorScheme: 'light' })
  const phone = await person('ana', stage.agentPassword, { size: 'phone' })
  await phone.page.goto(agent.page.url())
  await phone.sees('890.000')
  await presentable(phone.page, 'chat-phone')
}

try {
  await loginPage()
  await linkTheLine(await person('admin', stage.adminPassword))
  const ana = await person('ana', stage.agentPassword)
  const carolina = await theMainPath(ana)
  await takenByHand(ana)
  await ana.opens('Carolina Benítez')
  await pictures(ana)
  await fetch(stage.clock, { method: 'POST' }) // half an hour of silence
  await carolina.shows(stage.goodbye)
  await ana.id('reopen').waitFor()
  for (const tab of tabs) assert.deepEqual(await tab.violations(), [], 'policy violations, console errors, exceptions')
} catch (error) {
  for (const [n, tab] of tabs.entries()) {
    if (stage.failures) await tab.page.screenshot({ path: `${stage.failures}/failure-${n}.png` })
    console.error(`${tab.page.url()}: ${(await tab.violations()).join('\n')}`)
  }
  throw error
} finally {
  await story.end()
}
