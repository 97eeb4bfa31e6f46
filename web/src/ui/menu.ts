export type Edge = 'top' | 'right' | 'bottom'
export type Align = 'start' | 'end'

interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

const GAP = 6
const EDGE = 8 // pixels kept free at the edges of the window

/** Where a menu stands beside its button: on the wished side, pushed back into the window. */
export function placeMenu(
  trigger: Box, menu: { offsetWidth: number; offsetHeight: number }, room: { width: number; height: number }, side: Edge, align: Align,
): { left: string; top: string } {
  let left = side === 'right' ? trigger.right + GAP : align === 'end' ? trigger.right - menu.offsetWidth : trigger.left
  let top = side === 'bottom' ? trigger.bottom + GAP : side === 'top' ? trigger.top - GAP - menu.offsetHeight : trigger.bottom - menu.offsetHeight
  left = Math.max(EDGE, Math.min(left, room.width - EDGE - menu.offsetWidth))
  top = Math.max(EDGE, Math.min(top, room.height - EDGE - menu.offsetHeight))
  return { left: `${left}px`, top: `${top}px` }
}
