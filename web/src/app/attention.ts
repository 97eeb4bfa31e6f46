import { onBeforeUnmount, onMounted, watch } from 'vue'
import { i18n } from '@/i18n'
import { hear } from '@/lib/desk'
import { conversations, waitingCount } from '@/lib/desk/conversations'
import { notices, sound } from '@/lib/prefs'
import { me } from '@/lib/session'
import { toConversation, toMessage } from '@/lib/desk/wire'
import type { Conversation, Message } from '@/lib/types'
import { router } from './router'

/** Whether a message deserves a sound or a notice: a customer's, for me or for nobody yet, and not before my eyes. */
export function deserves(message: Message, conversation: Conversation | undefined, user: string, watching: boolean): boolean {
  if (message.direction !== 'in' || watching || !conversation || conversation.status === 'bot') return false
  return !conversation.assignee || conversation.assignee.id === user
}

/** A short soft double tone, made here so that no file has to be loaded. */
function chime() {
  const context = new AudioContext()
  for (const [at, pitch] of [[0, 660], [0.12, 880]] as const) {
    const tone = context.createOscillator()
    const level = context.createGain()
    tone.frequency.value = pitch
    level.gain.setValueAtTime(0.08, context.currentTime + at)
    level.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + at + 0.25)
    tone.connect(level).connect(context.destination)
    tone.start(context.currentTime + at)
    tone.stop(context.currentTime + at + 0.3)
  }
  setTimeout(() => void context.close(), 800)
}

/** The notice never shows what the customer wrote: a screen is seen by others too. */
function notify(conversation: Conversation) {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return
  const t = i18n.global.t as (key: string, values?: Record<string, string>) => string
  const notice = new Notification(conversation.contact.name || t('contact.unnamed'), {
    body: t('attention.wrote'), tag: conversation.id, icon: '/icon.svg',
  })
  notice.onclick = () => {
    window.focus()
    void router.push(`/chat/${conversation.id}`)
    notice.close()
  }
}

/** Turns notices on or off; the browser is asked the first time. */
export async function askForNotices() {
  if (notices.value === 'on' || typeof Notification === 'undefined') notices.value = 'off'
  else notices.value = (await Notification.requestPermission()) === 'granted' ? 'on' : 'off'
}

/** Title with the number of waiting customers, sound and notice: as far as the person switched them on. */
export function useAttention() {
  const stops: (() => void)[] = []
  onMounted(() => {
    stops.push(
      hear('message:new', (data) => {
        const message = toMessage(data)
        const watching = document.visibilityState === 'visible' && router.currentRoute.value.params.id === message.conversation
        const conversation = conversations.get(message.conversation)
        if (!deserves(message, conversation, me.value?.id ?? '', watching)) return
        if (sound.value === 'on') chime()
        if (notices.value === 'on' && document.visibilityState !== 'visible') notify(conversation!)
      }),
      hear('conversation:pending_assignment', (data) => {
        if (sound.value === 'on') chime()
        if (notices.value === 'on' && document.visibilityState !== 'visible') notify(toConversation(data))
      }),
    )
  })
  watch(waitingCount, ({ n, more }) => (document.title = n ? `(${n}${more ? '+' : ''}) Mostrador` : 'Mostrador'), { immediate: true })
  onBeforeUnmount(() => stops.forEach((stop) => stop()))
}
