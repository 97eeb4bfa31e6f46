import { defineAsyncComponent } from 'vue'

/** Has the bubbles of kinds.ts at hand: a row that is drawn before grows when they come. */
export const kinds = () => import('./kinds')

const one = <K extends keyof Awaited<ReturnType<typeof kinds>>>(name: K) => defineAsyncComponent(() => kinds().then((all) => all[name]))

// Here and not in the bubble: each is resolved once, and from then on drawn at once.
export const ContactCards = one('ContactCards')
export const FileCard = one('FileCard')
export const FileWait = one('FileWait')
export const PlaceCard = one('PlaceCard')
export const PollCard = one('PollCard')
export const VoicePlayer = one('VoicePlayer')
