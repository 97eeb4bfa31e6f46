import { shallowRef } from 'vue'

export interface Toast {
  id: number
  text: string
  tone: 'plain' | 'undo' | 'error'
  action?: { label: string; run: () => void }
}

/** What is shown at the top right; at most three, the oldest goes first. */
export const toasts = shallowRef<Toast[]>([])
export const TOAST_MS = 5000

let last = 0

export function toast(text: string, more: Partial<Omit<Toast, 'id' | 'text'>> = {}): number {
  const one: Toast = { id: ++last, text, tone: 'plain', ...more }
  toasts.value = [...toasts.value, one].slice(-3)
  return one.id
}

export const dismiss = (id: number) => {
  toasts.value = toasts.value.filter((one) => one.id !== id)
}
