import { setTimeout as sleep } from 'node:timers/promises'
import { explained, isBusy } from './failures.ts'
import type { Connection } from './open.ts'

/** Pauses between attempts, in milliseconds; 50 from then on. */
const pauses = [1, 2, 5, 10, 20]

/**
 * Runs `work`, again and again while another connection holds the lock it needs, with pauses in which the process serves
 * others (and in which a transaction of this same process can come to its end). Rejects with `DatabaseError` when the
 * connection's patience ends, or when the file is what fails. `work` must be all or nothing.
 */
export async function patiently<T>({ file, patience }: Connection, work: () => T): Promise<T> {
  let waited = 0
  for (let attempt = 0; ; attempt += 1) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || waited >= patience) throw explained(error, file)
    }
    const pause = pauses[attempt] ?? 50
    await sleep(pause)
    waited += pause
  }
}
