import Papa from 'papaparse'
import { CsvError } from './csvError.ts'
import { type CsvSource, readLines } from './lines.ts'

/** A row as it stands in the file. */
export interface CsvRow {
  /** The physical line at which it begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** An opened file: its headings, and its rows, which can be read once. */
export interface CsvTable {
  readonly headings: readonly string[]
  readonly headingsLine: number
  /** The file begins with `version:v1.0`, as the bulk templates of the Entra portal do. */
  readonly isEntraTemplate: boolean
  /** Rows in batches; rows without any value are left out. Their number of cells is not checked. */
  readonly batches: AsyncGenerator<readonly CsvRow[]>
  /** Closes the file; for a reader that does not read to the end. */
  close(): Promise<void>
}

/** One or more physical lines whose quotation marks pair up. */
interface CsvRecord {
  readonly line: number
  readonly text: string
}

const maxRecordLength = 64 * 1024
const delimiters = [',', ';', '\t'] as const

/**
 * Opens CSV (RFC 4180, with comma, semicolon or tab): strict UTF-8 with or without byte order mark, any line ends, an optional
 * `sep=` line of spreadsheets, an optional version line of Entra's templates, then the headings. Throws CsvError, naming the
 * line, for what cannot be read; rows throw it as they are reached.
 */
export async function readTable(source: CsvSource): Promise<CsvTable> {
  const records = readRecords(source)
  let waiting: CsvRecord[] = []
  const nextRecord = async (): Promise<CsvRecord> => {
    for (;;) {
      const record = waiting.shift()
      if (record !== undefined) return record
      const { value, done } = await records.next()
      if (done)
        throw new CsvError(source.name, null, 'it has no line with the names of the columns')
      waiting = [...value]
    }
  }
  const close = async () => {
    await records.return(undefined)
  }
  try {
    let first = await nextRecord()
    const separator = /^sep=([,;\t])$/i.exec(first.text)?.[1]
    if (separator !== undefined) first = await nextRecord()
    const isEntraTemplate = /^"?version:v\d[\d.]*"?[,;\t]*$/i.test(first.text.trim())
    if (isEntraTemplate) first = await nextRecord()

    const delimiter = separator ?? likelyDelimiter(first.text)
    const [heading] = parseRecords(source.name, [first], delimiter)
    return {
      headings: (heading?.cells ?? []).map((text) => text.trim()),
      headingsLine: first.line,
      isEntraTemplate,
      batches: readRows(source.name, waiting, records, delimiter),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function* readRows(
  file: string,
  waiting: readonly CsvRecord[],
  records: AsyncGenerator<readonly CsvRecord[]>,
  delimiter: string,
): AsyncGenerator<readonly CsvRow[]> {
  const rowsOf = (batch: readonly CsvRecord[]) =>
    parseRecords(file, batch, delimiter).filter(({ cells }) => cells.some((c) => c.trim() !== ''))
  yield rowsOf(waiting)
  for await (const batch of records) yield rowsOf(batch)
}

/** Groups physical lines into records: a line break between quotation marks belongs to the cell. */
async function* readRecords(source: CsvSource): AsyncGenerator<readonly CsvRecord[]> {
  let open: CsvRecord | null = null
  let line = 0
  for await (const lines of readLines(source)) {
    const batch: CsvRecord[] = []
    for (const text of lines) {
      line++
      const record: CsvRecord = open
        ? { line: open.line, text: `${open.text}\n${text}` }
        : { line, text }
      // Only a line that has quotation marks itself can open or close a record.
      const turns = text.includes('"') && text.split('"').length % 2 === 0
      const isOpen: boolean = (open !== null) !== turns
      open = isOpen ? record : null
      if (record.text.length > maxRecordLength) throw unbalanced(source.name, record.line)
      if (!isOpen && record.text !== '') batch.push(record)
    }
    if (batch.length > 0) yield batch
  }
  if (open !== null) throw unbalanced(source.name, open.line)
}

/** The delimiter that stands most often in the headings, outside quotation marks; a comma when there is none. */
function likelyDelimiter(headings: string): string {
  const unquoted = headings.replace(/"[^"]*"/g, '')
  const counts = delimiters.map((delimiter) => unquoted.split(delimiter).length - 1)
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ','
}

/**
 * Splits records into cells. They are parsed together, which is fast; when the parser stumbles or sees other rows than ours, one
 * by one, to name the line.
 */
function parseRecords(file: string, records: readonly CsvRecord[], delimiter: string): CsvRow[] {
  const rows = parseText(records.map(({ text }) => text).join('\n'), delimiter)
  return records.map((record, index) => {
    const cells =
      rows?.length === records.length ? rows[index] : parseAlone(file, record, delimiter)
    return { line: record.line, cells: cells ?? [] }
  })
}

function parseAlone(file: string, record: CsvRecord, delimiter: string): string[] | undefined {
  const rows = parseText(record.text, delimiter)
  if (rows?.length !== 1) throw unbalanced(file, record.line)
  return rows[0]
}

/** Null when quotation marks stand where they must not. */
function parseText(text: string, delimiter: string): string[][] | null {
  // The parser drops a byte order mark at the start of its text; within the file it is part of a cell, and must be seen there.
  const whole = text.startsWith('\uFEFF') ? `\uFEFF${text}` : text
  const { data, errors } = Papa.parse<string[]>(whole, { delimiter, newline: '\n' })
  return errors.length === 0 ? data : null
}

function unbalanced(file: string, line: number): CsvError {
  const message =
    'the quotation marks of the row that begins here do not pair up; a cell with a quotation mark in it is written in quotation marks, and the mark twice: "5"" disk"'
  return new CsvError(file, line, message)
}
