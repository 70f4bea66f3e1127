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
import { type Columns, rowCodec, upsert } from './columns.ts'
import { keepingUnique } from './constraints.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'
import type { Together } from './together.ts'

const requestColumns: Columns<PendingRequest> = {
  id: 'plain',
  federationId: 'plain',
  loginHint: 'plain',
  browser: 'plain',
  returnTo: 'plain',
  requiresMfa: 'flag',
  askedForMfa: 'flag',
  createdAt: 'plain',
  expiresAt: 'plain',
}
const sessionColumns: Columns<Session> = {
  key: 'plain',
  userId: 'plain',
  method: 'plain',
  amr: 'json',
  federationId: 'plain',
  nameId: 'plain',
  nameIdFormat: 'plain',
  sessionIndex: 'plain',
  authnContextClassRef: 'plain',
  authenticatedAt: 'plain',
  createdAt: 'plain',
  expiresAt: 'plain',
  claims: 'json',
  requestId: 'plain',
}
const logoutColumns: Columns<PendingLogout> = {
  id: 'plain',
  federationId: 'plain',
  returnTo: 'plain',
  createdAt: 'plain',
  expiresAt: 'plain',
}
const traceColumns: Columns<KeptTrace> = {
  requestId: 'plain',
  correlationId: 'plain',
  at: 'plain',
  expiresAt: 'plain',
  outcome: 'plain',
  reason: 'plain',
  aadsts: 'plain',
  userPrincipalName: 'plain',
  federationId: 'plain',
  trace: 'json',
}

/**
 * Two connections to one database. What must survive a power failure goes through `durable`; the rest through `quick`, which does not
 * wait for the disk: a request, session or trace that is lost costs a person one more sign-in, and nothing else.
 */
export interface Connections {
  readonly durable: Connection
  readonly quick: Connection
  /** Single writes through each, those of the same moment in one transaction. */
  readonly durably: Together
  readonly quickly: Together
}

/** Pending requests and used-up assertions. */
export function sqliteSigninState(connections: Connections): SigninState {
  const { durable, quick, durably, quickly } = connections
  const codec = rowCodec(requestColumns)
  const insertRequest = quick.db.prepare(
    `INSERT INTO pending_requests (${codec.list}) VALUES (${codec.placeholders})`,
  )
  const request = durable.db.prepare(`SELECT ${codec.list} FROM pending_requests WHERE id = ?`)
  const used = durable.db
    .prepare('SELECT 1 FROM used_assertions WHERE federationId = ? AND assertionId = ?')
    .pluck()
  const useAssertion = durable.db.prepare(
    `INSERT INTO used_assertions (federationId, assertionId, rememberUntil) VALUES (?, ?, ?)
     ON CONFLICT (federationId, assertionId) DO NOTHING`,
  )
  const takeRequest = durable.db.prepare<[string, string | null, string, Instant]>(
    `DELETE FROM pending_requests
     WHERE id = ? AND browser = ? AND federationId = ? AND expiresAt > ?`,
  )

  /**
   * The assertion first, so that a repeated post is told that it is a replay and not that its request is unknown. Leaving early
   * leaves nothing behind: the request of a replay is not burnt, nor the assertion of an unknown request.
   */
  const consume = durable.db.transaction((use: Parameters<SigninState['consume']>[0]) => {
    const remembered = useAssertion.run(use.federationId, use.assertionId, use.rememberUntil)
    if (remembered.changes === 0) return 'responseReplayed'
    if (use.requestId === null) return 'consumed'
    const taken = takeRequest.run(use.requestId, use.browser, use.federationId, use.now)
    if (taken.changes === 0) throw new RequestUnknown()
    return 'consumed'
  })

  return {
    rememberRequest: (pending) =>
      quickly(() => {
        keepingUnique('the request', () => insertRequest.run(codec.values(pending)))
      }),
    pendingRequest: (id) =>
      patiently(durable, () => {
        const row = request.get(id)
        return row === undefined ? null : codec.record(row)
      }),
    wasUsed: (federationId, assertionId) =>
      patiently(durable, () => used.get(federationId, assertionId) !== undefined),
    consume: (use) =>
      durably(() => {
        try {
          return consume(use)
        } catch (error) {
          if (error instanceof RequestUnknown) return 'requestUnknown'
          throw error
        }
      }),
  }
}

/** Rolls the transaction of `consume` back. */
class RequestUnknown extends Error {}

/** Browser sessions. Their end is durable: who signed out stays out. */
export function sqliteSessions(connections: Connections): SessionStore {
  const { durable, quick, durably, quickly } = connections
  const codec = rowCodec(sessionColumns)
  const put = upsert(quick.db, 'sessions', codec)
  const get = quick.db.prepare(`SELECT ${codec.list} FROM sessions WHERE key = ? AND expiresAt > ?`)
  const end = durable.db.prepare('DELETE FROM sessions WHERE key = ?')
  const endOfUser = durable.db.prepare('DELETE FROM sessions WHERE userId = ? AND key IS NOT ?')
  const ofNameId = quick.db.prepare(
    `SELECT ${codec.list} FROM sessions WHERE federationId = ? AND nameId = ? ORDER BY key`,
  )
  return {
    sessionsOfNameId: (federationId, nameId) =>
      patiently(quick, () => ofNameId.all(federationId, nameId).map((row) => codec.record(row))),
    putSession: (session) =>
      quickly(() => {
        put.run(codec.values(session))
      }),
    session: (key, now) =>
      patiently(quick, () => {
        const row = get.get(key, now)
        return row === undefined ? null : codec.record(row)
      }),
    endSession: (key) =>
      durably(() => {
        end.run(key)
      }),
    endSessionsOfUser: (userId, except) =>
      patiently(durable, () => {
        endOfUser.run(userId, except)
      }),
  }
}

/** LogoutRequests that wait. One that is lost costs a page that says so. */
export function sqliteLogouts({ quick }: Connections): LogoutStore {
  const codec = rowCodec(logoutColumns)
  const put = upsert(quick.db, 'pending_logouts', codec)
  const take = quick.db.prepare(
    `DELETE FROM pending_logouts
     WHERE id = ? AND federationId = ? AND expiresAt > ? RETURNING ${codec.list}`,
  )
  return {
    rememberLogout: (logout) =>
      patiently(quick, () => {
        put.run(codec.values(logout))
      }),
    takeLogout: ({ id, federationId, now }) =>
      patiently(quick, () => {
        const row = take.get(id, federationId, now)
        return row === undefined ? null : codec.record(row)
      }),
  }
}

/** Traces for the admin. */
export function sqliteTraces({ quick, quickly }: Connections): TraceStore {
  const codec = rowCodec(traceColumns)
  const put = upsert(quick.db, 'traces', codec)
  const get = quick.db.prepare(
    `SELECT ${codec.list} FROM traces WHERE requestId = ? AND expiresAt > ?`,
  )
  return {
    keepTrace: (trace) =>
      quickly(() => {
        put.run(codec.values(trace))
      }),
    trace: (requestId, now) =>
      patiently(quick, () => {
        const row = get.get(requestId, now)
        return row === undefined ? null : codec.record(row)
      }),
  }
}
