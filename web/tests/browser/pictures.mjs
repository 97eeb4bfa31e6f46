import { eventually, same, scenario } from './harness.mjs'

/** A real PNG of this size, drawn by the browser. */
const png = async (page, width, height, name = 'foto.png') => {
  const data = await page.evaluate(([w, h]) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h })
    const pen = canvas.getContext('2d')
    pen.fillStyle = '#3a7'
    pen.fillRect(0, 0, w, h)
    return canvas.toDataURL().split(',')[1]
  }, [width, height])
  return { name, mimeType: 'image/png', buffer: Buffer.from(data, 'base64') }
}

const opened = async (page, mock, path = '/chat/c-carolina') => {
  await page.goto(mock.url + path)
  await page.locator('[data-testid="log"][aria-busy="false"]').waitFor()
}
const rect = (locator) => locator.evaluate((el) => (({ width, height }) => [Math.round(width), Math.round(height)])(el.getBoundingClientRect()))

for (const [text, w, h, box] of [['', 300, 600, [150, 300]], ['Así queda, con unas palabras debajo que son más largas que la foto', 900, 300, [260, 87]]]) {
  scenario(`pictures: an own one of ${w} × ${h} is whole, and keeps its box from the first frame to the last tick`, async ({ page, mock, id }) => {
    let release
    let form
    mock.hook = async ({ method, path, body }) => {
      if (method !== 'POST' || !path.endsWith('/messages')) return
      form = body
      await new Promise((done) => (release = done))
    }
    await opened(page, mock)
    await id('file').setInputFiles(await png(page, w, h))
    if (text) await id('composer').fill(text)
    await id('send').click()
    const mine = page.locator('[data-testid="msg"][data-kind="image"][data-direction="out"]')
    await mine.locator('img').waitFor()
    await eventually(() => rect(mine.locator('.media')), box, 'the box while it is sent')
    const bubble = await rect(mine.locator('.bubble'))
    same(bubble[0], box[0] + 10, 'the bubble is as wide as its picture')
    await eventually(() => [form?.width, form?.height], [String(w), String(h)], 'its measures go along')
    await page.evaluate(() => {
      const img = document.querySelector('[data-kind="image"][data-direction="out"] img')
      window.__sizes = new Set()
      window.__img = img
      const look = () => (window.__sizes.add(`${img.getBoundingClientRect().width} ${img.closest('.bubble').getBoundingClientRect().height} ${img.src}`), requestAnimationFrame(look))
      look()
    })
    release()
    await page.locator('[data-testid="msg"][data-kind="image"]:not([data-id^="local:"])[data-direction="out"]').waitFor()
    const message = mock.desk.state.threads.get('c-carolina').findLast((m) => m.kind === 'image')
    mock.desk.change('c-carolina', message.id, { state: 'read' })
    await mine.locator('.tick-read').waitFor()
    same(await page.evaluate(() => [window.__sizes.size, window.__img.isConnected]), [1, true], 'one shape, one picture, all along')
    same(await mine.locator('img').evaluate((img) => [img.naturalWidth / img.naturalHeight, getComputedStyle(img).objectFit]), [w / h, 'contain'], 'it is whole')
    const [inside] = [await mine.evaluate((el) => {
      const [meta, media] = ['.bubble-meta', '.media'].map((one) => el.querySelector(one).getBoundingClientRect())
      return meta.top > media.top && meta.bottom < media.bottom && meta.right < media.right
    })]
    same(inside, text === '', 'the time lies on a picture without words')
  })
}

scenario('pictures: one that comes without its size is whole, and does not jump', async ({ page, mock }) => {
  const url = `data:image/png;base64,${(await png(page, 400, 700)).buffer.toString('base64')}`
  mock.desk.add('c-carolina', { direction: 'in', author: 'contact', kind: 'image', state: 'received', media: { id: 'n1', mime: 'image/png', size: 10, state: 'pending' } })
  await opened(page, mock)
  const last = page.locator('[data-testid="msg"][data-kind="image"]').last()
  await last.locator('.media-wait').waitFor()
  const before = await rect(last)
  const message = mock.desk.state.threads.get('c-carolina').findLast((m) => m.kind === 'image')
  mock.desk.change('c-carolina', message.id, { media: { ...message.media, state: 'ready', url } })
  await eventually(() => last.locator('img').evaluate((img) => img.complete && img.naturalWidth), 400, 'it is there')
  same([before, await last.locator('img').evaluate((img) => getComputedStyle(img).objectFit)], [await rect(last), 'contain'], 'the same box, all of the picture')
})

scenario('pictures: on a narrow phone one has its shape too', async ({ page, mock }) => {
  const url = `data:image/png;base64,${(await png(page, 800, 400)).buffer.toString('base64')}`
  mock.desk.add('c-carolina', { direction: 'in', author: 'contact', kind: 'image', state: 'received', media: { id: 'n1', mime: 'image/png', width: 800, height: 400, size: 10, state: 'ready', url } })
  await page.setViewportSize({ width: 280, height: 700 })
  await opened(page, mock)
  const [width, height] = await rect(page.locator('[data-testid="msg"][data-kind="image"] .media').last())
  same([width < 260, Math.abs(width / height - 2) < 0.03], [true, true], `${width} × ${height}`)
}, { size: 'phone' })
