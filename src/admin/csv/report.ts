import type { PropertyChange } from '../../directory/directoryError.ts'
import type { ImportStage, OutcomeFilter, StagedOutcome } from '../../directory/imports.ts'
import type { CellProblem } from './values.ts'

/** What an import did, or would do. The counts are whole; each list ends after its first ten thousand. */
export interface ImportReport {
  readonly file: string
  readonly isDryRun: boolean
  /** Whether anything was kept; false for a rehearsal, and when a bad row kept all out. */
  readonly isWritten: boolean
  /** Null when nothing was kept. */
  readonly importId: number | null
  /** The files that were asked for, written or not. */
  readonly rejectFile: string | null
  readonly oktaOut: string | null
  readonly createdCount: number
  readonly changedCount: number
  readonly unchangedCount: number
  readonly deletedCount: number
  readonly rejectedCount: number
  readonly warningCount: number
  readonly generatedAnchorCount: number
  readonly created: readonly { readonly line: number; readonly userPrincipalName: string }[]
  readonly changed: readonly {
    readonly line: number
    readonly userPrincipalName: string
    readonly changes: readonly PropertyChange[]
  }[]
  /** UPNs. */
  readonly deleted: readonly string[]
  /** UPNs of break-glass accounts that the file does not list; they stay. */
  readonly keptFromDeletion: readonly string[]
  readonly rejected: readonly { readonly line: number; readonly problems: readonly CellProblem[] }[]
  /** About columns, without a line; about rows, with it. */
  readonly warnings: readonly { readonly line: number | null; readonly message: string }[]
}

/** Memory must not grow with the file. */
const listedAtMost = 10_000

/** The report of a stage on which everything is judged. */
export async function reportOf(
  stage: ImportStage,
  about: Pick<
    ImportReport,
    'file' | 'isDryRun' | 'isWritten' | 'rejectFile' | 'oktaOut' | 'keptFromDeletion'
  > & { readonly columnWarnings: readonly string[] },
): Promise<ImportReport> {
  const { columnWarnings, ...end } = about
  const counts = await stage.counts()
  const listed = async <T>(filter: OutcomeFilter, entry: (outcome: StagedOutcome) => T) =>
    (await Array.fromAsync(stage.outcomes(filter, listedAtMost))).flat().map(entry)
  const warnings = await listed('withWarnings', ({ line, warnings }) =>
    warnings.map((message) => ({ line, message: String(message) })),
  )
  return {
    ...end,
    importId: null,
    createdCount: counts.created,
    changedCount: counts.changed,
    unchangedCount: counts.unchanged,
    deletedCount: counts.deleted,
    rejectedCount: counts.rejected,
    warningCount: counts.warnings + columnWarnings.length,
    generatedAnchorCount: counts.generatedAnchors,
    created: await listed('created', ({ line, user }) => ({
      line,
      userPrincipalName: user.userPrincipalName,
    })),
    changed: await listed('changed', ({ line, user, changes }) => ({
      line,
      userPrincipalName: user.userPrincipalName,
      changes,
    })),
    deleted: await stage.missing(listedAtMost),
    rejected: await listed('rejected', ({ line, problems }) => ({
      line,
      problems: problems as readonly CellProblem[],
    })),
    warnings: [...columnWarnings.map((message) => ({ line: null, message })), ...warnings.flat()],
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
    would ? listed('To create', report.created.map(createdLine), shown, report.createdCount) : [],
    listed(would ? 'To change' : 'Changed', report.changed.flatMap(changedLines), shown),
    listed(would ? 'To remove' : 'Removed', report.deleted, shown, report.deletedCount),
    listed('Kept, as a break-glass account, though not listed', report.keptFromDeletion, shown),
    listed('Warnings', report.warnings.map(warningLine), shown, report.warningCount),
    listed('Refused rows', report.rejected.flatMap(rejectedLines), shown),
    summary(report),
  ]
  const paragraphs = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return `${paragraphs.join('\n\n')}\n`
}

/** `all` says how many there are when `lines` holds but the first. */
function listed(
  title: string,
  lines: readonly string[],
  shown: number,
  all: number = lines.length,
): readonly string[] {
  if (lines.length === 0) return []
  const rest = Math.max(all, lines.length) - shown
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
  const { file, createdCount, changedCount, unchangedCount, deletedCount } = report
  const { rejectedCount, generatedAnchorCount } = report
  const refused = rejectedCount > 0 ? `, ${rejectedCount} refused` : ''
  const isLost = rejectedCount > 0 && report.rejectFile === null
  const correct =
    'Correct the file and import it again, or take the good rows and set the others aside with --reject-file FILE.'
  if (report.isDryRun) {
    const removed = deletedCount > 0 ? `${deletedCount} to remove, ` : ''
    const numbers = `${createdCount} to create, ${changedCount} to change, ${removed}${unchangedCount} as they are`
    const rehearsal = `${file}: ${numbers}${refused}. This was a rehearsal: nothing was written.`
    return isLost ? [rehearsal, `The import would write nothing, either. ${correct}`] : [rehearsal]
  }
  if (!report.isWritten) {
    const rows = count(rejectedCount, 'row', 'rows')
    return [`${file}: ${rows} refused, so nothing was written.`, correct]
  }
  const removed = deletedCount > 0 ? `${deletedCount} removed, ` : ''
  const numbers = `${createdCount} created, ${changedCount} changed, ${removed}${unchangedCount} as they were`
  const lines = [`${file}: ${numbers}${refused}.`]
  if (generatedAnchorCount > 0) {
    lines.push(`ImmutableIds were made for ${count(generatedAnchorCount, 'user', 'users')}.`)
  }
  if (rejectedCount > 0) lines.push(`The refused rows are in ${report.rejectFile}.`)
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
