import { setImmediate as nextTurn } from 'node:timers/promises'
import { hours, type Instant } from '../../lib/clock.ts'
import type { Retention } from '../retention.ts'
import type { PurgeCounts } from '../storage.ts'
import { patiently } from './patience.ts'
import type { SigninFile } from './signinStore.ts'

/** How many rows go in one transaction: a few milliseconds of work. */
const batchSize = 500

/** Makes the function that removes what is over; see retention.ts for what stays. */
export function purgeOn(
  { connection, quickly }: SigninFile,
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
  const providerRecords = overdue('provider_records', 'expiresAt')
  const attempts = overdue('attempts', 'expiresAt')
  const familiarBrowsers = overdue('familiar_browsers', 'expiresAt')
  const steps = overdue('pending_steps', 'expiresAt')
  const logouts = overdue('pending_logouts', 'expiresAt')
  const signinCounts = overdue('signin_counts', 'day')
  /** The expiry of the newest of the records that are too many; nothing when they are not. */
  const surplus = (table: string) =>
    connection.db
      .prepare<[Instant, number], Instant>(
        `SELECT expiresAt FROM ${table} WHERE expiresAt <= ?
         ORDER BY expiresAt DESC LIMIT 1 OFFSET ?`,
      )
      .pluck()
  const surplusRequests = surplus('pending_requests')
  const surplusTraces = surplus('traces')

  async function removeAll(statement: typeof requests, before: Instant): Promise<number> {
    let removed = 0
    for (;;) {
      const { changes } = await quickly(() => statement.run(before))
      removed += changes
      if (changes < batchSize) return removed
      await nextTurn()
    }
  }

  return async (now) => {
    const endOf = (statement: typeof surplusRequests, until: Instant, most: number) =>
      patiently(connection, () => (statement.get(until, most) ?? -1) + 1)
    const requestsBefore = Math.max(
      now - retention.expiredRequests,
      await endOf(surplusRequests, now, retention.expiredRequestsAtMost),
    )
    const tracesBefore = Math.max(
      now,
      await endOf(surplusTraces, Number.MAX_SAFE_INTEGER, retention.tracesAtMost),
    )
    return {
      pendingRequests: await removeAll(requests, requestsBefore),
      usedAssertions: await removeAll(assertions, now - retention.usedAssertions),
      sessions: await removeAll(sessions, now),
      traces: await removeAll(traces, tracesBefore),
      providerRecords: await removeAll(providerRecords, now),
      attempts: await removeAll(attempts, now),
      familiarBrowsers: await removeAll(familiarBrowsers, now),
      steps: await removeAll(steps, now),
      logouts: await removeAll(logouts, now),
      signinCounts: await removeAll(
        signinCounts,
        Math.floor(now / hours(24)) - retention.signinCountDays,
      ),
    }
  }
}
