import { beforeEach, describe, expect, it } from 'vitest'
import { heardLine, heardQr, line, qr } from './line'

const status = (state: string, second: number, more = {}) => ({ line: 'l1', state, since: `2026-01-01T12:00:0${second}.000Z`, displayName: '', paused: false, ...more })

beforeEach(() => {
  line.value = null
  qr.value = null
})

describe('the status of the line', () => {
  it('stays when an older one arrives late', () => {
    heardLine(status('waiting_scan', 2))
    heardQr({ qr: 'code', expiresAt: '2026-01-01T12:01:00.000Z' })
    heardLine(status('connecting', 1))
    expect(line.value?.state).toBe('waiting_scan')
    expect(qr.value?.text).toBe('code')
  })

  it('takes what changed without a new state', () => {
    heardLine(status('connected', 2))
    heardLine(status('connected', 2, { paused: true }))
    expect(line.value?.paused).toBe(true)
  })

  it('takes another line whenever its state began', () => {
    heardLine(status('connected', 5))
    heardLine(status('offline', 1, { line: 'l2' }))
    expect(line.value?.state).toBe('offline')
  })

  it('forgets the code when nothing waits for a scan', () => {
    heardLine(status('waiting_scan', 1))
    heardQr({ qr: 'code' })
    heardLine(status('connected', 2))
    expect(qr.value).toBeNull()
  })
})
