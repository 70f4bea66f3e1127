import type { Instant } from '../lib/clock.ts'

const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?Z$/

/**
 * The instant of an xs:dateTime in UTC, or null for any other text. SAML core section 1.3.3 wants UTC without other zones; here the
 * `Z` must be written, the year has four digits, the day must exist, and neither 24:00 nor leap seconds are taken. What is finer than
 * a millisecond is cut off.
 */
export function parseDateTime(text: string): Instant | null {
  const match = form.exec(text)
  if (match === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(Number)
  if (hour > 23 || minute > 59 || second > 59) return null
  const midnight = new Date(0)
  midnight.setUTCFullYear(year, month - 1, day) // unlike Date.UTC, takes the years 0 to 99 as they are
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds
}
