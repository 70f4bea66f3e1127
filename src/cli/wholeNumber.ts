import { UsageError } from './usageError.ts'

/** The number of an option, from `least` to `most`. Throws UsageError. */
export function wholeNumber(text: string, option: string, least: number, most: number): number {
  const number = Number(text)
  if (/^\d{1,4}$/.test(text) && number >= least && number <= most) return number
  throw new UsageError(
    `${option} is a whole number from ${least} to ${most}, and ${JSON.stringify(text)} is none.`,
  )
}
