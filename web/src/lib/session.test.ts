import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, post } from './api'
import { confirmUser, login, logout, me, restore } from './session'

let cookie = ''
const told = (id: string) => {
  localStorage.setItem('mostrador.user', id)
  window.dispatchEvent(new StorageEvent('storage', { key: 'mostrador.user', newValue: id }))
}
const reload = vi.spyOn(location, 'reload').mockImplementation(() => {})

beforeEach(async () => {
  localStorage.clear()
  vi.stubGlobal('fetch', vi.fn(async () => new Response(JSON.stringify({ id: cookie }))))
  cookie = 'ana'
  await restore()
  reload.mockClear()
})
afterEach(() => vi.unstubAllGlobals())

describe('another tab', () => {
  it('is told who is logged in, and who has left', async () => {
    expect(localStorage.getItem('mostrador.user')).toBe('ana')
    await logout()
    expect(localStorage.getItem('mostrador.user')).toBe(null)
    expect(reload).not.toHaveBeenCalled()
  })

  it('that logs somebody else in makes this one start anew', () => {
    told('bea')
    expect(reload).toHaveBeenCalled()
  })

  it('that logs the same person in changes nothing', () => {
    told('ana')
    expect(reload).not.toHaveBeenCalled()
  })

  it('that logs in takes this one along when it asks who it is', async () => {
    await logout()
    told('bea')
    expect(reload).toHaveBeenCalled()
  })

  it('is asked before anything goes out, even when its word has not come yet', async () => {
    localStorage.setItem('mostrador.user', 'bea')
    vi.mocked(fetch).mockClear()
    await expect(post('/api/x')).rejects.toThrow(ApiError)
    expect(fetch).not.toHaveBeenCalled()
    expect(reload).toHaveBeenCalled()
  })
})

it('whoever else the cookie belongs to gets a page of their own', async () => {
  await confirmUser()
  expect(reload).not.toHaveBeenCalled()
  cookie = 'bea'
  await confirmUser()
  expect(reload).toHaveBeenCalled()
})

it('somebody else in the dialog that asks for the password gets a page of their own', async () => {
  cookie = 'bea'
  await login('bea', 'x')
  expect(reload).toHaveBeenCalled()
  expect(me.value?.id).toBe('ana')
})

it('a set-up link makes whoever it is for the person of this page', async () => {
  cookie = 'bea'
  await restore()
  expect([me.value?.id, reload.mock.calls.length]).toEqual(['bea', 0])
})
