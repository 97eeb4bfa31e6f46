import { createApp } from 'vue'
import { i18n, speak, startLocale } from '@/i18n'
import '@/styles/app.css'
import DemoApp from './DemoApp.vue'
import './demo.css'

speak({
  es: () => import('./locales/demo-es.json'),
  'pt-BR': () => import('./locales/demo-pt-BR.json'),
  en: () => import('./locales/demo-en.json'),
})

void startLocale().then(() => createApp(DemoApp).use(i18n).mount('#app'))
