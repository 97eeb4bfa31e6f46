import { createApp } from 'vue'
import App from './app/App.vue'
import { router } from './app/router'
import { i18n, startLocale } from './i18n'
import './styles/app.css'

async function start() {
  await startLocale()
  createApp(App).use(i18n).use(router).mount('#app')
}

void start()
