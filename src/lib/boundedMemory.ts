import type { Instant } from './clock.ts'

/**
 * Remembers values for a while and never more than so many: when it is full, the oldest goes. That is enough for a demo, whose
 * state may be lost at a restart.
 */
export class BoundedMemory<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly until: Instant }>()
  readonly #capacity: number
  readonly #lifetime: number

  /** @param options.lifetime in milliseconds */
  constructor(options: { readonly capacity: number; readonly lifetime: number }) {
    this.#capacity = options.capacity
    this.#lifetime = options.lifetime
  }

  put(key: string, value: T, now: Instant): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, until: now + this.#lifetime })
    // A Map keeps the order of insertion, and all lifetimes are equal: the first entry is the oldest.
    for (const [oldest, { until }] of this.#entries) {
      if (until > now && this.#entries.size <= this.#capacity) break
      this.#entries.delete(oldest)
    }
  }

  get(key: string, now: Instant): T | null {
    const entry = this.#entries.get(key)
    return entry && entry.until > now ? entry.value : null
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** Forgets every value that is so. */
  deleteWhere(isSo: (value: T) => boolean): void {
    for (const [key, { value }] of this.#entries) if (isSo(value)) this.#entries.delete(key)
  }
}
