import { ArrowRightLeft, Bot, CircleCheck, Clock, Info, RotateCcw, Star, Undo2, UserCheck } from '@lucide/vue'
import type { Component } from 'vue'
import type { EventLine } from '@/lib/types'

const icons: Record<string, Component> = {
  claimed: UserCheck, assigned: UserCheck, transferred: ArrowRightLeft, returned: Undo2, closed: CircleCheck,
  reopened: RotateCcw, handover: ArrowRightLeft, snoozed: Clock, rated: Star,
}

export const eventIcon = (event: string): Component => icons[event] ?? (event.startsWith('flow') ? Bot : Info)

interface Words {
  t: (key: string, values?: Record<string, string>) => string
  te: (key: string) => boolean
  who: (author: string) => string
  area: (id: string) => string
}

const text = (v: unknown): string => (typeof v === 'string' ? v : typeof v === 'number' ? String(v) : v && typeof v === 'object' ? String((v as { name?: string }).name ?? '') : '')
const key = (v: unknown): string => (v && typeof v === 'object' ? String((v as { id?: string }).id ?? '') : text(v))

/** One sentence for something that happened: who, to whom or where, and why. */
export function sentence(event: EventLine, words: Words): string {
  const { t, te, who, area } = words
  const data = event.data
  const person = key(data.user ?? data.assignee ?? data.to)
  const values = {
    who: event.authorName || who(event.author), user: text(data.userName) || (person ? who(person) : ''),
    area: text(data.areaName) || area(key(data.area)), note: text(data.note ?? data.comment), flow: text(data.name ?? data.flow), step: text(data.label ?? data.node), score: text(data.score), of: text(data.of),
  }
  const code = text(data.reason)
  const reason = code && te(`why.${code}`) ? t(`why.${code}`) : event.event === 'closed' ? code : ''
  const auto = event.author === '' || event.author === 'system' || event.author === 'flow'
  const self = event.event === 'assigned' && person === event.author
  const detail = self ? 'self' : values.user ? 'user' : values.area ? 'area' : data.score ? 'score' : 'plain'
  const form = [...(auto ? [`auto_${detail}`, 'auto'] : []), detail, 'plain'].map((f) => `event.${event.event}.${f}`).find(te)
  const base = form ? t(form, values) : t('event.other', { what: event.event })
  return [base, reason && `(${reason})`, values.note && `«${values.note}»`].filter(Boolean).join(' ')
}
