import { byId } from './browser.mjs'
import { eventually, same, scenario } from './harness.mjs'

const enter = async (page, password) => {
  await byId(page, 'login-identity').fill('lucia')
  await byId(page, 'login-password').fill(password)
  await byId(page, 'login-submit').click()
}

scenario('login: a wrong password is said in a sentence, the right one leads to where one wanted to go', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/chat/c-carolina`)
  await enter(page, 'nope')
  await eventually(() => id('login-error').innerText(), 'El usuario o la contraseña no coinciden.', 'the sentence')
  await enter(page, 'secreto')
  await eventually(() => new URL(page.url()).pathname, '/chat/c-carolina', 'where it leads')
}, { login: false })

scenario('login: too many attempts and a server that is down are told apart', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/login`)
  mock.desk.state.failLogin = 429
  await enter(page, 'secreto')
  await eventually(() => id('login-error').innerText(), 'Demasiados intentos. Espera un momento y vuelve a probar.', 'rate limit')
  mock.cut(true)
  await enter(page, 'secreto')
  await eventually(() => id('login-error').innerText(), 'No hay conexión con el servidor. Vuelve a probar en un momento.', 'down')
}, { login: false })

scenario('login: three languages, and the choice is kept', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/login`)
  for (const [lang, title] of [['pt-BR', 'Entrar'], ['en', 'Log in'], ['es', 'Entrar'], ['en', 'Log in']]) {
    await id(`lang-${lang}`).click()
    await eventually(() => page.locator('h1').innerText(), title, lang)
  }
  await page.reload()
  await eventually(() => page.locator('h1').innerText(), 'Log in', 'after a reload')
  same(await page.evaluate(() => document.documentElement.lang), 'en', 'the language of the page')
}, { login: false })

scenario('session: an ended one asks for the password in place and keeps the draft', async ({ page, mock, id }) => {
  await page.goto(`${mock.url}/chat/c-carolina`)
  await id('composer').fill('a medias')
  mock.trouble.expired = true
  mock.cut()
  await page.locator('dialog').waitFor()
  same(await page.locator('dialog [data-testid="login-identity"]').count(), 0, 'only the password is asked')
  await page.locator('dialog [data-testid="login-password"]').fill('secreto')
  await page.locator('dialog [data-testid="login-submit"]').click()
  await page.locator('dialog').waitFor({ state: 'detached' })
  same(await id('composer').inputValue(), 'a medias', 'the draft')
  await id('send').click()
  await eventually(() => mock.desk.state.threads.get('c-carolina').at(-1).text, 'a medias', 'it is sent after the login')
})

scenario('session: no token is in reach of scripts', async ({ page }) => {
  same(await page.evaluate(() => [document.cookie, Object.keys(localStorage).filter((k) => /token|auth/i.test(k))]), ['', []], 'cookie and storage')
})
