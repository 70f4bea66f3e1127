/**
 * The candidate that a mistyped word most probably means, or null when none is near: at most one edit in three characters
 * (Levenshtein distance; both are compared in lower case).
 */
export function closestWord(word: string, candidates: Iterable<string>): string | null {
  if (word.length > 64) return null
  const wanted = word.toLowerCase()
  let best: string | null = null
  let bestDistance = Math.floor(wanted.length / 3) + 1
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [index, character] of [...a].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= b.length; column++) {
      const substituted = (row[column - 1] ?? 0) + (character === b[column - 1] ? 0 : 1)
      const edited = 1 + Math.min(row[column] ?? 0, next[column - 1] ?? 0)
      next.push(Math.min(substituted, edited))
    }
    row = next
  }
  return row[b.length] ?? 0
}
