// Words for browser tests over the whole product: the page of an agent and the phones of customers.
//
//   const story = await tell({ desk: 'http://127.0.0.1:8090', control: 'http://127.0.0.1:9099' })
//   const ana = await story.agent('ana', 'password')
//   await ana.links(story.owner)                     // scans the QR that the dashboard shows
//   await carla.says('hola')
//   await ana.takes('Carla'); await ana.answers('Hola, Carla')
//
// Everything waits for a condition and never for a time; a wait that ends in vain names what was last seen.
import { mkdirSync } from 'node:fs'
import { byId, launch, login, open } from '../browser/browser.mjs'

const WAIT = 15_000 // milliseconds: the slowest step is the first connection of a line

/** Asks again until the answer is truthy. */
export async function until(what, ask, ms = WAIT) {
  const end = Date.now() + ms
  let last
  while (Date.now() < end) {
    last = await ask().catch((error) => void (last = error.message))
    if (last) return last
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  throw new Error(`waited in vain for ${what}; last seen: ${JSON.stringify(last)}`)
}

async function call(base, method, path, body) {
  const response = await fetch(base + path, {
    method, headers: body ? { 'Content-Type': 'application/json' } : {}, body: body && JSON.stringify(body),
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.message ?? ''}`)
  return answer
}

/** A simulated phone. to is the number it writes to unless told otherwise. */
export function phone(control, number, to) {
  const at = `/phones/${encodeURIComponent(number)}`
  return {
    number,
    says: (text) => call(control, 'POST', `${at}/say`, { to, text }).then((answer) => answer.id),
    sends: (media) => call(control, 'POST', `${at}/say`, { to, media }).then((answer) => answer.id),
    types: () => call(control, 'POST', `${at}/typing`, { to, state: 'composing' }),
    reads: () => call(control, 'POST', `${at}/read`, { to }),
    scans: (qr) => call(control, 'POST', `${at}/scan`, { qr }),
    enters: (code) => call(control, 'POST', `${at}/scan`, { code }),
    chat: () => call(control, 'GET', `${at}/chat?with=${encodeURIComponent(to)}`).then((answer) => answer.messages ?? []),
    /** Waits until the phone shows a message of the other side that holds this text. */
    shows(text) {
      return until(`"${text}" on ${number}`, async () => {
        const messages = await this.chat()
        return messages.find((m) => !m.fromMe && m.text.includes(text))
      })
    },
  }
}

/** An agent in front of the page. */
function agent(view, desk) {
  const { page } = view
  const id = (name) => byId(page, name)
  const row = (name) => id('conv-row').filter({ hasText: name })
  const message = (text) => id('msg').filter({ hasText: text }).last()
  return {
    ...view,
    id,
    row,
    message,
    /** From the dashboard: starts the line if it is stopped, shows the QR, and lets the owner's phone scan it. */
    async links(owner) {
      await page.goto(`${desk}/`)
      await id('line-state').waitFor()
      if (await id('line-start').count()) await id('line-start').click()
      await until('the QR code', () => id('qr').getAttribute('data-qr'))
      await owner.scans(await id('qr').getAttribute('data-qr'))
      await this.lineIs('connected')
    },
    lineIs: (state) => until(`the line to be ${state}`, async () => (await id('line-state').getAttribute('data-state')) === state),
    async tab(name) {
      if (new URL(page.url()).pathname.split('/')[1] !== 'chat') await page.goto(`${desk}/chat`)
      await id(`tab-${name}`).click()
    },
    sees: (text) => message(text).waitFor({ timeout: WAIT }),
    async opens(name) {
      await row(name).first().click({ timeout: WAIT })
      await id('log').waitFor()
    },
    /** Opens a conversation that came to this person by itself: there is nothing to claim. */
    async gets(name) {
      await this.statusIs(name, 'open')
      await this.opens(name)
      await id('composer').waitFor()
      if (await id('claim').count()) throw new Error(`${name} is open and still offered to be taken`)
    },
    async takes(name) {
      await this.opens(name)
      await id('claim').click({ timeout: WAIT })
      await until(`${name} to be taken`, async () => (await id('claim').count()) === 0)
    },
    async answers(text) {
      await id('composer').fill(text)
      await id('send').click()
      await this.sees(text)
    },
    /** Waits for a tick: queued, sent, delivered or read. */
    tickIs: (text, state) => until(`"${text}" to be ${state}`, async () => (await message(text).getAttribute('data-state')) === state),
    statusIs: (name, status) => until(`${name} to be ${status}`, async () => (await row(name).first().getAttribute('data-status')) === status),
    async shot(path) {
      mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true })
      await page.screenshot({ path })
    },
  }
}

/** Opens the story: a browser, and the phones that the control API plays. */
export async function tell({ desk, control, owner = '+5491155550100' }) {
  const browser = await launch()
  return {
    browser,
    owner: phone(control, owner, ''),
    async customer(number, name, more = {}) {
      await call(control, 'POST', '/phones', { number, name, delivered: 'auto', read: 'auto', ...more })
      return phone(control, number, owner)
    },
    async agent(identity, password, options = {}) {
      const view = await open(browser, options)
      await login(view.page, desk, identity, password)
      return agent(view, desk)
    },
    end: () => browser.close(),
  }
}
