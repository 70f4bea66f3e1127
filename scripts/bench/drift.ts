import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DriftScene, makeDriftScene } from './driftScene.ts'
import type { Report } from './report.ts'
import { type Cell, markdownTable } from './table.ts'

/** What one run in a process of its own took. */
export interface DriftRun {
  readonly seconds: number
  /** CPU time of the process in seconds, which other work on the machine does not lengthen. */
  readonly cpu: number
  /** The most memory that the process held, in bytes. */
  readonly memory: number
  /** How many people were in a class with something to do; null where nothing was classified. */
  readonly differing: number | null
}

export const driftRuns = {
  read: 'both sides only read (the limit)',
  maps: 'a Map of users, compared byte for byte',
  usual: 'users drift, 1 in 100 differs',
  worst: 'users drift, everybody differs in form',
} as const

export type DriftRunName = keyof typeof driftRuns

const peoplePerSecond = 5000
const most = 1_000_000

/** Compares `seconds` * 5,000 people with as many users, a million at most. */
export async function driftBench(seconds: number): Promise<Report> {
  return compareAll(Math.min(most, Math.floor(seconds * peoplePerSecond)))
}

/** The same with a number of people. */
export async function compareAll(people: number): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'homerealm-bench-'))
  try {
    const scene = await makeDriftScene(folder, people)
    const runs = {} as Record<DriftRunName, DriftRun>
    for (const name of Object.keys(driftRuns) as DriftRunName[]) {
      runs[name] = await inOwnProcess(scene, name)
    }
    return reportOf(people, runs)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function reportOf(people: number, runs: Record<DriftRunName, DriftRun>): Report {
  const names = Object.keys(driftRuns) as DriftRunName[]
  const figures = Object.fromEntries(
    names.map((name) => [name, { ...runs[name], timesTheLimit: runs[name].cpu / runs.read.cpu }]),
  )
  const rows: Cell[][] = names.map((name) => [
    driftRuns[name],
    runs[name].seconds,
    runs[name].cpu,
    runs[name].cpu / runs.read.cpu,
    people / runs[name].seconds,
    runs[name].memory / 2 ** 20,
    runs[name].differing,
  ])
  const heads = ['what', 'seconds', 'CPU s', 'x the limit', 'people/s', 'MiB at most', 'differing']
  const text = `${people.toLocaleString('en-US')} people there, as many users here.\n\n${markdownTable(heads, rows)}`
  return { text, json: { people, runs: figures } }
}

async function inOwnProcess({ folder }: DriftScene, name: DriftRunName): Promise<DriftRun> {
  const child = fork(fileURLToPath(new URL('driftRun.ts', import.meta.url)), [folder, name])
  const ended = new AbortController()
  child.once('exit', () => ended.abort())
  const [run] = (await once(child, 'message', { signal: ended.signal })) as [DriftRun]
  return run
}
