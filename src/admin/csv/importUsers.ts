/**
 * admin/: the administrators' doors to the directory (csv/, graph/, scim/). They read what the outside sends, call the
 * directory's rules and present the outcome. They must not know SQL, Express or how people sign in.
 */
import { createHash, type Hash } from 'node:crypto'
import { basename } from 'node:path'
import type { ImportStage, MatchOn } from '../../directory/imports.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { Instant } from '../../lib/clock.ts'
import { ascendingGuids, inBulk, type RandomSource } from '../../lib/ids.ts'
import { chooseDeletions, type DeleteMissing } from './deletions.ts'
import { refuseSameFile } from './files.ts'
import { planMatches, rejectHeld, rejectRepeated } from './judgeRows.ts'
import type { CsvSource } from './lines.ts'
import { type ImportFiles, openImportFiles } from './outputs.ts'
import { type ImportReport, reportOf } from './report.ts'
import { type RowSettings, stageRow } from './stageRows.ts'
import { userRows } from './userFile.ts'
import type { EmptyCells } from './values.ts'

export interface ImportOptions {
  readonly now: Instant
  readonly random: RandomSource
  /** Who runs it, for the list of imports. */
  readonly who?: string
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
  /** What finds a row's user; the UPN unless given. By ImmutableId, the row's UPN becomes the user's. */
  readonly matchOn?: MatchOn
  /** Removes the users of a domain that the file does not list. One bad row keeps all out then, `rejectFile` or not. */
  readonly deleteMissing?: DeleteMissing
  /** Ends the import; nothing of it is kept. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ImportProgress) => void
}

export type ImportProgress =
  | {
      readonly phase: 'reading'
      readonly rows: number
      readonly totalRows: null
      readonly bytes: number
      /** Null for what comes through a pipe. */
      readonly totalBytes: number | null
    }
  | { readonly phase: 'checking' | 'importing'; readonly rows: number; readonly totalRows: number }

/**
 * Loads users from CSV: creates those whose UPN is new, changes those who are there, and removes, when asked, those who are no longer
 * listed. Everything that it writes is kept together or not at all: users in one transaction, files beside it.
 *
 * The file is read once, into a stage that stands apart from the directory, so that memory does not grow with it and nobody waits
 * while it is read. Then the directory is held against other writers (readers go on), what only the whole tells is judged by the
 * stage, and what is planned is written and kept at one moment.
 *
 * Rows that break a rule are in the report. Throws CsvError when the file cannot be read at all or an output file cannot be written,
 * TooManyDeletions, the signal's reason when it is aborted, and the store's errors; then nothing was kept, unless the message says so.
 */
export async function importUsers(
  store: DirectoryStore,
  source: CsvSource,
  options: ImportOptions,
): Promise<ImportReport> {
  await refuseSameFile([
    ['the file to import', source.name],
    ...(options.rejectFile ? [['the reject file', options.rejectFile] as const] : []),
    ...(options.oktaOut ? [['the file for Okta', options.oktaOut] as const] : []),
  ])
  const stage = await store.imports.stage()
  let files: ImportFiles | null = null
  try {
    const read = await readIntoStage(store, stage, source, options)
    if (!options.dryRun) files = await openImportFiles(options, read.headings)
    const kept = await judge(store, stage, read, options)
    const { rejected } = await stage.counts()
    const isWritten =
      !options.dryRun &&
      (rejected === 0 || (files?.takesRejects === true && !options.deleteMissing))
    const report = await reportOf(stage, {
      file: source.name,
      isDryRun: options.dryRun ?? false,
      isWritten,
      rejectFile: options.rejectFile ?? null,
      oktaOut: options.oktaOut ?? null,
      columnWarnings: read.settings.columns.warnings,
      keptFromDeletion: kept,
    })
    if (!isWritten) return report
    await files?.fill(stage, read.settings.domains)
    const importId = await write(stage, report, read.digest, options)
    await files?.keep()
    return { ...report, importId }
  } finally {
    await stage.close()
    await files?.discard()
  }
}

interface FileRead {
  readonly settings: RowSettings
  readonly headings: readonly string[]
  readonly rowCount: number
  /** SHA-256, hexadecimal. */
  readonly digest: string
}

