import { createI18n } from 'vue-i18n'

export const LOCALES = ['es', 'pt-BR', 'en'] as const
export type Locale = (typeof LOCALES)[number]
export const LOCALE_NAMES: Record<Locale, string> = { es: 'Español', 'pt-BR': 'Português', en: 'English' }

type Load = Record<Locale, () => Promise<{ default: unknown }>>

let load: Load = {
  es: () => import('./locales/es.json'),
  'pt-BR': () => import('./locales/pt-BR.json'),
  en: () => import('./locales/en.json'),
}

export const i18n = createI18n({ legacy: false, locale: 'es', fallbackLocale: 'es', messages: {}, missingWarn: false, fallbackWarn: false })

/** A page of its own speaks its own sentences: call it before startLocale. */
export const speak = (sentences: Load) => {
  load = sentences
}

const KEY = 'mostrador.lang'

/** The language somebody chose here before, else the one of the browser, else Spanish. */
export function preferred(stored: string | null, browser: readonly string[]): Locale {
  for (const wish of [stored ?? '', ...browser]) {
    const match = LOCALES.find((locale) => locale.toLowerCase() === wish.toLowerCase() || locale.slice(0, 2) === wish.slice(0, 2).toLowerCase())
    if (match) return match
  }
  return 'es'
}

export const locale = (): Locale => i18n.global.locale.value as Locale

export async function setLocale(next: Locale, remember = true) {
  if (!i18n.global.availableLocales.includes(next as never)) {
    i18n.global.setLocaleMessage(next, (await load[next]()).default as never)
  }
  ;(i18n.global.locale as { value: string }).value = next
  document.documentElement.lang = next
  if (remember) localStorage.setItem(KEY, next)
}

export const startLocale = () => setLocale(preferred(localStorage.getItem(KEY), navigator.languages), false)
