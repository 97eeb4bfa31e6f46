import { describe, expect, it } from 'vitest'
import { placeMenu } from './menu'

describe('a menu', () => {
  const menu = { offsetWidth: 200, offsetHeight: 300 }
  const room = { width: 390, height: 844 }
  it('stands under its button', () => expect(placeMenu({ left: 300, right: 332, top: 10, bottom: 42 }, menu, room, 'bottom', 'end')).toEqual({ left: '132px', top: '48px' }))
  it('is pushed back into the window', () => expect(placeMenu({ left: 0, right: 30, top: 800, bottom: 830 }, menu, room, 'bottom', 'end')).toEqual({ left: '8px', top: '536px' }))
  it('stands above a bar at the foot', () => expect(placeMenu({ left: 260, right: 390, top: 788, bottom: 844 }, menu, room, 'top', 'end')).toEqual({ left: '182px', top: '482px' }))
})
