import { UsageError } from './usageError.ts'

/** The number of an option, from `least` to `most` (with no end unless given). Throws UsageError. */
export function wholeNumber(text: string, option: string, least = 1, most?: number): number {
  const number = Number(text)
  const isWithin = number >= least && number <= (most ?? number)
  if (/^(0|[1-9]\d{0,14})$/.test(text) && isWithin) return number
  const span = most === undefined ? `from ${least} on` : `from ${least} to ${most}`
  throw new UsageError(`${option} is a whole number ${span}, and ${JSON.stringify(text)} is none.`)
}
