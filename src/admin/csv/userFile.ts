import { setImmediate } from 'node:timers/promises'
import { isTemplateExample } from './duplicates.ts'
import { type Columns, matchHeadings } from './headings.ts'
import type { CsvSource } from './lines.ts'
import { type CsvRow, readTable } from './read.ts'

/** Rows of users in batches. Between batches other work gets its turn, and `signal` can end it. */
export async function* userRows(
  source: CsvSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<{
  readonly columns: Columns
  readonly headings: readonly string[]
  readonly rows: readonly CsvRow[]
}> {
  signal?.throwIfAborted()
  const { headings, headingsLine, isEntraTemplate, batches, close } = await readTable(source)
  try {
    const columns = matchHeadings(source.name, headingsLine, headings)
    const principalName = indexOf(columns, 'userPrincipalName')
    for await (const batch of batches) {
      const rows = isEntraTemplate
        ? batch.filter((row) => !isTemplateExample(row, principalName))
        : batch
      yield { columns, headings, rows }
      await setImmediate()
      signal?.throwIfAborted()
    }
  } finally {
    await close()
  }
}

function indexOf({ columns }: Columns, property: string): number {
  return columns.find((column) => column.property === property)?.index ?? -1
}
