/**
 * admin/: the administrators' doors to the directory (csv/; later Graph and SCIM). They read what the outside sends, call the
 * directory's rules and present the outcome. They must not know SQL, Express or how people sign in.
 */
import type { DirectoryStore } from '../../directory/ports.ts'
import { changeOf } from '../../directory/users.ts'
import type { Instant } from '../../lib/clock.ts'
import type { RandomSource } from '../../lib/ids.ts'
import { CsvError } from './csvError.ts'
import { csvText, openPendingFile, type PendingFile, refuseSameFile } from './files.ts'
import type { CsvSource } from './lines.ts'
import { oktaImportHeadings, oktaImportRows } from './oktaFile.ts'
import { type AcceptedRow, type RowOutcome, RowPlanner } from './planRows.ts'
import { type ImportReport, ReportBuilder } from './report.ts'
import { type FileSurvey, surveyFile, userRows } from './userFile.ts'
import type { EmptyCells } from './values.ts'

export interface ImportOptions {
  readonly now: Instant
  readonly random: RandomSource
  /** Reads and judges everything and writes nothing, neither users nor files. */
  readonly dryRun?: boolean
  /** Takes the good rows and writes the bad ones here. Without it one bad row keeps all out. */
  readonly rejectFile?: string
  /** Makes an ImmutableId, base64 of a new GUID, for every user of the file who is federated and has none. */
  readonly generateAnchors?: boolean
  /** Writes a CSV here that gives Okta the ImmutableIds of the file's federated users. */
  readonly oktaOut?: string
  /** What an empty cell means; `keep` unless given. */
  readonly emptyCells?: EmptyCells
  /** Ends the import; nothing of it is kept. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ImportProgress) => void
}

export interface ImportProgress {
  readonly phase: 'reading' | 'importing'
  readonly rows: number
  /** Null while reading. */
  readonly totalRows: number | null
}

/** Thrown inside the transaction to end it without trace. */
class NothingKept extends Error {}

/**
 * Loads users from CSV: creates those whose UPN is new, changes those who are there. Everything that it writes is kept together
 * or not at all: users in one transaction, files beside it. The file is read twice: once for what only the whole tells
 * (duplicates, a broken end), once to judge and write row by row; so memory holds its UPNs and ImmutableIds, not its rows.
 *
 * Rows that break a rule are in the report. Throws CsvError when the file cannot be read at all or an output file cannot be
 * written, the signal's reason when it is aborted, and the store's errors; then nothing was kept, unless the message says so.
 */
export async function importUsers(
  store: DirectoryStore,
  source: CsvSource,
  options: ImportOptions,
): Promise<ImportReport> {
  const { signal, onProgress } = options
  await refuseSameFile([
    ['the file to import', source.name],
    ...(options.rejectFile ? [['the reject file', options.rejectFile] as const] : []),
    ...(options.oktaOut ? [['the file for Okta', options.oktaOut] as const] : []),
  ])
  const survey = await surveyFile(source, signal, (rows) =>
    onProgress?.({ phase: 'reading', rows, totalRows: null }),
  )
  const report = new ReportBuilder(source.name, survey.columns.warnings)
  const files = { rejectFile: options.rejectFile ?? null, oktaOut: options.oktaOut ?? null }
  if (options.dryRun) {
    await takeRows(store, source, survey, options, report, null)
    return report.done({ ...files, isWritten: false, isDryRun: true })
  }
  const outputs = await openOutputs(options, survey)
  try {
    await store.transaction(async (tx) => {
      await takeRows(tx, source, survey, options, report, outputs)
      if (report.hasRejected && outputs.rejects === null) throw new NothingKept()
      for (const file of filesOf(outputs)) await file.finish()
      signal?.throwIfAborted()
    })
    await keepFiles(outputs)
    return report.done({ ...files, isWritten: true, isDryRun: false })
  } catch (error) {
    if (!(error instanceof NothingKept)) throw error
    return report.done({ ...files, isWritten: false, isDryRun: false })
  } finally {
    for (const file of filesOf(outputs)) await file.discard()
  }
}

interface Outputs {
  readonly rejects: PendingFile | null
  readonly okta: PendingFile | null
}

async function openOutputs(options: ImportOptions, survey: FileSurvey): Promise<Outputs> {
  const { rejectFile, oktaOut, random } = options
  const rejects = rejectFile === undefined ? null : await openPendingFile(rejectFile, random)
  try {
    const okta = oktaOut === undefined ? null : await openPendingFile(oktaOut, random)
    await rejects?.write(csvText([['line', 'column', 'reason', ...survey.headings]]))
    await okta?.write(csvText([oktaImportHeadings]))
    return { rejects, okta }
  } catch (error) {
    await rejects?.discard()
    throw error
  }
}

function filesOf({ rejects, okta }: Outputs): readonly PendingFile[] {
  return [rejects, okta].filter((file) => file !== null)
}

/** The users are kept by now, so that a failure here must say so. */
async function keepFiles(outputs: Outputs): Promise<void> {
  try {
    for (const file of filesOf(outputs)) await file.keep()
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const message = `the users were imported, but this file was not written (${error.message})`
    throw new CsvError(error.file, null, message, error)
  }
}

/** The second reading. Writes to the store and to `outputs` unless that is null (a rehearsal). */
async function takeRows(
  store: DirectoryStore,
  source: CsvSource,
  survey: FileSurvey,
  options: ImportOptions,
  report: ReportBuilder,
  outputs: Outputs | null,
): Promise<void> {
  const domains = new Map((await store.domains()).map((domain) => [domain.id, domain]))
  const planner = new RowPlanner(store, {
    survey,
    domains,
    emptyCells: options.emptyCells ?? 'keep',
    generateAnchors: options.generateAnchors ?? false,
    now: options.now,
    random: options.random,
  })
  const take = async (outcomes: readonly RowOutcome[]) => {
    for (const outcome of outcomes) report.add(outcome)
    // Once one row is bad and none may be left out, the rest is only judged, for the report.
    const isLost = report.hasRejected && outputs?.rejects === null
    if (outputs !== null && !isLost) await write(store, outputs, outcomes)
  }
  let rows = 0
  for await (const batch of userRows(source, options.signal)) {
    const outcomes: RowOutcome[] = []
    for (const row of batch.rows) {
      const outcome = await planner.plan(row)
      if (outcome !== null) outcomes.push(outcome)
    }
    await take(outcomes)
    rows += batch.rows.length
    options.onProgress?.({ phase: 'importing', rows, totalRows: survey.rowCount })
  }
  await take(planner.settle())
}

async function write(
  store: DirectoryStore,
  { rejects, okta }: Outputs,
  outcomes: readonly RowOutcome[],
): Promise<void> {
  const accepted = outcomes.filter((outcome): outcome is AcceptedRow => outcome.kind === 'accepted')
  const rejected = outcomes.filter((outcome) => outcome.kind === 'rejected')
  const changes = accepted.map(({ plan }) => changeOf(plan)).filter((change) => change !== null)
  if (changes.length > 0) await store.writeUsers(changes)
  await rejects?.write(
    csvText(
      rejected.map(({ row, problems }) => [
        String(row.line),
        problems[0]?.column ?? '',
        problems.map(({ reason }) => reason).join(' '),
        ...row.cells,
      ]),
    ),
  )
  await okta?.write(
    csvText(
      accepted
        .filter(({ domain }) => domain.authenticationType === 'Federated')
        .flatMap(({ plan }) => oktaImportRows(plan.user)),
    ),
  )
}
