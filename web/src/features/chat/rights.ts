import type { Conversation, Me } from '@/lib/types'

/** What the buttons above a conversation do. */
export type Act = 'claim' | 'close' | 'transfer' | 'return' | 'bot' | 'reopen' | 'panel'

export interface Rights {
  claim: boolean
  return: boolean
  transfer: boolean
  close: boolean
  reopen: boolean
  write: boolean
  bot: boolean
}

/** What this person may do with a conversation: it only hides buttons, the server decides again. */
export function may(c: Conversation, user: Me | null): Rights {
  const mine = !!user && c.assignee?.id === user.id
  const leads = user?.role === 'ADMIN' || (user?.role === 'SUPERVISOR' && user.areas.some((area) => area.id === c.area))
  const live = c.status !== 'closed'
  return {
    claim: live && !c.assignee,
    return: c.status === 'open' && (mine || leads),
    transfer: live && (mine || leads),
    close: live && (mine || leads),
    reopen: !live && (mine || leads),
    write: live && (mine || leads),
    bot: live && (mine || leads),
  }
}
