/** Reactions as they are shown: each emoji once, with how many, in the order of the first one. */
export function reactionCounts(reactions: readonly { emoji: string }[]): { emoji: string; n: number }[] {
  const counts = new Map<string, number>()
  for (const { emoji } of reactions) if (emoji) counts.set(emoji, (counts.get(emoji) ?? 0) + 1)
  return [...counts].map(([emoji, n]) => ({ emoji, n }))
}
