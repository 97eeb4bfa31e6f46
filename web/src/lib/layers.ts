import { onBeforeUnmount, onMounted } from 'vue'
import { useRouter, type RouteLocationRaw } from 'vue-router'

/**
 * What lies over a screen (a card, a dialog, a photo) has an address of its own: a link opens it, and Back, Escape and its own
 * button close that one layer. Opened from here it goes back to what it was opened over; come to by a link, it makes way for
 * the screen below. Dialogs hear Escape themselves; for any other layer shutsOnEscape says whether one is open.
 */
export function useLayers(below: () => RouteLocationRaw, shutsOnEscape: () => boolean) {
  const router = useRouter()
  let closing = false // a dialog may ask twice, and going back takes a moment: the second time would leave the screen

  const open = (to: Exclude<RouteLocationRaw, string>) => router.push({ ...to, state: { layer: true } })

  function close() {
    if (closing) return
    closing = true
    if (history.state?.layer) router.back()
    else void router.replace(below())
  }

  function escape(event: KeyboardEvent) {
    if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], :popover-open')) return
    if (shutsOnEscape()) close()
  }
  const went = router.afterEach(() => void (closing = false))
  onMounted(() => window.addEventListener('keydown', escape))
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', escape)
    went()
  })
  return { open, close }
}
