import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditRecord, AuditStore } from '../../directory/audit.ts'
import type { Log } from '../../observe/log.ts'

/** Attempts for one record, a second apart; each waits for an import to end as long as the storage's patience goes. */
const mostAttempts = 20

/** Records of the audit on their way. */
export interface AuditLine {
  /** Returns at once: no sign-in waits for whoever writes to the directory just then. */
  keep(record: Omit<AuditRecord, 'id'>): Promise<void>
  /** All are written, or told of in the log; from here on each is tried once more only. */
  settled(): Promise<void>
}

/** Writes the server's records in the order of the changes. One that cannot be written at last is told in the log, whole. */
export function auditLine(
  audit: Pick<AuditStore, 'add'>,
  log: Pick<Log, 'error'>,
  pause = 1000,
): AuditLine {
  let last: Promise<void> = Promise.resolve()
  let isEnding = false

  async function write(record: Omit<AuditRecord, 'id'>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await audit.add(record)
        return
      } catch (error) {
        if (attempt < mostAttempts && !isEnding) {
          await sleep(pause)
          continue
        }
        log.error({ err: error, event: 'audit', record }, 'a change could not be recorded')
        return
      }
    }
  }

  return {
    async keep(record) {
      last = last.then(() => write(record))
    },
    async settled() {
      isEnding = true
      await last
    },
  }
}
