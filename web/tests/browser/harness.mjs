// The smallest runner that says which scenario failed and why, and never leaves a server behind.
import { startMock } from '../mock/server.mjs'
import { byId, launch, login, open } from './browser.mjs'

const scenarios = []

/** A scenario gets a fresh desk in memory and a fresh page, logged in unless it says otherwise. */
export const scenario = (name, run, options = {}) => scenarios.push({ name, run, options })

export function same(got, want, what) {
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}\n      got  ${JSON.stringify(got)}\n      want ${JSON.stringify(want)}`)
}

/** Waits until the answer is the wanted one; the error shows the last answer. */
export async function eventually(ask, want, what, ms = 8000) {
  const end = Date.now() + ms
  for (;;) {
    const got = await ask()
    if (JSON.stringify(got) === JSON.stringify(want)) return
    if (Date.now() > end) same(got, want, what)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

async function one(browser, { name, run, options }) {
  const mock = await startMock()
  const view = await open(browser, options)
  try {
    if (options.login !== false) await login(view.page, mock.url, 'lucia', 'secreto')
    await run({ ...view, mock, id: (testId) => byId(view.page, testId) })
    same(await view.violations(), [], 'console and content policy')
    console.log(`ok    ${name}`)
    return true
  } catch (error) {
    console.log(`FAIL  ${name}\n      ${error.message}`)
    return false
  } finally {
    await view.context.close()
    await mock.close()
  }
}

export async function runAll(only = '') {
  const browser = await launch()
  const chosen = scenarios.filter(({ name }) => name.includes(only))
  let passed = 0
  for (const each of chosen) if (await one(browser, each)) passed++
  await browser.close()
  console.log(`${passed} passed, ${chosen.length - passed} failed`)
  process.exit(passed === chosen.length ? 0 : 1)
}
