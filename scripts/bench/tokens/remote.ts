import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Measurable, median, type Sample } from '../measure.ts'
import { Client, keptAlive } from './client.ts'
import type { ContenderId, Deployed } from './contender.ts'
import { begin, end, exchange, prove } from './flows.ts'
import type { Said } from './server.ts'

/** So many browsers are on their way at once. */
const CONNECTIONS = 16

/** So many sign-ins go to the identity provider together. */
const BATCH = 64

/** A server in a process of its own, and how it is measured. Times are those of its process alone, not of who asks it. */
export interface Remote {
  /** Authorization with the session that is there, code, tokens. */
  readonly exchanges: Measurable
  /** A new browser each: authorization, sign-in, code, tokens. */
  readonly signIns: Measurable
  /** What each request of a sign-in takes, in order, with one browser at a time for so many milliseconds. */
  requests(milliseconds: number): Promise<readonly TimedRequest[]>
  close(): Promise<void>
}

/** Microseconds of the server's thread; the median. */
export interface TimedRequest {
  readonly name: string
  readonly time: number
}

export async function startRemote(id: ContenderId): Promise<Remote> {
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [id], {
    // oidc-provider warns of settings on standard output and error, and these belong to the tables.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const said = await heard(child)
  if (!('deployed' in said)) throw new Error(`bench: ${id} did not start`)
  const { deployed } = said
  const agent = keptAlive(CONNECTIONS)
  const browsers = await signedIn(deployed, agent)
  return {
    exchanges: measurable(child, (n) => exchange(deployed, browsers[n] ?? new Client(agent))),
    signIns: signInsOf(child, deployed, agent),
    requests: (milliseconds) => timedRequests(child, deployed, agent, milliseconds),
    async close() {
      agent.destroy()
      await heard(child, 'close')
    },
  }
}

async function signedIn(deployed: Deployed, agent: ReturnType<typeof keptAlive>) {
  const browsers = Array.from({ length: CONNECTIONS }, () => new Client(agent))
  for (const browser of browsers) await exchange(deployed, browser)
  return browsers
}

/** Work of `CONNECTIONS` clients side by side, each with one thing after the other. */
function measurable(child: ChildProcess, work: (client: number) => Promise<unknown>): Measurable {
  return {
    async measure(milliseconds): Promise<Sample> {
      const before = await timeOf(child)
      const end = performance.now() + milliseconds
      let responses = 0
      const one = async (_: unknown, client: number): Promise<void> => {
        do {
          await work(client)
          responses += 1
        } while (performance.now() < end)
      }
      await Promise.all(Array.from({ length: CONNECTIONS }, one))
      const after = await timeOf(child)
      return { responses, time: after.time - before.time, cpu: after.cpu - before.cpu }
    },
  }
}

/**
 * Whole sign-ins, a batch at a time: all go to the identity provider, it signs for all of them, and all come back. Signing takes longer
 * than what a server does for a sign-in: done in between, it would leave the server waiting, with its caches gone cold on a machine with
 * few cores.
 */
function signInsOf(
  child: ChildProcess,
  deployed: Deployed,
  agent: ReturnType<typeof keptAlive>,
): Measurable {
  return {
    async measure(milliseconds): Promise<Sample> {
      const until = performance.now() + milliseconds
      const sample = { responses: 0, time: 0, cpu: 0 }
      const counted = async <T>(work: () => Promise<T>): Promise<T> => {
        const before = await timeOf(child)
        const done = await work()
        const after = await timeOf(child)
        sample.time += after.time - before.time
        sample.cpu += after.cpu - before.cpu
        return done
      }
      do {
        const browsers = Array.from({ length: BATCH }, () => new Client(agent))
        const begun = await counted(() =>
          Promise.all(browsers.map((client) => begin(deployed, client))),
        )
        const proven = begun.map((each) => [each, prove(deployed, each)] as const)
        await counted(() => Promise.all(proven.map(([each, proof]) => end(deployed, each, proof))))
        sample.responses += BATCH
      } while (performance.now() < until)
      return sample
    },
  }
}

async function timedRequests(
  child: ChildProcess,
  deployed: Deployed,
  agent: ReturnType<typeof keptAlive>,
  milliseconds: number,
): Promise<readonly TimedRequest[]> {
  const times: { readonly name: string; readonly times: number[] }[] = []
  const asking = await timeOfAsking(child)
  const end = performance.now() + milliseconds
  do {
    let at = 0
    const client = new Client(agent, async (name, work) => {
      const before = await timeOf(child)
      const answer = await work()
      const { time } = await timeOf(child)
      times[at] ??= { name, times: [] }
      times[at]?.times.push(time - before.time - asking)
      at += 1
      return answer
    })
    await exchange(deployed, client)
  } while (performance.now() < end)
  return times.map((of) => ({ name: of.name, time: median(of.times) }))
}

/** What telling the time takes a server, which is no part of what it is asked for. */
async function timeOfAsking(child: ChildProcess): Promise<number> {
  const spans: number[] = []
  for (let n = 0; n < 200; n += 1) {
    const before = await timeOf(child)
    spans.push((await timeOf(child)).time - before.time)
  }
  return median(spans)
}

async function timeOf(child: ChildProcess) {
  const said = await heard(child, 'time')
  if (!('time' in said)) throw new Error('bench: a server told no time')
  return said
}

async function heard(child: ChildProcess, question?: 'time' | 'close'): Promise<Said> {
  const ended = new AbortController()
  const onExit = () => ended.abort()
  child.once('exit', onExit)
  try {
    if (question !== undefined) child.send(question)
    const [said] = (await once(child, 'message', { signal: ended.signal })) as [Said]
    return said
  } finally {
    child.off('exit', onExit)
  }
}
