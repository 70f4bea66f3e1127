import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { databaseName } from '../../src/cli/surroundings.ts'
import { makeDataFolder, writeUsersCsv } from './importScene.ts'
import type { Report } from './report.ts'
import { signinsUntil, type Waits } from './signinLoad.ts'
import { type Cell, markdownTable } from './table.ts'

/** What one import in a process of its own took. */
interface Run {
  readonly seconds: number
  /** The most memory that the process held, in bytes; null where the system does not tell. */
  readonly memory: number | null
}

const rowsPerSecond = 8000
const most = 1_000_000
/** Sign-ins alone, for comparison. */
const idleMilliseconds = 15_000

/** Imports `seconds` * 8,000 rows, a million at most. */
export async function importBench(seconds: number): Promise<Report> {
  return importRows(Math.min(most, Math.floor(seconds * rowsPerSecond)))
}

/** The same with a number of rows. */
export async function importRows(rows: number): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'homerealm-bench-'))
  try {
    const csv = join(folder, 'users.csv')
    await writeUsersCsv(csv, rows)
    const shell = await shellImport(await makeDataFolder(join(folder, 'shell')), csv)
    const bare = await inserted(await makeDataFolder(join(folder, 'bare')), csv)
    const ours = await ourImport(await makeDataFolder(join(folder, 'ours')), csv)
    const beside = await besideSignins(await makeDataFolder(join(folder, 'beside')), csv)
    const again = await ourImport(join(folder, 'ours'), csv)
    return reportOf(rows, { shell, bare, ours, again, ...beside })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Found {
  readonly shell: Run | null
  readonly bare: Run
  readonly ours: Run
  readonly again: Run
  readonly beside: Run
  readonly idle: Waits
  readonly meanwhile: Waits
}

function reportOf(rows: number, found: Found): Report {
  const { shell, bare, ours, again, beside, idle, meanwhile } = found
  const peer = shell ?? bare
  const line = (what: string, run: Run | null): Cell[] => [
    what,
    run?.seconds ?? null,
    run && run.seconds / peer.seconds,
    run && rows / run.seconds,
    run?.memory ? run.memory / 2 ** 20 : null,
  ]
  const imports = markdownTable(
    ['what', 'seconds', 'ratio', 'rows/s', 'MiB at most'],
    [
      line('sqlite3 shell, .import into the same table', shell),
      line('a bare loop: papaparse and INSERT', bare),
      line('users import', ours),
      line('users import, again: all rows as they are', again),
      line('users import, while people sign in', beside),
    ],
  )
  const waits = (what: string, { count, median, p99, longest }: Waits): Cell[] => [
    what,
    count,
    median,
    p99,
    longest,
  ]
  const signins = markdownTable(
    ['what a sign-in waits for the store, in ms', 'sign-ins', 'median', '99 %', 'longest'],
    [waits('alone', idle), waits('while users are imported', meanwhile)],
  )
  return {
    text: `${rows.toLocaleString('en-US')} rows.\n\n${imports}\n\n${signins}`,
    json: { rows, ratio: ours.seconds / peer.seconds, ...found },
  }
}

async function shellImport(dataFolder: string, csv: string): Promise<Run | null> {
  const run = await timed('sqlite3', [join(dataFolder, databaseName)], {
    input: `.mode csv\n.import --skip 1 ${csv} users\n`,
  })
  return run.status === 0 ? run : null
}

/** What is left when nothing is checked and nothing remembered, in this language. */
function inserted(dataFolder: string, csv: string): Promise<Run> {
  const script = fileURLToPath(new URL('importBare.ts', import.meta.url))
  return succeeded(
    timed(process.execPath, [...process.execArgv, script, join(dataFolder, databaseName), csv]),
  )
}

function ourImport(dataFolder: string, csv: string): Promise<Run> {
  const script = fileURLToPath(new URL('../../src/homerealm.js', import.meta.url))
  return succeeded(
    timed(process.execPath, [...process.execArgv, script, 'users', 'import', csv], {
      environment: { HOMEREALM_DATA: dataFolder },
    }),
  )
}

async function besideSignins(dataFolder: string, csv: string) {
  const idle = await signinsUntil(
    dataFolder,
    new Promise((resolve) => setTimeout(resolve, idleMilliseconds)),
  )
  const running = ourImport(dataFolder, csv)
  const meanwhile = await signinsUntil(dataFolder, running)
  return { idle, meanwhile, beside: await running }
}

async function succeeded(run: Promise<Run & { readonly status: number | null }>): Promise<Run> {
  const { status, ...figures } = await run
  if (status !== 0) throw new Error(`bench: an import ended with status ${status}`)
  return figures
}

async function timed(
  program: string,
  args: readonly string[],
  {
    input = '',
    environment = {},
  }: { readonly input?: string; readonly environment?: Record<string, string> } = {},
): Promise<Run & { readonly status: number | null }> {
  const start = performance.now()
  const child = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  let memory: number | null = null
  const watch = setInterval(() => {
    memory = peakMemory(child) ?? memory
  }, 50)
  try {
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
    const [status] = (await once(child, 'close')) as [number | null]
    return { seconds: (performance.now() - start) / 1000, memory, status }
  } catch {
    // It is not installed.
    return { seconds: 0, memory: null, status: null }
  } finally {
    clearInterval(watch)
  }
}

/** The high-water mark that Linux keeps (proc(5), VmHWM), in bytes. */
function peakMemory({ pid }: ChildProcess): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    return null
  }
}
