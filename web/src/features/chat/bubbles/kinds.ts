/** Bubbles of what is sent less often than words and pictures: one file, read while the messages are fetched. */
import './kinds.css'

export { default as ContactCards } from './ContactCards.vue'
export { default as FileCard } from './FileCard.vue'
export { default as FileWait } from './FileWait.vue'
export { default as PlaceCard } from './PlaceCard.vue'
export { default as PollCard } from './PollCard.vue'
export { default as VoicePlayer } from './VoicePlayer.vue'
