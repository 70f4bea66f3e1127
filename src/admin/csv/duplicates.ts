import type { RepeatedValue } from '../../directory/imports.ts'
import type { CsvRow } from './read.ts'

/** The other rows with a value, in words: `line 12` or `lines 12, 13 and 2 more`. */
export function othersInWords({ line, firstLines, count }: RepeatedValue): string {
  const others = firstLines.filter((other) => other !== line).slice(0, 5)
  const more = count - 1 - others.length
  const rest = more > 0 ? ` and ${more} more` : ''
  return `line${count > 2 ? 's' : ''} ${others.join(', ')}${rest}`
}

/** The example row that the Entra portal's bulk template brings along: `Example: chris@contoso.com`. */
export function isTemplateExample(row: CsvRow, principalNameIndex: number): boolean {
  return /^\s*example:/i.test(row.cells[principalNameIndex] ?? '')
}
