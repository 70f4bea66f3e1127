import { type FileHandle, open } from 'node:fs/promises'

/** Brings a write-ahead log to the disk bit by bit. */
export interface LogFlusher {
  /** What has been written by now is on its way when this resolves, and on the disk when the next call does. */
  flush(): Promise<void>
  close(): Promise<void>
}

/**
 * A large transaction leaves hundreds of megabytes for the one moment at which it commits, and whoever waits for the disk just then,
 * a sign-in that uses up its assertion for example, waits behind them. Flushed after every few of them, they never pile up. (SQLite
 * holds its locks on the other two files, so that opening and closing this one drops none:
 * https://sqlite.org/howtocorrupt.html section 2.2.)
 */
export function logFlusher(databaseFile: string): LogFlusher {
  let file: FileHandle | null = null
  let underWay: Promise<void> = Promise.resolve()
  return {
    async flush() {
      await underWay
      // The log is there once the first page has been written ahead.
      file ??= await open(`${databaseFile}-wal`, 'r+').catch(() => null)
      const log = file
      // Whatever fails here fails at the commit too, which tells it.
      if (log !== null) underWay = log.datasync().catch(() => undefined)
    },
    async close() {
      await underWay
      await file?.close()
    },
  }
}
