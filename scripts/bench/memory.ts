import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Report } from './report.ts'
import { type Cell, markdownTable } from './table.ts'

/** What the process that holds sessions found (holdSessions.ts). */
export interface Held {
  readonly sessions: number
  /** Of the response's XML. */
  readonly documentBytes: number
  readonly bytesPerSession: number
  /** The same with one short slice of the document in each session: what a careless verifier keeps, and proof that it would show. */
  readonly bytesPerCarelessSession: number
}

/** Enough that what the process needs otherwise does not count. */
const sessionsPerSecond = 100
const mostSessions = 2000

/** Signs in `seconds` * 100 times (2,000 at most) with responses of 64 KB, and measures the heap that the sessions hold. */
export async function memoryBench(seconds: number): Promise<Report> {
  const held = await holdSessions(Math.min(mostSessions, Math.floor(seconds * sessionsPerSecond)))
  const rows: Cell[][] = [
    ['sessions', held.sessions],
    ['bytes of a response', held.documentBytes],
    ['bytes of heap for a session', held.bytesPerSession],
    ['the same, had it kept a slice of the response', held.bytesPerCarelessSession],
  ]
  const share = held.bytesPerSession / held.documentBytes
  const text = `${markdownTable(['what', 'figure'], rows)}\n\nA session holds ${(share * 100).toFixed(1)} % of the size of its response.`
  return { text, json: { ...held, shareOfDocument: share } }
}

/** In a process of its own, whose garbage can be collected at will. */
export async function holdSessions(sessions: number): Promise<Held> {
  const child = fork(
    fileURLToPath(new URL('holdSessions.ts', import.meta.url)),
    [String(sessions)],
    { execArgv: [...process.execArgv, '--expose-gc'] },
  )
  const ended = new AbortController()
  child.once('exit', () => ended.abort())
  const [held] = (await once(child, 'message', { signal: ended.signal })) as [Held]
  return held
}
