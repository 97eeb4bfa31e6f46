import { onBeforeUnmount, onMounted } from 'vue'

/** What a screen does for a key; registered while it is shown. */
export type Shortcut = 'next' | 'previous' | 'close' | 'transfer' | 'note' | 'search'

const acts = new Map<Shortcut, () => void>()

/** Keys by their place on the board, so that they are the same on every layout. All with Alt and nothing else. */
export const KEYS: Record<string, Shortcut> = { KeyJ: 'next', KeyK: 'previous', KeyE: 'close', KeyT: 'transfer', KeyN: 'note', KeyF: 'search' }

export function useAct(name: Shortcut, run: () => void) {
  onMounted(() => acts.set(name, run))
  onBeforeUnmount(() => {
    if (acts.get(name) === run) acts.delete(name)
  })
}

export function actFor(event: Pick<KeyboardEvent, 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'>): Shortcut | null {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null
  return KEYS[event.code] ?? null
}

/** F6 walks the regions in the order of the page; Shift F6 goes back. */
function walkRegions(back: boolean) {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter((one) => one.offsetParent !== null)
  const here = regions.findIndex((one) => one.contains(document.activeElement))
  const next = regions[(here + (back ? -1 : 1) + regions.length) % regions.length]
  next?.querySelector<HTMLElement>('textarea, [tabindex="0"], a[href], input, button')?.focus()
}

export function useShortcuts() {
  const press = (event: KeyboardEvent) => {
    if (document.querySelector('dialog[open]')) return
    if (event.key === 'F6') {
      event.preventDefault()
      walkRegions(event.shiftKey)
      return
    }
    const act = actFor(event)
    if (!act || !acts.has(act)) return
    event.preventDefault()
    acts.get(act)!()
  }
  onMounted(() => window.addEventListener('keydown', press))
  onBeforeUnmount(() => window.removeEventListener('keydown', press))
}
