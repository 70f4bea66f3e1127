import { type Command, Option } from 'commander'
import type { DeleteMissing } from '../../admin/csv/deletions.ts'
import { type ImportOptions, importUsers } from '../../admin/csv/importUsers.ts'
import { type CsvSource, csvBytes, csvFile } from '../../admin/csv/lines.ts'
import { formatImportReport, type ImportReport } from '../../admin/csv/report.ts'
import { domainName, existingDomain } from '../../directory/domains.ts'
import { systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/ids.ts'
import type { Storage } from '../../storage/storage.ts'
import { actor } from '../actor.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { UsageError } from '../usageError.ts'
import { progressLine } from './progress.ts'

interface Options {
  readonly dryRun?: boolean
  readonly rejectFile?: string
  readonly generateAnchors?: boolean
  readonly oktaOut?: string
  readonly clearEmpty?: boolean
  readonly matchOn: 'userPrincipalName' | 'immutableId'
  readonly deleteMissing?: boolean
  readonly domain?: string
  readonly confirmDeletions?: string
  readonly json?: boolean
}

/** Exit status after Ctrl-C, as shells expect it: 128 + SIGINT. */
const INTERRUPTED = 130

/** `homerealm users import FILE.csv` */
export function addImportCommand(users: Command, surroundings: Surroundings): void {
  users
    .command('import')
    .description('create and change users from a CSV file: all of its rows, or none')
    .argument(
      '<file.csv>',
      'by Graph’s, Okta’s or the Entra portal’s column names; - for standard input',
    )
    .option('--dry-run', 'say what would be created and changed, and write nothing')
    .option(
      '--reject-file <file>',
      'take the good rows, and write the bad ones here with line, column and reason',
    )
    .option('--generate-anchors', 'make an ImmutableId for federated users without one')
    .option('--okta-out <file>', 'write the CSV that gives Okta the same ImmutableIds')
    .option('--clear-empty', 'an empty cell clears the value (otherwise it leaves it as it is)')
    .addOption(
      new Option('--match-on <property>', 'what finds a user; by immutableId, UPNs are renamed')
        .choices(['userPrincipalName', 'immutableId'])
        .default('userPrincipalName'),
    )
    .option('--delete-missing', 'remove the users of --domain that the file does not list')
    .option('--domain <domain>', 'for --delete-missing')
    .option('--confirm-deletions <number>', 'exactly so many may go; needed above 500 or 10 %')
    .option('--json', 'print the report as JSON: whole counts, and the first 10,000 of each list')
    .action((file: string, options: Options) => runImport(file, options, surroundings))
}

async function runImport(
  file: string,
  options: Options,
  surroundings: Surroundings,
): Promise<void> {
  refuseContradictions(options)
  const storage = await surroundings.openStorage({ readonly: options.dryRun === true })
  const progress = progressLine(surroundings)
  try {
    const source = file === '-' ? await standardInput(surroundings.interrupted) : csvFile(file)
    const report = await importUsers(storage.directory, source, {
      ...(await importOptions(storage, options)),
      signal: surroundings.interrupted,
      onProgress: progress.at,
    })
    progress.end()
    surroundings.print(
      options.json ? JSON.stringify(report, null, 2) : printable(formatImportReport(report)),
    )
    if (report.importId !== null && !options.json) surroundings.complain(importLine(report))
    surroundings.exit(statusOf(report))
  } catch (error) {
    progress.end()
    const { aborted, reason } = surroundings.interrupted
    // Any other error comes first, for it may be that the users are there and a file is not.
    if (!aborted || error !== reason) throw error
    surroundings.complain('Interrupted: nothing was imported.')
    surroundings.exit(INTERRUPTED)
  } finally {
    await storage.close()
  }
}

/** Under which number the import stands, and the way back where there is one. */
function importLine({ importId, createdCount, changedCount, deletedCount }: ImportReport): string {
  return createdCount + changedCount + deletedCount === 0
    ? `This is import ${importId}. It changed nothing.`
    : `This is import ${importId}; homerealm users undo ${importId} takes it back.`
}

/** Throws UsageError for options that do not go together. */
function refuseContradictions(options: Options): void {
  const { deleteMissing, domain, confirmDeletions, matchOn } = options
  if (deleteMissing && domain === undefined) {
    throw new UsageError(
      '--delete-missing needs --domain: of which domain is the file the whole list?',
    )
  }
  if (!deleteMissing && (domain !== undefined || confirmDeletions !== undefined)) {
    throw new UsageError('--domain and --confirm-deletions go with --delete-missing.')
  }
  if (deleteMissing && options.rejectFile !== undefined) {
    throw new UsageError(
      '--delete-missing takes a whole list: with --reject-file, who stands in a bad row would go.',
    )
  }
  if (confirmDeletions !== undefined && !/^\d{1,9}$/.test(confirmDeletions)) {
    throw new UsageError('--confirm-deletions takes a number.')
  }
  if (matchOn === 'immutableId' && options.generateAnchors) {
    throw new UsageError(
      'With --match-on immutableId every row has one: leave --generate-anchors out.',
    )
  }
}

async function importOptions(storage: Storage, options: Options): Promise<ImportOptions> {
  const deleteMissing = await deletions(storage, options)
  return {
    now: systemClock(),
    random: systemRandom,
    who: actor().who,
    emptyCells: options.clearEmpty ? 'clear' : 'keep',
    matchOn: options.matchOn === 'immutableId' ? 'onPremisesImmutableId' : 'userPrincipalName',
    ...(deleteMissing !== null && { deleteMissing }),
    ...(options.dryRun !== undefined && { dryRun: options.dryRun }),
    ...(options.generateAnchors !== undefined && { generateAnchors: options.generateAnchors }),
    ...(options.rejectFile !== undefined && { rejectFile: options.rejectFile }),
    ...(options.oktaOut !== undefined && { oktaOut: options.oktaOut }),
  }
}

async function deletions(
  { directory, credentials }: Storage,
  options: Options,
): Promise<DeleteMissing | null> {
  if (options.domain === undefined) return null
  const { id } = await existingDomain(directory, domainName(options.domain))
  const keep = (await credentials.credentialsWith('breakGlass')).map(({ userId }) => userId)
  const confirmed = options.confirmDeletions
  return { domain: id, keep, ...(confirmed !== undefined && { confirmed: Number(confirmed) }) }
}

/** All of standard input. Read as it comes, so that Ctrl-C is heard while nothing comes; rejects with the signal's reason. */
async function standardInput(signal: AbortSignal): Promise<CsvSource> {
  const { stdin } = process
  const stop = (): void => void stdin.destroy(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const pieces: Buffer[] = []
    for await (const piece of stdin) pieces.push(piece)
    return csvBytes('standard input', Buffer.concat(pieces))
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function statusOf(report: ImportReport): number {
  return report.rejected.length > 0 ? 1 : 0
}
