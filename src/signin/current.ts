import type { DirectoryReader } from '../directory/ports.ts'
import type { Federation, User } from '../directory/types.ts'
import { principalNameDomain } from '../directory/upn.ts'
import type { Instant } from '../lib/clock.ts'
import { fingerprint } from '../lib/secrets.ts'
import { discoverRealm } from '../realm/discover.ts'
import type { Session, SessionStore } from './ports.ts'

/** Someone who is signed in. */
export interface SignedInPerson {
  readonly session: Session
  readonly user: User
  /** Null when they signed in with a password here. */
  readonly federation: Federation | null
}

/**
 * Whose session a cookie stands for; null for none. A session counts while what let the person in still holds: the user is there
 * and enabled, and their domain still signs in as it did then; for a federated one by that federation, with that ImmutableId.
 * Once it does not, the session is over for good.
 */
export async function personOf(
  handle: string | null,
  now: Instant,
  stores: {
    readonly sessions: Pick<SessionStore, 'session' | 'endSession'>
    readonly directory: Pick<DirectoryReader, 'user' | 'domain' | 'federation'>
  },
): Promise<SignedInPerson | null> {
  if (handle === null) return null
  const session = await stores.sessions.session(fingerprint(handle), now)
  if (session === null) return null
  const user = await stores.directory.user(session.userId)
  const federation = user?.accountEnabled
    ? await standingFederation(session, user, stores.directory)
    : undefined
  if (user && federation !== undefined) return { session, user, federation }
  await stores.sessions.endSession(session.key)
  return null
}

/**
 * The federation that opened a session; null when a password did. Undefined when a session could not be opened so any more, and
 * neither it nor what was made of it counts.
 */
export async function standingFederation(
  session: Pick<Session, 'federationId' | 'nameId'>,
  user: User,
  directory: Pick<DirectoryReader, 'domain' | 'federation'>,
): Promise<Federation | null | undefined> {
  const domain = principalNameDomain(user.userPrincipalName)
  const realm = domain === null ? null : await discoverRealm(directory, domain)
  if (session.federationId === null) return realm?.kind === 'managed' ? null : undefined
  const isSame =
    realm?.kind === 'federated' &&
    realm.federation.id === session.federationId &&
    user.onPremisesImmutableId === session.nameId
  return isSame ? realm.federation : undefined
}