/** Throws CsvError when the file cannot be read to its end. */
async function readIntoStage(
  store: DirectoryStore,
  stage: ImportStage,
  source: CsvSource,
  options: ImportOptions,
): Promise<FileRead> {
  const domains = new Map((await store.domains()).map((domain) => [domain.id, domain]))
  const totalBytes = (await source.size?.()) ?? null
  const hash = createHash('sha256')
  let bytes = 0
  const counted = digesting(source, hash, (length) => {
    bytes += length
  })
  let settings: RowSettings | null = null
  let headings: readonly string[] = []
  let rowCount = 0
  for await (const batch of userRows(counted, options.signal)) {
    headings = batch.headings
    settings ??= {
      columns: batch.columns,
      domains,
      matchOn: options.matchOn ?? 'userPrincipalName',
      emptyCells: options.emptyCells ?? 'keep',
      generateAnchors: options.generateAnchors ?? false,
      keepCells: options.rejectFile !== undefined && !options.dryRun,
      now: options.now,
      random: inBulk(options.random),
    }
    const known = settings
    await stage.add(batch.rows.map((row) => stageRow(row, known)))
    rowCount += batch.rows.length
    options.onProgress?.({ phase: 'reading', rows: rowCount, totalRows: null, bytes, totalBytes })
  }
  if (settings === null) throw new Error('a readable table yields at least one batch')
  return { settings, headings, rowCount, digest: hash.digest('hex') }
}

function digesting(source: CsvSource, hash: Hash, onBytes: (length: number) => void): CsvSource {
  return {
    ...source,
    async *open() {
      for await (const piece of source.open()) {
        hash.update(piece)
        onBytes(piece.length)
        yield piece
      }
    },
  }
}

/** Judges what the whole tells; gives the UPNs of those who were kept from being removed. */
async function judge(
  store: DirectoryStore,
  stage: ImportStage,
  { settings, rowCount }: FileRead,
  { signal, onProgress, dryRun = false, deleteMissing }: ImportOptions,
): Promise<readonly string[]> {
  const tell = (rows: number) => onProgress?.({ phase: 'checking', rows, totalRows: rowCount })
  tell(0)
  await rejectRepeated(stage, settings)
  signal?.throwIfAborted()
  await stage.hold(!dryRun)
  await refuseOtherDomains(store, settings)
  await planMatches(stage, settings, signal)
  let kept: readonly string[] = []
  if (deleteMissing !== undefined) {
    const { rejected } = await stage.counts()
    kept = await chooseDeletions(stage, deleteMissing, dryRun || rejected > 0)
  }
  await rejectHeld(stage, settings)
  tell(rowCount)
  signal?.throwIfAborted()
  return kept
}

/** The rows were judged by the domains as they were when the file was opened. */
async function refuseOtherDomains(store: DirectoryStore, { domains }: RowSettings): Promise<void> {
  const now = await store.domains()
  if (JSON.stringify(now) === JSON.stringify([...domains.values()])) return
  throw new DirectoryChanged()
}

/** Somebody changed the domains while the file was read. Nothing was kept. */
export class DirectoryChanged extends Error {
  override readonly name = 'DirectoryChanged'

  constructor() {
    super(
      'The domains were changed while the file was read, so nothing was imported. Import it again.',
    )
  }
}

async function write(
  stage: ImportStage,
  report: ImportReport,
  digest: string,
  { now, random, who, matchOn, deleteMissing, signal, onProgress }: ImportOptions,
): Promise<number> {
  const totalRows = report.createdCount + report.changedCount
  const { id } = await stage.apply(
    {
      at: now,
      who: who ?? 'unknown',
      file: basename(report.file),
      digest,
      matchOn: matchOn ?? 'userPrincipalName',
      deletedMissingOf: deleteMissing?.domain ?? null,
      createdCount: report.createdCount,
      changedCount: report.changedCount,
      deletedCount: report.deletedCount,
      unchangedCount: report.unchangedCount,
      rejectedCount: report.rejectedCount,
    },
    {
      ...(signal !== undefined && { signal }),
      onRows: (rows) => onProgress?.({ phase: 'importing', rows, totalRows }),
      newIds: (count) => ascendingGuids(inBulk(random), count),
    },
  )
  signal?.throwIfAborted()
  await stage.commit()
  return id
}
