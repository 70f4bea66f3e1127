import type { Instant } from '../lib/clock.ts'

/** The form up to the seconds: a digit at each `0`, the other characters as they stand. */
const form = '0000-00-00T00:00:00'
const maxFractionDigits = 12

/**
 * The instant of an xs:dateTime in UTC, or null for any other text. SAML core section 1.3.3 wants UTC without other zones; here the
 * `Z` must be written, the year has four digits, the day must exist, and neither 24:00 nor leap seconds are taken. What is finer than
 * a millisecond is cut off.
 */
export function parseDateTime(text: string): Instant | null {
  const last = text.length - 1
  if (last > form.length + 1 + maxFractionDigits) return null
  for (let i = 0; i < form.length; i++)
    if (form[i] === '0' ? !isDigit(text, i) : text[i] !== form[i]) return null
  if (text[last] !== 'Z') return null
  const milliseconds = last === form.length ? 0 : fraction(text, last)
  if (milliseconds === null) return null

  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)]
  if (hour > 23 || minute > 59 || second > 59) return null
  const date = new Date(0)
  // unlike Date.UTC, takes the years 0 to 99 as they are
  date.setUTCFullYear(twoDigits(text, 0) * 100 + twoDigits(text, 2), month - 1, day)
  if (date.getUTCMonth() !== month - 1) return null // a day or month that does not exist has moved it on
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds
}

/** The fraction of a second between the seconds and `end`, in milliseconds; null when it is none. */
function fraction(text: string, end: number): number | null {
  const start = form.length + 1
  if (text[form.length] !== '.' || end === start) return null
  let milliseconds = 0
  for (let i = start, unit = 100; i < end; i++, unit /= 10) {
    if (!isDigit(text, i)) return null
    if (unit >= 1) milliseconds += unit * (text.charCodeAt(i) - 0x30)
  }
  return milliseconds
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 0x30) * 10 + text.charCodeAt(at + 1) - 0x30
}
