/** One sound at a time: starting one stops the one before. */
let current: HTMLMediaElement | null = null

export function alone(player: HTMLMediaElement) {
  if (current && current !== player) current.pause()
  current = player
}
