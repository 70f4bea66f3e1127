import { hours, type Instant } from '../lib/clock.ts'
import { newHandle, type RandomSource } from '../lib/ids.ts'
import { fingerprint } from '../lib/secrets.ts'
import type { SignedIn } from './circumstances.ts'
import type { Session } from './ports.ts'

/** Federated users sign in again after 12 hours at the latest, as at Entra. */
export const LONGEST_SESSION = hours(12)

/**
 * The session of an accepted sign-in, and the handle for the browser's cookie. It ends after `longest` milliseconds, or at
 * SessionNotOnOrAfter when that is earlier (SAML core 2.7.2). Every text is the verified one.
 */
export function newSession(
  verdict: SignedIn,
  at: {
    readonly now: Instant
    readonly random: RandomSource
    readonly longest: number
    readonly requestId: string
  },
): { readonly handle: string; readonly session: Session } {
  const handle = newHandle(at.random)
  const { assertion } = verdict.verified
  const [statement] = assertion.authnStatements
  const end = statement?.sessionNotOnOrAfter?.at ?? Number.POSITIVE_INFINITY
  return {
    handle,
    session: {
      key: fingerprint(handle),
      userId: verdict.user.id,
      method: 'federated',
      amr: verdict.secondFactor === 'byIdp' ? ['fed', 'mfa'] : ['fed'],
      federationId: verdict.federation.id,
      nameId: assertion.nameId?.value ?? '',
      nameIdFormat: assertion.nameId?.format ?? null,
      sessionIndex: statement?.sessionIndex ?? null,
      authnContextClassRef: statement?.classRef ?? null,
      authenticatedAt: statement?.authnInstant?.at ?? at.now,
      createdAt: at.now,
      expiresAt: Math.min(at.now + Math.min(at.longest, LONGEST_SESSION), end),
      claims: assertion.attributes.map(({ name, values }) => [name, values] as const),
      requestId: at.requestId,
    },
  }
}

/** The session of a right password. It ends after `longest` milliseconds. */
export function newPasswordSession(
  userId: string,
  at: { readonly now: Instant; readonly longest: number; readonly requestId: string },
): Session {
  return {
    // Made when the session is opened (steps.ts).
    key: '',
    userId,
    method: 'password',
    amr: ['pwd'],
    federationId: null,
    nameId: null,
    nameIdFormat: null,
    sessionIndex: null,
    authnContextClassRef: null,
    authenticatedAt: at.now,
    createdAt: at.now,
    expiresAt: at.now + Math.min(at.longest, LONGEST_SESSION),
    claims: [],
    requestId: at.requestId,
  }
}
