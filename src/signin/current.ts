import type { DirectoryReader } from '../directory/ports.ts'
import type { Federation, User } from '../directory/types.ts'
import type { Instant } from '../lib/clock.ts'
import { fingerprint } from '../lib/secrets.ts'
import type { Session, SessionStore } from './ports.ts'

/** Someone who is signed in. */
export interface SignedInPerson {
  readonly session: Session
  readonly user: User
  /** Null when they signed in with a password here. */
  readonly federation: Federation | null
}

/**
 * Whose session a cookie stands for; null for none. A session counts while its user is there and enabled, and the federation
 * that opened it still stands.
 */
export async function personOf(
  handle: string | null,
  now: Instant,
  stores: {
    readonly sessions: Pick<SessionStore, 'session'>
    readonly directory: Pick<DirectoryReader, 'user' | 'federation'>
  },
): Promise<SignedInPerson | null> {
  if (handle === null) return null
  const session = await stores.sessions.session(fingerprint(handle), now)
  if (session === null) return null
  const user = await stores.directory.user(session.userId)
  if (!user?.accountEnabled) return null
  if (session.federationId === null) return { session, user, federation: null }
  const federation = await stores.directory.federation(session.federationId)
  return federation?.isEnabled ? { session, user, federation } : null
}
