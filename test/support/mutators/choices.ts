/** Choices per mutation; no mutator makes more. What is asked for beyond is the first of its kind. */
export const choicesEach = 8

/** The choices of one mutation, given as shares from 0 to 1 (exclusive), so that fast-check can shrink and a file can keep them. */
export class Choices {
  readonly #shares: readonly number[]
  #next = 0

  constructor(shares: readonly number[]) {
    this.#shares = shares
  }

  /** A whole number from 0 to `count` - 1; 0 when there is nothing to choose from. */
  below(count: number): number {
    const share = this.#shares[this.#next++] ?? 0
    return Math.max(0, Math.min(count - 1, Math.floor(share * count)))
  }

  /** One of a list, which must not be empty. */
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** One of a list; undefined when it is empty. */
  ofAny<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)]
  }

  isHeads(): boolean {
    return this.below(2) === 1
  }
}

/** Numbers from 0 to 1 that a seed decides: splitmix32, good enough to choose by and never for a secret. */
export function seededShares(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 2 ** 32
  }
}
