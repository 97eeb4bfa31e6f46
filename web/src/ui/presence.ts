import { h } from 'vue'
import type { Availability } from '@/lib/types'

/** The dot that says whether a colleague takes conversations: full, a ring, a thin ring. A word always stands beside it. */
export const Presence = ({ state }: { state: Availability }) => h('i', { class: `presence presence-${state}` })
Presence.props = ['state']
