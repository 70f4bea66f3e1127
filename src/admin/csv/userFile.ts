import { setImmediate } from 'node:timers/promises'
import { principalNameKey } from '../../directory/upn.ts'
import { Duplicates, isTemplateExample } from './duplicates.ts'
import { type Columns, matchHeadings } from './headings.ts'
import type { CsvSource } from './lines.ts'
import { type CsvRow, readTable } from './read.ts'

/** What one look through the whole file tells before any row is judged. */
export interface FileSurvey {
  readonly columns: Columns
  readonly headings: readonly string[]
  readonly rowCount: number
  /** By folded UPN. */
  readonly principalNames: Duplicates
  /** Byte for byte. */
  readonly immutableIds: Duplicates
}

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

/**
 * Reads the file once for what only the whole can tell: whether it can be read to its end, how many rows it has, and which UPNs
 * and ImmutableIds stand in it more than once. Throws CsvError.
 */
export async function surveyFile(
  source: CsvSource,
  signal: AbortSignal | undefined,
  onRows: (rowCount: number) => void,
): Promise<FileSurvey> {
  const principalNames = new Duplicates()
  const immutableIds = new Duplicates()
  let survey: { columns: Columns; headings: readonly string[] } | null = null
  let rowCount = 0
  for await (const { columns, headings, rows } of userRows(source, signal)) {
    survey ??= { columns, headings }
    const upnIndex = indexOf(columns, 'userPrincipalName')
    const anchorIndex = indexOf(columns, 'onPremisesImmutableId')
    for (const { line, cells } of rows) {
      const upn = cells[upnIndex]?.trim()
      if (upn) principalNames.add(principalNameKey(upn), line)
      const anchor = cells[anchorIndex]
      if (anchor) immutableIds.add(anchor, line)
    }
    rowCount += rows.length
    onRows(rowCount)
  }
  if (survey === null) throw new Error('a readable table yields at least one batch')
  return { ...survey, rowCount, principalNames, immutableIds }
}

function indexOf({ columns }: Columns, property: string): number {
  return columns.find((column) => column.property === property)?.index ?? -1
}
