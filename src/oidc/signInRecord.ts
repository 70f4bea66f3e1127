import type { User } from '../directory/types.ts'
import { standingFederation } from '../signin/current.ts'
import type { Session } from '../signin/ports.ts'
import type { OidcParts } from './deps.ts'
import { groupsOf } from './groups.ts'
import type { Person } from './person.ts'

/** The kind of record that keeps, under the id of a grant, the sign-in behind it. */
const SIGN_IN = 'SignIn'

type RecordParts = Pick<OidcParts, 'records' | 'clock'>
type StandingParts = RecordParts & Pick<OidcParts, 'directory' | 'credentials'>

/** What a sign-in said, and what it rests on: for tokens that are made when its session is long over. */
export interface SignInRecord extends Pick<Session, 'federationId' | 'nameId'> {
  /** When the password was set that the person signed in with; null after a federated sign-in. */
  readonly passwordSetAt: number | null
  readonly groups: readonly string[]
}

/** Keeps the sign-in that opened this session with a grant to an app. `expiresAt` is the end of the grant. */
export async function keepSignIn(
  parts: StandingParts,
  person: Person,
  grant: { readonly grantId: string; readonly clientId: string; readonly expiresAt: number },
): Promise<void> {
  await parts.records.put({
    kind: SIGN_IN,
    id: grant.grantId,
    payload: await payloadOf(parts, person),
    userCode: null,
    consumedAt: null,
    ...grant,
  })
}

/** Whether just that is kept with the grant already. */
export async function hasKept(
  parts: StandingParts,
  grantId: string,
  person: Person,
): Promise<boolean> {
  const kept = await parts.records.find(SIGN_IN, grantId, parts.clock())
  return kept !== null && kept.payload === (await payloadOf(parts, person))
}

async function payloadOf(parts: StandingParts, person: Person): Promise<string> {
  const { session } = person
  const { federationId, nameId } = session
  const record: SignInRecord = {
    federationId,
    nameId,
    passwordSetAt: await passwordSetAt(parts, session, session.userId),
    groups: groupsOf(person),
  }
  return JSON.stringify(record)
}

/**
 * Whether the sign-in behind a grant (null for none) would still be one: the person's domain signs in as it did then, by that federation and with
 * that ImmutableId, or with the password that is still the same. What ends a session ends its tokens with it.
 */
export async function signInStands(
  parts: StandingParts,
  record: SignInRecord | null,
  user: User,
): Promise<boolean> {
  if (record === null) return false
  if ((await standingFederation(record, user, parts.directory)) === undefined) return false
  return record.passwordSetAt === (await passwordSetAt(parts, record, user.id))
}

/** The sign-in behind a grant; null for none. */
export async function keptSignIn(
  { records, clock }: RecordParts,
  grantId: string,
): Promise<SignInRecord | null> {
  const kept = await records.find(SIGN_IN, grantId, clock())
  return kept === null ? null : (JSON.parse(kept.payload) as SignInRecord)
}

async function passwordSetAt(
  { credentials }: Pick<OidcParts, 'credentials'>,
  { federationId }: Pick<Session, 'federationId'>,
  userId: string,
): Promise<number | null> {
  if (federationId !== null) return null
  return (await credentials.credentials(userId))?.passwordSetAt ?? null
}
