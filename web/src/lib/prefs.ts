import { shallowRef, watch } from 'vue'

/** What one person likes on this browser; nothing here concerns the desk. */
function stored<T extends string>(key: string, fallback: T) {
  const value = shallowRef<T>((localStorage.getItem(key) as T | null) ?? fallback)
  watch(value, (next) => localStorage.setItem(key, next))
  return value
}

export type Theme = 'system' | 'light' | 'dark'
export const theme = stored<Theme>('mostrador.theme', 'system')
export const sound = stored<'on' | 'off'>('mostrador.sound', 'off')
export const notices = stored<'on' | 'off'>('mostrador.notices', 'off')
export const panel = stored<'open' | 'shut'>('mostrador.panel', 'open')

watch(theme, (next) => {
  if (next === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = next
})
