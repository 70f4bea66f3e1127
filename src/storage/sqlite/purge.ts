import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Instant } from '../../lib/clock.ts'
import type { Retention } from '../retention.ts'
import type { PurgeCounts } from '../storage.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'

/** How many rows go in one transaction: a few milliseconds of work. */
const batchSize = 500

/** Makes the function that removes what is over; see retention.ts for what stays. */
export function purgeOn(
  connection: Connection,
  retention: Retention,
): (now: Instant) => Promise<PurgeCounts> {
  const overdue = (table: string, column: string) =>
    connection.db.prepare<[Instant]>(
      `DELETE FROM ${table} WHERE ${column} < ? ORDER BY ${column} LIMIT ${batchSize}`,
    )
  const requests = overdue('pending_requests', 'expiresAt')
  const assertions = overdue('used_assertions', 'rememberUntil')
  const sessions = overdue('sessions', 'expiresAt')
  const traces = overdue('traces', 'expiresAt')
  /** The expiry of the newest of the expired requests that are too many; nothing when they are not. */
  const surplus = connection.db
    .prepare<[Instant, number], Instant>(
      `SELECT expiresAt FROM pending_requests WHERE expiresAt <= ?
       ORDER BY expiresAt DESC LIMIT 1 OFFSET ?`,
    )
    .pluck()

  async function removeAll(statement: typeof requests, before: Instant): Promise<number> {
    let removed = 0
    for (;;) {
      const { changes } = await patiently(connection, () => statement.run(before))
      removed += changes
      if (changes < batchSize) return removed
      await nextTurn()
    }
  }

  return async (now) => {
    const tooMany = await patiently(connection, () =>
      surplus.get(now, retention.expiredRequestsAtMost),
    )
    const oldRequests = now - retention.expiredRequests
    const requestsBefore = tooMany === undefined ? oldRequests : Math.max(oldRequests, tooMany + 1)
    return {
      pendingRequests: await removeAll(requests, requestsBefore),
      usedAssertions: await removeAll(assertions, now - retention.usedAssertions),
      sessions: await removeAll(sessions, now),
      traces: await removeAll(traces, now),
    }
  }
}
