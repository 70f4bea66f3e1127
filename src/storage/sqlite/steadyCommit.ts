import { closeSync, openSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { explaining } from './failures.ts'
import type { Connection } from './open.ts'

/** The main thread is inside SQLite meanwhile, so that another must call. */
const flushing = `
  const { workerData: { descriptors, stop } } = require('node:worker_threads')
  const { fdatasyncSync } = require('node:fs')
  while (Atomics.wait(stop, 0, 0, 1) === 'timed-out') for (const each of descriptors) fdatasyncSync(each)
`

/** Of database files, by path; never closed (see below). */
const databaseDescriptors = new Map<string, number>()

/**
 * Commits a large transaction, writes the log back into the database, and cuts it. SQLite does each in one go with one sync at its end, for
 * which everybody who waits for the disk would wait, a sign-in that uses up its assertion for example; a thread that syncs all along keeps the
 * pile small. Throws what the commit throws; readers who still need the log keep it from being cut, and nothing is lost by that.
 *
 * The database's descriptor is never closed while the process lives: that would drop the locks which SQLite holds on the file in this
 * process (https://sqlite.org/howtocorrupt.html section 2.2). It holds none on the log.
 */
export async function commitSteadily({ db, file }: Connection): Promise<void> {
  const database = databaseDescriptors.get(file) ?? openSync(file, 'r+')
  databaseDescriptors.set(file, database)
  const log = openSync(`${file}-wal`, 'r+')
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const descriptors = [log, database]
  const worker = new Worker(flushing, { eval: true, workerData: { descriptors, stop } })
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve())
    // Without it all is done as well, only less steadily.
    worker.once('error', () => resolve())
  })
  await Promise.race([ended, new Promise<void>((resolve) => worker.once('online', resolve))])
  try {
    db.pragma('wal_autocheckpoint = 0')
    explaining(file, () => db.exec('COMMIT'))
    db.pragma('wal_checkpoint(PASSIVE)')
    db.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    Atomics.store(stop, 0, 1)
    Atomics.notify(stop, 0)
    await ended
    closeSync(log)
  }
}
