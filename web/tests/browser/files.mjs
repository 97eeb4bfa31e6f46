import { axe } from './browser.mjs'
import { eventually, same, scenario } from './harness.mjs'

// Each kind of file that is not here, with its reason.
const file = (id, kind, reason, more) => ({ kind, media: { id, mime: 'application/pdf', name: '', size: 4_200_000, state: 'waiting', reason, ...more } })
const says = (mock, message) => mock.desk.add('c-carolina', { direction: 'in', author: 'contact', state: 'received', ...message })

for (const size of ['desk', 'phone']) {
  scenario(`files: what is not fetched by itself says why, and comes when somebody asks (${size})`, async ({ page, mock, id }) => {
    says(mock, file('w1', 'document', 'quota', { name: 'Presupuesto de la cocina y el living con las medidas.pdf' }))
    says(mock, file('w2', 'image', 'disk', { mime: 'image/jpeg', width: 800, height: 600 }))
    says(mock, file('w3', 'voice', 'blocked', { mime: 'audio/ogg', seconds: 12 }))
    says(mock, file('w4', 'video', 'too_large', { mime: 'video/mp4', state: 'failed' }))
    await page.goto(`${mock.url}/chat/c-carolina`)
    await id('file-absent').nth(3).waitFor()
    const text = async (n) => (await id('file-absent').nth(n).innerText()).replace(/\s+/g, ' ')
    for (const [n, want] of [[0, 'llegó mucho de este cliente hoy'], [1, 'poco espacio en disco'], [2, 'el contacto está bloqueado'], [3, 'más grande de lo que se puede guardar']]) same((await text(n)).includes(want), true, `${n}: ${await text(n)}`)
    same(await id('file-absent').nth(3).getByTestId('file-fetch').count(), 0, 'no button where it cannot help')
    same(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing is wider than the page')
    same(await axe(page), [], 'axe')
    mock.desk.state.diskFull = true
    await id('file-fetch').nth(1).click()
    await eventually(() => text(1).then((x) => x.includes('casi no tiene espacio')), true, 'why not now')
    mock.desk.state.diskFull = false
    await id('file-fetch').first().focus()
    await page.keyboard.press('Enter')
    await page.getByText('Descargando…').waitFor()
    await eventually(() => id('file-absent').count(), 3, 'the others still wait')
    const message = mock.desk.state.threads.get('c-carolina').find((m) => m.media?.id === 'w1')
    mock.desk.change('c-carolina', message.id, { media: { ...message.media, state: 'ready', reason: '', url: '/api/files/f4' } })
    await page.locator('a[href="/api/files/f4"]').last().waitFor()
  }, { size })
}
