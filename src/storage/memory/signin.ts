import { UniqueViolation } from '../../directory/errors.ts'
import type { Instant } from '../../lib/clock.ts'
import type {
  KeptTrace,
  LogoutStore,
  PendingLogout,
  PendingRequest,
  Session,
  SessionStore,
  SigninState,
  TraceStore,
} from '../../signin/ports.ts'
import { defaultRetention, type Retention } from '../retention.ts'
import type { PurgeCounts } from '../storage.ts'
import { compareTexts } from '../text.ts'

/** What sign-ins remember, in memory; it ends with the process. */
export interface MemorySignin {
  readonly signin: SigninState
  readonly sessions: SessionStore
  readonly traces: TraceStore
  readonly logouts: LogoutStore
  purge(
    now: Instant,
  ): Promise<
    Pick<PurgeCounts, 'pendingRequests' | 'usedAssertions' | 'sessions' | 'traces' | 'logouts'>
  >
}

/** Throws nothing; `retention` says how long what is over stays until a purge. */
export function memorySignin(retention: Retention = defaultRetention): MemorySignin {
  const pending = new Map<string, PendingRequest>()
  /** Until when it is remembered, by federation and assertion. */
  const used = new Map<string, Instant>()
  const sessions = new Map<string, Session>()
  const traces = new Map<string, KeptTrace>()
  const logouts = new Map<string, PendingLogout>()
  const usedKey = (federationId: string, assertionId: string) =>
    JSON.stringify([federationId, assertionId])

  return {
    signin: {
      async rememberRequest(request) {
        if (pending.has(request.id)) throw new UniqueViolation('id', 'the request')
        pending.set(request.id, request)
      },
      pendingRequest: async (id) => pending.get(id) ?? null,
      wasUsed: async (federationId, assertionId) => used.has(usedKey(federationId, assertionId)),
      async consume({ requestId, browser, federationId, assertionId, rememberUntil, now }) {
        const key = usedKey(federationId, assertionId)
        if (used.has(key)) return 'responseReplayed'
        if (requestId !== null) {
          const request = pending.get(requestId)
          const isAnswered =
            request !== undefined &&
            request.browser === browser &&
            request.federationId === federationId &&
            request.expiresAt > now
          if (!isAnswered) return 'requestUnknown'
          pending.delete(requestId)
        }
        used.set(key, rememberUntil)
        return 'consumed'
      },
    },
    logouts: {
      async rememberLogout(logout) {
        logouts.set(logout.id, logout)
      },
      async takeLogout({ id, federationId, now }) {
        const logout = unlessOver(logouts.get(id), now)
        if (logout?.federationId !== federationId) return null
        logouts.delete(id)
        return logout
      },
    },
    sessions: {
      sessionsOfNameId: async (federationId, nameId) =>
        [...sessions.values()]
          .filter((each) => each.federationId === federationId && each.nameId === nameId)
          .sort((a, b) => compareTexts(a.key, b.key)),
      async putSession(session) {
        sessions.set(session.key, session)
      },
      session: async (key, now) => unlessOver(sessions.get(key), now),
      async endSession(key) {
        sessions.delete(key)
      },
      async endSessionsOfUser(userId, except) {
        for (const { key, userId: owner } of sessions.values()) {
          if (owner === userId && key !== except) sessions.delete(key)
        }
      },
    },
    traces: {
      async keepTrace(trace) {
        traces.set(trace.requestId, trace)
      },
      trace: async (requestId, now) => unlessOver(traces.get(requestId), now),
    },
    async purge(now) {
      const expired = [...pending.values()].filter(({ expiresAt }) => expiresAt <= now)
      const requestsBefore = Math.max(
        now - retention.expiredRequests,
        endOfSurplus(expired, retention.expiredRequestsAtMost),
      )
      const tracesBefore = Math.max(now, endOfSurplus([...traces.values()], retention.tracesAtMost))
      return {
        pendingRequests: remove(pending, ({ expiresAt }) => expiresAt < requestsBefore),
        usedAssertions: remove(used, (until) => until < now - retention.usedAssertions),
        sessions: remove(sessions, ({ expiresAt }) => expiresAt < now),
        traces: remove(traces, ({ expiresAt }) => expiresAt < tracesBefore),
        logouts: remove(logouts, ({ expiresAt }) => expiresAt < now),
      }
    },
  }
}

/** What expires before this is more than the newest `most`; 0 when there are not so many. */
function endOfSurplus(records: readonly { readonly expiresAt: Instant }[], most: number): Instant {
  const newestFirst = records.map(({ expiresAt }) => expiresAt).sort((a, b) => b - a)
  return (newestFirst.at(most) ?? -1) + 1
}

function unlessOver<T extends { readonly expiresAt: Instant }>(
  record: T | undefined,
  now: Instant,
): T | null {
  return record !== undefined && record.expiresAt > now ? record : null
}

function remove<T>(records: Map<string, T>, isOver: (record: T) => boolean): number {
  let removed = 0
  for (const [key, record] of records) {
    if (!isOver(record)) continue
    records.delete(key)
    removed += 1
  }
  return removed
}
