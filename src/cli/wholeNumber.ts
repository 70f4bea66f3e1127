import { UsageError } from './usageError.ts'

/** The number that an option gives: whole, from 1 on. Throws UsageError that names the option. */
export function wholeNumber(text: string, option: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UsageError(
    `${option} is a whole number from 1 on, and ${JSON.stringify(text)} is none.`,
  )
}
