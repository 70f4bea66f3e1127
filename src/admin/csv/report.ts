import type { PropertyChange } from '../../directory/directoryError.ts'
import type { RowOutcome } from './planRows.ts'
import type { CellProblem } from './values.ts'

export interface ImportReport {
  readonly file: string
  readonly isDryRun: boolean
  /** Whether anything was kept; false for a rehearsal, and when a bad row kept all out. */
  readonly isWritten: boolean
  /** The files that were asked for, written or not. */
  readonly rejectFile: string | null
  readonly oktaOut: string | null
  readonly created: readonly { readonly line: number; readonly userPrincipalName: string }[]
  readonly changed: readonly {
    readonly line: number
    readonly userPrincipalName: string
    readonly changes: readonly PropertyChange[]
  }[]
  readonly unchangedCount: number
  readonly generatedAnchorCount: number
  readonly rejected: readonly { readonly line: number; readonly problems: readonly CellProblem[] }[]
  /** About columns, without a line; about rows, with it. */
  readonly warnings: readonly { readonly line: number | null; readonly message: string }[]
}

/** Collects the outcomes of rows. */
export class ReportBuilder {
  readonly #file: string
  readonly #created: ImportReport['created'][number][] = []
  readonly #changed: ImportReport['changed'][number][] = []
  readonly #rejected: ImportReport['rejected'][number][] = []
  readonly #warnings: ImportReport['warnings'][number][]
  #unchangedCount = 0
  #generatedAnchorCount = 0

  constructor(file: string, columnWarnings: readonly string[]) {
    this.#file = file
    this.#warnings = columnWarnings.map((message) => ({ line: null, message }))
  }

  get hasRejected(): boolean {
    return this.#rejected.length > 0
  }

  add(outcome: RowOutcome): void {
    const { line } = outcome.row
    if (outcome.kind === 'rejected') {
      this.#rejected.push({ line, problems: outcome.problems })
      return
    }
    const { plan } = outcome
    const { userPrincipalName } = plan.user
    if (plan.kind === 'create') this.#created.push({ line, userPrincipalName })
    else if (plan.kind === 'update') {
      this.#changed.push({ line, userPrincipalName, changes: plan.changes })
    } else this.#unchangedCount++
    if (outcome.isAnchorGenerated) this.#generatedAnchorCount++
    for (const { message } of plan.warnings) this.#warnings.push({ line, message })
  }

  done(end: Pick<ImportReport, 'isWritten' | 'isDryRun' | 'rejectFile' | 'oktaOut'>): ImportReport {
    const byLine = <T extends { line: number | null }>(entries: T[]) =>
      entries.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    return {
      file: this.#file,
      ...end,
      created: byLine(this.#created),
      changed: byLine(this.#changed),
      unchangedCount: this.#unchangedCount,
      generatedAnchorCount: this.#generatedAnchorCount,
      rejected: byLine(this.#rejected),
      warnings: byLine(this.#warnings),
    }
  }
}

/** How many entries of each list are printed before `and 480 more`. */
const shownEntries = 20

/**
 * The report for a terminal: what was (or would be) done, then warnings, then the rows that were refused and what to do. Every
 * line stands by itself when read aloud. Text from the file is printed without control characters.
 */
export function formatImportReport(report: ImportReport, shown: number = shownEntries): string {
  const would = report.isDryRun || !report.isWritten
  const sections = [
    would ? listed('To create', report.created.map(createdLine), shown) : [],
    listed(would ? 'To change' : 'Changed', report.changed.flatMap(changedLines), shown),
    listed('Warnings', report.warnings.map(warningLine), shown),
    listed('Refused rows', report.rejected.flatMap(rejectedLines), shown),
    summary(report),
  ]
  const paragraphs = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return `${paragraphs.join('\n\n')}\n`
}

function listed(title: string, lines: readonly string[], shown: number): readonly string[] {
  if (lines.length === 0) return []
  const rest = lines.length - shown
  const more = rest > 0 ? [`  and ${count(rest, 'more line', 'more lines')}`] : []
  return [`${title}:`, ...lines.slice(0, shown).map((line) => `  ${printable(line)}`), ...more]
}

function createdLine({ line, userPrincipalName }: ImportReport['created'][number]): string {
  return `line ${line}: ${userPrincipalName}`
}

function changedLines(entry: ImportReport['changed'][number]): readonly string[] {
  return entry.changes.map(
    (change) =>
      `line ${entry.line}: ${entry.userPrincipalName}, ${change.property}: ${valueInWords(change.old)} -> ${valueInWords(change.new)}`,
  )
}

function warningLine({ line, message }: ImportReport['warnings'][number]): string {
  return line === null ? message : `line ${line}: ${message}`
}

function rejectedLines({ line, problems }: ImportReport['rejected'][number]): readonly string[] {
  return problems.map(({ column, reason, value }) => {
    const place = column === null ? `line ${line}` : `line ${line}, column ${column}`
    return value === undefined ? `${place}: ${reason}` : `${place}, ${quoted(value)}: ${reason}`
  })
}

function summary(report: ImportReport): readonly string[] {
  const { file, created, changed, unchangedCount, rejected, generatedAnchorCount } = report
  const refused = rejected.length > 0 ? `, ${rejected.length} refused` : ''
  const isLost = rejected.length > 0 && report.rejectFile === null
  const correct =
    'Correct the file and import it again, or take the good rows and set the others aside with --reject-file FILE.'
  if (report.isDryRun) {
    const numbers = `${created.length} to create, ${changed.length} to change, ${unchangedCount} as they are`
    const rehearsal = `${file}: ${numbers}${refused}. This was a rehearsal: nothing was written.`
    return isLost ? [rehearsal, `The import would write nothing, either. ${correct}`] : [rehearsal]
  }
  if (!report.isWritten) {
    const rows = count(rejected.length, 'row', 'rows')
    return [`${file}: ${rows} refused, so nothing was written.`, correct]
  }
  const numbers = `${created.length} created, ${changed.length} changed, ${unchangedCount} as they were`
  const lines = [`${file}: ${numbers}${refused}.`]
  if (generatedAnchorCount > 0) {
    lines.push(`ImmutableIds were made for ${count(generatedAnchorCount, 'user', 'users')}.`)
  }
  if (rejected.length > 0) lines.push(`The refused rows are in ${report.rejectFile}.`)
  if (report.oktaOut !== null) lines.push(`The file for Okta is ${report.oktaOut}.`)
  return lines
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}

function valueInWords(value: unknown): string {
  if (value === null) return 'nothing'
  return typeof value === 'string' ? quoted(value) : String(value)
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)
}

/** A terminal obeys control characters; a name out of a file must not command it. */
function printable(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD')
}
