import type { PlaceNoun } from '../../directory/drift/classify.ts'
import type { PersonThere } from '../../directory/drift/ports.ts'
import { CsvError } from '../csv/csvError.ts'
import { isTemplateExample } from '../csv/duplicates.ts'
import type { CsvSource } from '../csv/lines.ts'
import { readTable } from '../csv/read.ts'
import { jsonItems } from './jsonItems.ts'
import { matchOktaHeadings, personOfRow } from './oktaColumns.ts'
import { personOfScim, readListResponse } from './scimPerson.ts'

/** The other side's file, while it is read. */
export interface ThereFile {
  readonly placeNoun: PlaceNoun
  readonly batches: AsyncGenerator<readonly PersonThere[]>
  /** Sentences about the file as a whole; complete when all batches were read. */
  readonly warnings: readonly string[]
}

/**
 * Opens the other side's people: CSV as Okta exports or imports it, or one or more SCIM ListResponses, told apart by the first character.
 * Reading throws CsvError, naming file and line, for what is neither.
 */
export async function openThereFile(
  source: CsvSource,
  anchorColumn: string | undefined,
): Promise<ThereFile> {
  const { first, whole } = await peeked(source)
  return first === '{'
    ? scimFile(whole, anchorColumn)
    : { placeNoun: 'line', batches: csvPeople(whole, anchorColumn), warnings: [] }
}

/** The first character that is no white space, and the source from its start, which is opened only once: it may be a pipe. */
async function peeked(source: CsvSource): Promise<{ first: string; whole: CsvSource }> {
  const pieces = source.open()[Symbol.asyncIterator]()
  const piece = await pieces.next()
  const start = piece.done ? '' : piece.value.subarray(0, 1024).toString('latin1')
  const open = async function* () {
    try {
      for (let each = piece; !each.done; each = await pieces.next()) yield each.value
    } finally {
      await pieces.return?.()
    }
  }
  return { first: /^(?:ï»¿)?\s*(\S)/.exec(start)?.[1] ?? '', whole: { name: source.name, open } }
}

async function* csvPeople(
  source: CsvSource,
  anchorColumn: string | undefined,
): AsyncGenerator<readonly PersonThere[]> {
  const { headings, headingsLine, isEntraTemplate, batches, close } = await readTable(source)
  try {
    const columns = matchOktaHeadings(source.name, headingsLine, headings, anchorColumn)
    for await (const rows of batches) {
      const people = isEntraTemplate
        ? rows.filter((row) => !isTemplateExample(row, columns.login))
        : rows
      yield people.map((row) => personOfRow(row, columns))
    }
  } finally {
    await close()
  }
}

function scimFile(source: CsvSource, anchorName: string | undefined): ThereFile {
  const warnings: string[] = []
  async function* batches(): AsyncGenerator<readonly PersonThere[]> {
    let place = 0
    let isAnchorSeen = false
    const totals = new Set<number>()
    for await (const pieces of jsonItems(source, 'Resources')) {
      const people: PersonThere[] = []
      for (const { kind, value } of pieces) {
        if (kind === 'item') people.push(personOfScim(value, ++place, anchorName))
        else {
          const answer = readListResponse(value)
          if (answer === null) {
            const message = 'it is JSON, but no SCIM ListResponse (RFC 7644 section 3.4.2)'
            throw new CsvError(source.name, null, message)
          }
          totals.add(answer.totalResults)
        }
      }
      isAnchorSeen ||= people.some(({ anchor }) => anchor !== null)
      if (people.length > 0) yield people
    }
    if (place > 0 && !isAnchorSeen) {
      const where = anchorName ?? 'onPremisesImmutableId or immutableId'
      const message = `no resource has an attribute ${where}; say which one holds the ImmutableId with --anchor-column NAME (externalId, perhaps)`
      throw new CsvError(source.name, null, message)
    }
    const total = Math.max(0, ...totals)
    if (total > place) {
      warnings.push(
        `The file has ${place} of ${total} people (totalResults): it is one page of several, and whoever is on the others counts as only here. Append the other pages to it.`,
      )
    }
  }
  return { placeNoun: 'resource', batches: batches(), warnings }
}
