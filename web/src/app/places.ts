import { LayoutDashboard, MessagesSquare } from '@lucide/vue'
import type { Component } from 'vue'

/** Where one can go from anywhere: the rail on a desk, the bar at the foot on a phone. */
export const places: { to: string; name: string; label: string; icon: Component }[] = [
  { to: '/chat', name: 'chat', label: 'nav.chats', icon: MessagesSquare },
  { to: '/', name: 'dashboard', label: 'nav.dashboard', icon: LayoutDashboard },
]
