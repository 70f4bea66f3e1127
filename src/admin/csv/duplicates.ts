import type { CsvRow } from './read.ts'

/** Texts that stand in more than one row, with the lines of all of them. Memory: one entry for each text. */
export class Duplicates {
  readonly #firstLines = new Map<string, number>()
  readonly #lines = new Map<string, number[]>()

  add(key: string, line: number): void {
    const first = this.#firstLines.get(key)
    if (first === undefined) {
      this.#firstLines.set(key, line)
      return
    }
    const lines = this.#lines.get(key)
    if (lines) lines.push(line)
    else this.#lines.set(key, [first, line])
  }

  /** The other rows with this text, in words: `line 12` or `lines 12, 13 and 2 more`; null when there are none. */
  othersInWords(key: string, line: number): string | null {
    const others = this.#lines.get(key)?.filter((other) => other !== line) ?? []
    if (others.length === 0) return null
    const named = others.slice(0, 5).join(', ')
    const more = others.length > 5 ? ` and ${others.length - 5} more` : ''
    return `line${others.length > 1 ? 's' : ''} ${named}${more}`
  }
}

/** The example row that the Entra portal's bulk template brings along: `Example: chris@contoso.com`. */
export function isTemplateExample(row: CsvRow, principalNameIndex: number): boolean {
  return /^\s*example:/i.test(row.cells[principalNameIndex] ?? '')
}
