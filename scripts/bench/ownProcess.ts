import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Contender, Runner } from './contender.ts'
import type { BenchDocument, Kind } from './documents.ts'
import type { Sample } from './measure.ts'

/** What is asked of the process of a contender, one thing at a time. */
export type Question =
  | {
      readonly ask: 'open'
      readonly contender: string
      readonly kind: Kind
      readonly documents: readonly BenchDocument[]
    }
  | { readonly ask: 'measure'; readonly milliseconds: number }
  | { readonly ask: 'accepts'; readonly document: BenchDocument; readonly base64: string }

export type Answer =
  | { readonly opened: boolean }
  | { readonly sample: Sample }
  | { readonly accepted: boolean }
  | { readonly error: string }

/** A contender that runs somewhere else, until `end`. */
export type RemoteContender = Contender & { end(): void }

/**
 * The same contender in a Node process of its own, started when it is first needed and warm from then on. Side by side in one process
 * they would pay for each other: one's garbage is collected in the other's time, and code that both run is compiled for the mixture.
 * One that starts a process itself stays as it is.
 */
export function inOwnProcess(contender: Contender): RemoteContender {
  if (contender.startsProcess) return { ...contender, end() {} }
  let worker: ChildProcess | null = null
  return {
    ...contender,
    async open(kind, documents) {
      worker ??= fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [], {
        serialization: 'advanced',
        // samlify writes to standard output, which belongs to the tables here
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      const answer = await asked(worker, { ask: 'open', contender: contender.id, kind, documents })
      return 'opened' in answer && answer.opened ? runner(contender.id, worker) : null
    },
    end: () => void worker?.kill(),
  }
}

function runner(id: string, worker: ChildProcess): Runner {
  return {
    async measure(milliseconds) {
      const answer = await asked(worker, { ask: 'measure', milliseconds })
      if (!('sample' in answer)) throw new Error(`bench: ${id} did not measure`)
      return answer.sample
    },
    async accepts(document, base64) {
      const answer = await asked(worker, { ask: 'accepts', document, base64 })
      return 'accepted' in answer && answer.accepted
    },
  }
}

async function asked(worker: ChildProcess, question: Question): Promise<Answer> {
  const ended = new AbortController()
  const onExit = () => ended.abort()
  worker.once('exit', onExit)
  try {
    worker.send(question)
    const [answer] = (await once(worker, 'message', { signal: ended.signal })) as [Answer]
    if ('error' in answer) throw new Error(answer.error)
    return answer
  } finally {
    worker.off('exit', onExit)
  }
}
