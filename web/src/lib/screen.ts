import { onScopeDispose, shallowRef, type Ref } from 'vue'

/** Whether a media query holds, for what style alone cannot do. The widths are those of styles/: 640, 900, 1200. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const list = matchMedia(query)
  const matches = shallowRef(list.matches)
  const update = () => (matches.value = list.matches)
  list.addEventListener('change', update)
  onScopeDispose(() => list.removeEventListener('change', update))
  return matches
}
