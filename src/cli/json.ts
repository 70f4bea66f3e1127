import { isoMillis } from '../lib/clock.ts'

/** The properties that hold a point in time, which the directory keeps as a number of milliseconds. */
const times: ReadonlySet<string> = new Set([
  'at',
  'createdAt',
  'createdDateTime',
  'expiresAt',
  'lastModifiedDateTime',
  'undoneAt',
  'verifiedAt',
])

/** JSON on one line, for people and their scripts: times are ISO 8601 in UTC, as Graph writes those of the same name. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, withTimes)
}

/** The same over several lines. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, withTimes, 2)
}

/** Whether a property of this name holds a point in time. */
export function isTimeNamed(name: string): boolean {
  return times.has(name)
}

function withTimes(name: string, value: unknown): unknown {
  return isTimeNamed(name) && typeof value === 'number' ? isoMillis(value) : value
}
