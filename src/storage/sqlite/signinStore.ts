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
import type { Writes } from './together.ts'

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
 * The file of the sign-ins. What must survive a power failure is written `durably`; the rest `quickly`, without waiting for the disk: a
 * request, session or trace that is lost costs a person one more sign-in, and nothing else. What is written past both is durable.
 */
export interface SigninFile extends Writes {
  readonly connection: Connection
}

/** Pending requests and used-up assertions. */
export function sqliteSigninState({ connection, durably, quickly }: SigninFile): SigninState {
  const { db } = connection
  const codec = rowCodec(requestColumns)
  const insertRequest = db.prepare(
    `INSERT INTO pending_requests (${codec.list}) VALUES (${codec.placeholders})`,
  )
  const request = db.prepare(`SELECT ${codec.list} FROM pending_requests WHERE id = ?`)
  const used = db
    .prepare('SELECT 1 FROM used_assertions WHERE federationId = ? AND assertionId = ?')
    .pluck()
  const useAssertion = db.prepare(
    `INSERT INTO used_assertions (federationId, assertionId, rememberUntil) VALUES (?, ?, ?)
     ON CONFLICT (federationId, assertionId) DO NOTHING`,
  )
  const takeRequest = db.prepare<[string, string | null, string, Instant]>(
    `DELETE FROM pending_requests
     WHERE id = ? AND browser = ? AND federationId = ? AND expiresAt > ?`,
  )

  /**
   * The assertion first, so that a repeated post is told that it is a replay and not that its request is unknown. Leaving early
   * leaves nothing behind: the request of a replay is not burnt, nor the assertion of an unknown request.
   */
  const consume = db.transaction((use: Parameters<SigninState['consume']>[0]) => {
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
      patiently(connection, () => {
        const row = request.get(id)
        return row === undefined ? null : codec.record(row)
      }),
    wasUsed: (federationId, assertionId) =>
      patiently(connection, () => used.get(federationId, assertionId) !== undefined),
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
export function sqliteSessions({ connection, durably, quickly }: SigninFile): SessionStore {
  const { db } = connection
  const codec = rowCodec(sessionColumns)
  const put = upsert(db, 'sessions', codec)
  const get = db.prepare(`SELECT ${codec.list} FROM sessions WHERE key = ? AND expiresAt > ?`)
  const end = db.prepare('DELETE FROM sessions WHERE key = ?')
  const endOfUser = db.prepare('DELETE FROM sessions WHERE userId = ? AND key IS NOT ?')
  const ofNameId = db.prepare(
    `SELECT ${codec.list} FROM sessions WHERE federationId = ? AND nameId = ? ORDER BY key`,
  )
  return {
    sessionsOfNameId: (federationId, nameId) =>
      patiently(connection, () =>
        ofNameId.all(federationId, nameId).map((row) => codec.record(row)),
      ),
    putSession: (session) =>
      quickly(() => {
        put.run(codec.values(session))
      }),
    session: (key, now) =>
      patiently(connection, () => {
        const row = get.get(key, now)
        return row === undefined ? null : codec.record(row)
      }),
    endSession: (key) =>
      durably(() => {
        end.run(key)
      }),
    endSessionsOfUser: (userId, except) =>
      durably(() => {
        endOfUser.run(userId, except)
      }),
  }
}

/** LogoutRequests that wait. One that is lost costs a page that says so. */
export function sqliteLogouts({ connection, quickly }: SigninFile): LogoutStore {
  const { db } = connection
  const codec = rowCodec(logoutColumns)
  const put = upsert(db, 'pending_logouts', codec)
  const take = db.prepare(
    `DELETE FROM pending_logouts
     WHERE id = ? AND federationId = ? AND expiresAt > ? RETURNING ${codec.list}`,
  )
  return {
    rememberLogout: (logout) =>
      quickly(() => {
        put.run(codec.values(logout))
      }),
    takeLogout: ({ id, federationId, now }) =>
      quickly(() => {
        const row = take.get(id, federationId, now)
        return row === undefined ? null : codec.record(row)
      }),
  }
}

/** Traces for the admin. */
export function sqliteTraces({ connection, quickly }: SigninFile): TraceStore {
  const { db } = connection
  const codec = rowCodec(traceColumns)
  const put = upsert(db, 'traces', codec)
  const get = db.prepare(`SELECT ${codec.list} FROM traces WHERE requestId = ? AND expiresAt > ?`)
  return {
    keepTrace: (trace) =>
      quickly(() => {
        put.run(codec.values(trace))
      }),
    trace: (requestId, now) =>
      patiently(connection, () => {
        const row = get.get(requestId, now)
        return row === undefined ? null : codec.record(row)
      }),
  }
}
