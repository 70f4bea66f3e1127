import type { Transform } from './anchorTransforms.ts'

/** A number as spreadsheets show it when it is long: `1.23457E+11`, in some languages with a comma. */
export const scientificNotation = /^\d(?:[.,]\d+)?E[+-]?\d+$/i
/** What spreadsheets put in place of a text that they took for a formula and could not work out. */
export const spreadsheetError = /^#(?:NAME\?|VALUE!|REF!|DIV\/0!|N\/A|NUM!|NULL!|ERROR!)$/i

/** What a spreadsheet reads as a number: digits alone, or with an exponent (`12E5`). */
const number = /^\d+(?:E\d+)?$/i
/** IEEE 754 numbers, which spreadsheets count with, keep fifteen decimal digits. */
const digitsKept = 15

/**
 * The damage by which a spreadsheet makes `damaged` out of `sound`, where characters are lost for good, or null. What it does to
 * zeros, quotation marks, + and = can be undone, and is among the transforms.
 */
export function spreadsheetDamage(sound: string, damaged: string): Transform | null {
  if (spreadsheetError.test(damaged)) return /^[=+@-]/.test(sound) ? 'spreadsheetError' : null
  if (!number.test(sound)) return null
  if (scientificNotation.test(damaged)) {
    return isSameNumber(sound, damaged) ? 'scientificNotation' : null
  }
  const isCut =
    sound.length > digitsKept &&
    sound.length === damaged.length &&
    /^\d+$/.test(sound + damaged) &&
    /^0+$/.test(damaged.slice(digitsKept)) &&
    sound.slice(0, digitsKept) === damaged.slice(0, digitsKept)
  return isCut ? 'digitsLost' : null
}

/** Equal to as many digits as the notation has. */
function isSameNumber(sound: string, notation: string): boolean {
  const shown = notation.replace(',', '.')
  const decimals = /\.(\d+)/.exec(shown)?.[1]?.length ?? 0
  const value = Number(sound)
  if (decimals > digitsKept || !Number.isFinite(value)) return false
  return value !== 0 && Number(value.toExponential(decimals)) === Number(shown)
}
