import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { type ImportProgress, importUsers } from '../../admin/csv/importUsers.ts'
import { type CsvSource, csvBytes, csvFile } from '../../admin/csv/lines.ts'
import { formatImportReport, type ImportReport } from '../../admin/csv/report.ts'
import { systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/ids.ts'
import { withStore } from '../domains/command.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options {
  readonly dryRun?: boolean
  readonly rejectFile?: string
  readonly generateAnchors?: boolean
  readonly oktaOut?: string
  readonly clearEmpty?: boolean
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
    .option('--json', 'print the whole report as JSON')
    .action((file: string, options: Options) =>
      withStore(surroundings, false, async (store) => {
        const progress = progressLine(surroundings)
        try {
          const source =
            file === '-' ? await standardInput(surroundings.interrupted) : csvFile(file)
          const report = await importUsers(store, source, {
            now: systemClock(),
            random: systemRandom,
            signal: surroundings.interrupted,
            onProgress: progress.at,
            emptyCells: options.clearEmpty ? 'clear' : 'keep',
            ...(options.dryRun !== undefined && { dryRun: options.dryRun }),
            ...(options.generateAnchors !== undefined && {
              generateAnchors: options.generateAnchors,
            }),
            ...(options.rejectFile !== undefined && { rejectFile: options.rejectFile }),
            ...(options.oktaOut !== undefined && { oktaOut: options.oktaOut }),
          })
          progress.end()
          surroundings.print(
            options.json ? JSON.stringify(report, null, 2) : printable(formatImportReport(report)),
          )
          surroundings.exit(statusOf(report))
        } catch (error) {
          progress.end()
          const { aborted, reason } = surroundings.interrupted
          // Any other error comes first, for it may be that the users are there and a file is not.
          if (!aborted || error !== reason) throw error
          surroundings.complain('Interrupted: nothing was imported.')
          surroundings.exit(INTERRUPTED)
        }
      }),
    )
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

/** A bar on a terminal, a line now and then elsewhere; both on standard error. */
function progressLine({ isTerminal, complain }: Surroundings) {
  let told = 0
  let toldPhase: ImportProgress['phase'] = 'reading'
  let bar: SingleBar | null = null
  return {
    at({ phase, rows, totalRows }: ImportProgress): void {
      if (phase !== toldPhase) told = 0
      toldPhase = phase
      if (isTerminal && totalRows !== null) {
        bar ??= startedBar(totalRows)
        bar.update(rows)
      } else if (!isTerminal && rows - told >= 100_000) {
        told = rows
        complain(`${phase}: ${rows} rows${totalRows === null ? '' : ` of ${totalRows}`}`)
      }
      if (phase === 'reading') return
      if (totalRows !== null && rows >= totalRows) bar?.stop()
    },
    end: () => bar?.stop(),
  }
}

function startedBar(total: number): SingleBar {
  const bar = new SingleBar({
    format: 'importing [{bar}] {percentage}% {value}/{total} users, {eta_formatted} left',
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    hideCursor: true,
  })
  bar.start(total, 0)
  return bar
}
