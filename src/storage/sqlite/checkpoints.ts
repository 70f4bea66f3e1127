import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { seconds } from '../../lib/clock.ts'
import type { Connection } from './open.ts'

const every = seconds(1)
/** Pages in the log at which a commit writes them back itself: SQLite's own number, and the one while a thread does it. */
const ownPages = 1000
const ownPagesBesideThread = 4000

/** A connection of its own; whatever fails here fails in a commit too, which tells it. */
const checkpointing = `
  const { workerData: { library, file, every, stop } } = require('node:worker_threads')
  const Database = require(library)
  const db = new Database(file, { fileMustExist: true, timeout: 0 })
  db.pragma('synchronous = FULL')
  while (Atomics.wait(stop, 0, 0, every) === 'timed-out') {
    try { db.pragma('wal_checkpoint(PASSIVE)') } catch {}
  }
  db.close()
`

export interface Checkpoints {
  /** Ends the thread; before the connections are closed. A second call does nothing. */
  stop(): Promise<void>
}

/**
 * Has a thread write the log of the connection's file back into it, once a second. SQLite lets the commit that fills the log do so, with
 * syncs of both files: one sign-in in a hundred would wait for them, and with it everybody whom the process serves, for long when an import
 * keeps the disk busy. Nobody waits for a passive checkpoint (https://sqlite.org/c3ref/wal_checkpoint_v2.html). A log that the thread does
 * not keep up with is written back by a commit as ever; so is every log when the thread cannot run.
 */
export function checkpointsApart({ db, file }: Connection): Checkpoints {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const library = createRequire(import.meta.url).resolve('better-sqlite3')
  const worker = new Worker(checkpointing, {
    eval: true,
    workerData: { library, file, every, stop },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  })
  const atPages = (pages: number) => {
    if (db.open) db.pragma(`wal_autocheckpoint = ${pages}`)
  }
  worker.once('online', () => atPages(ownPagesBesideThread))
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve())
    worker.once('error', () => {
      atPages(ownPages)
      resolve()
    })
  })
  // It keeps no process alive that has nothing else to do.
  worker.unref()
  return {
    stop() {
      worker.ref()
      Atomics.store(stop, 0, 1)
      Atomics.notify(stop, 0)
      return ended
    },
  }
}
