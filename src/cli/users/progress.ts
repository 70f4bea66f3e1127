import { SingleBar } from 'cli-progress'
import type { ImportProgress } from '../../admin/csv/importUsers.ts'
import { spanInWords } from '../../lib/clock.ts'
import type { Surroundings } from '../surroundings.ts'

/** Rows between two lines where there is no terminal. */
const rowsBetweenLines = 100_000

/** A bar on a terminal, a line now and then elsewhere; both on standard error, with rate and time left. */
export function progressLine(
  { isTerminal, complain }: Pick<Surroundings, 'isTerminal' | 'complain'>,
  milliseconds: () => number = () => performance.now(),
) {
  let phase: ImportProgress['phase'] | null = null
  let began = 0
  let told = 0
  let bar: SingleBar | null = null
  const end = () => {
    bar?.stop()
    bar = null
  }
  return {
    at(progress: ImportProgress): void {
      if (progress.phase !== phase) {
        end()
        phase = progress.phase
        began = milliseconds()
        told = 0
      }
      const passed = milliseconds() - began
      const words = progressInWords(progress, passed)
      if (isTerminal) {
        bar ??= startedBar()
        bar.update(Math.round(shareOf(progress) * 1000), { words })
      } else if (progress.rows - told >= rowsBetweenLines) {
        told = progress.rows
        complain(words)
      }
    },
    end,
  }
}

/** `reading: 200000 rows, 41000 a second, 12 s left`. Rate and time left stand there once a second has passed. */
export function progressInWords(progress: ImportProgress, passed: number): string {
  const { phase, rows, totalRows } = progress
  const all = totalRows === null ? '' : ` of ${totalRows}`
  const words = [`${phase}: ${rows}${all} rows`]
  if (passed >= 1000 && rows > 0) {
    words.push(`${Math.round((rows / passed) * 1000)} a second`)
    const share = shareOf(progress)
    if (share > 0 && share < 1) words.push(`${spanInWords((passed / share) * (1 - share))} left`)
  }
  return words.join(', ')
}

/** How much of the phase is done; 0 where its end is not known. */
function shareOf(progress: ImportProgress): number {
  const [done, all] =
    progress.phase === 'reading'
      ? [progress.bytes, progress.totalBytes]
      : [progress.rows, progress.totalRows]
  return all === null || all === 0 ? 0 : Math.min(1, done / all)
}

function startedBar(): SingleBar {
  const bar = new SingleBar({
    format: '[{bar}] {words}',
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    hideCursor: true,
  })
  bar.start(1000, 0, { words: '' })
  return bar
}
