import { createRouter, createWebHistory } from 'vue-router'
import { me, restore } from '@/lib/session'

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    { path: '/login', name: 'login', component: () => import('@/features/login/LoginView.vue'), meta: { open: true } },
    { path: '/setup', name: 'setup', component: () => import('@/features/setup/SetupView.vue'), meta: { open: true } },
    {
      path: '/',
      component: () => import('./Shell.vue'),
      children: [
        { path: '', name: 'dashboard', component: () => import('@/features/dashboard/DashboardView.vue') },
        // What lies over the conversation has an address too: lib/layers.ts.
        { path: 'chat/:id?/:layer(contact|transfer|bot|media)?/:message?', name: 'chat', component: () => import('@/features/chat/ChatView.vue'), props: true },
      ],
    },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})

let asked = false

/** Every page but the login wants somebody logged in; the cookie is asked once, when the page starts. */
router.beforeEach(async (to) => {
  if (!asked) {
    asked = true
    await restore().catch(() => (asked = false))
  }
  if (to.name === 'setup') return true // a new link counts, whoever is logged in here
  if (to.meta.open) return me.value ? { path: '/' } : true
  return me.value ? true : { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
})
