import { Bell, LogOut, Monitor, Moon, Sun, Volume2 } from '@lucide/vue'
import type { ComposerTranslation } from 'vue-i18n'
import { LOCALES, LOCALE_NAMES, locale, setLocale, type Locale } from '@/i18n'
import { notices, sound, theme, type Theme } from '@/lib/prefs'
import { logout } from '@/lib/session'
import type { MenuItem } from '@/ui/Menu.vue'
import { askForNotices } from './attention'
import { router } from './router'

/** What the personal menu has below the switch: loaded when the page stands, nobody needs it before. */
export const moreItems = (t: ComposerTranslation): MenuItem[] => [
  { key: 'sound', label: t('me.sound'), icon: Volume2, checked: sound.value === 'on' },
  { key: 'notices', label: t('me.notices'), icon: Bell, checked: notices.value === 'on' },
  { key: 'theme', label: t('me.theme'), head: true },
  { key: 'theme:system', label: t('me.system'), icon: Monitor, checked: theme.value === 'system' },
  { key: 'theme:light', label: t('me.light'), icon: Sun, checked: theme.value === 'light' },
  { key: 'theme:dark', label: t('me.dark'), icon: Moon, checked: theme.value === 'dark' },
  { key: 'language', label: t('app.language'), head: true },
  ...LOCALES.map((one) => ({ key: `lang:${one}`, label: LOCALE_NAMES[one], checked: locale() === one })),
  { key: 'logout', label: t('me.logout'), icon: LogOut },
]

export async function pickMore(what: string, value: string) {
  if (what === 'theme') theme.value = value as Theme
  else if (what === 'lang') await setLocale(value as Locale)
  else if (what === 'sound') sound.value = sound.value === 'on' ? 'off' : 'on'
  else if (what === 'notices') await askForNotices()
  else if (what === 'logout') {
    await logout()
    await router.replace('/login')
  }
}
