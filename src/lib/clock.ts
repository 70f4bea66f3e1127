/**
 * lib/: leaf helpers (clock, ids, constant-time compare, ports for expiring records). It imports nothing of ours, and must
 * not know SAML, users, HTTP or SQL.
 */

/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

/** Where the time comes from. Only composition roots read the machine's clock; everything else is handed one. */
export type Clock = () => Instant

/** The machine's clock. */
export const systemClock: Clock = () => Date.now()

export const seconds = (n: number): number => n * 1000
export const minutes = (n: number): number => n * 60_000
export const hours = (n: number): number => n * 3_600_000

/** ISO 8601 in UTC without milliseconds, as Entra's error page shows it: `2026-01-15T09:30:00Z`. */
export function isoSeconds(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

/** ISO 8601 in UTC with milliseconds, as SAML messages of Entra and Okta carry it. */
export function isoMillis(at: Instant): string {
  return new Date(at).toISOString()
}

/** A span as a person says it: `90` becomes `1 min 30 s`. Takes milliseconds, rounds to seconds, ignores the sign. */
export function spanInWords(milliseconds: number): string {
  const total = Math.round(Math.abs(milliseconds) / 1000)
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ]
  const words: string[] = []
  let rest = total
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 && words.length < 2) words.push(`${count} ${unit}`)
  }
  return words.length > 0 ? words.join(' ') : '0 s'
}
