/** The process that `bench memory` starts, with --expose-gc: signs in again and again, keeps the sessions, and reports the heap. */
import '../runtime.js'
import { systemRandom } from '../../src/lib/ids.ts'
import { judge } from '../../src/signin/judge.ts'
import type { Session } from '../../src/signin/ports.ts'
import { LONGEST_SESSION, newSession } from '../../src/signin/session.ts'
import { makeDocuments } from './documents.ts'
import type { Held } from './memory.ts'
import { circumstances, startedAt } from './scene.ts'

const extensionsBytes = 56 * 1024
const differentDocuments = 4

const count = Number(process.argv[2])
const pad = `<pad xmlns="urn:homerealm:bench">${'Customer Identity '.repeat(extensionsBytes / 18)}</pad>`
const documents = makeDocuments('bothSigned', differentDocuments, pad)
const requestIds = documents.map(({ requestId }) => requestId)

interface Kept {
  readonly session: Session
  readonly slice: string | null
}

/** Every sign-in parses a text of its own, as posts do: two sessions never share a document. */
async function signIn(number: number, isCareless: boolean): Promise<Kept> {
  const document = documents[number % documents.length]
  const body = Buffer.from(document?.base64 ?? '', 'latin1').toString('latin1')
  const verdict = await judge({ encoding: 'base64', body }, await circumstances(requestIds))
  if (verdict.outcome === 'refused') throw new Error(`bench: refused, ${verdict.reason}`)
  const { session } = newSession(verdict, {
    now: startedAt,
    random: systemRandom,
    longest: LONGEST_SESSION,
    requestId: `request-${number}`,
  })
  const signedXml = verdict.verified.signedBytes.toString()
  return { session, slice: isCareless ? signedXml.slice(-200, -100) : null }
}

function heap(): number {
  if (globalThis.gc === undefined) throw new Error('bench: needs --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function bytesPerSession(isCareless: boolean): Promise<number> {
  const kept: Kept[] = []
  const before = heap()
  for (let i = 0; i < count; i++) kept.push(await signIn(i, isCareless))
  const bytes = (heap() - before) / count
  // still in use, so that it was not collected
  if (kept.length !== count) throw new Error('bench: sessions were lost')
  return bytes
}

await bytesPerSession(false) // what is compiled and cached on the way counts for no session
process.send?.({
  sessions: count,
  documentBytes: documents[0]?.xml.length ?? 0,
  bytesPerSession: await bytesPerSession(false),
  bytesPerCarelessSession: await bytesPerSession(true),
} satisfies Held)
process.disconnect?.()
