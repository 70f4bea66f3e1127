import { refuse } from '../aadsts/reasons.ts'
import { minutes } from '../lib/clock.ts'
import { newHandle, type RandomSource } from '../lib/ids.ts'
import { fingerprint } from '../lib/secrets.ts'
import { passwordStamp } from './password/credentials.ts'
import type { Basis, Credentials, PendingStep, StepStore, Want } from './password/ports.ts'
import type { Session, SessionStore } from './ports.ts'

/** A sign-in waits this long for its next step. */
export const STEP_LIFETIME = minutes(10)

/** A session that may be opened when nothing more is wanted of the person. */
export interface ProvenSession extends Basis {
  readonly session: Session
  readonly returnTo: string
  /** A second factor must be among its `amr`, because of the user's flag or the app's. */
  readonly requiresMfa: boolean
}

/** The session is open, or one more step is to be done first. Either way the handle belongs into its cookie. */
export type NextStep =
  | {
      readonly kind: 'opened'
      readonly handle: string
      readonly session: Session
      readonly returnTo: string
    }
  | { readonly kind: 'wants'; readonly want: Want; readonly handle: string }

/**
 * What is still wanted, in order: the second factor, then a new password. Who signs in with a password is asked for the second
 * factor whenever there is one, and enrols one where it is required; a federated sign-in comes here with the question decided
 * by its judgement.
 */
export function wantOf(
  { session, requiresMfa }: Pick<ProvenSession, 'session' | 'requiresMfa'>,
  credentials: Credentials,
): Want | null {
  const isPassword = session.method === 'password'
  const hasTotp = credentials.totpSecret !== null
  if (!session.amr.includes('mfa')) {
    if (hasTotp && (isPassword || requiresMfa)) return 'totp'
    if (requiresMfa) return 'enrolment'
  }
  return isPassword && credentials.mustChangePassword ? 'newPassword' : null
}

/**
 * Opens the session, or keeps the sign-in for its next step. `totpSecret` is the sealed one to enrol. Refuses with `passwordWrong`
 * a password that was replaced while it was looked at.
 */
export async function proceed(
  proven: ProvenSession,
  credentials: Credentials,
  surroundings: {
    readonly now: number
    readonly random: RandomSource
    readonly sessions: SessionStore
    readonly steps: StepStore
    readonly proposeTotp: (userId: string) => string
  },
): Promise<NextStep> {
  const { now, random, sessions, steps } = surroundings
  if (proven.provenBy !== null && proven.provenBy !== passwordStamp(credentials)) {
    refuse('passwordWrong', { expected: 'the password of now', actual: 'one that was replaced' })
  }
  const handle = newHandle(random)
  const key = fingerprint(handle)
  const want = wantOf(proven, credentials)
  if (want === null) {
    const session = { ...proven.session, key }
    await sessions.putSession(session)
    return { kind: 'opened', handle, session, returnTo: proven.returnTo }
  }
  const step: PendingStep = {
    key,
    wants: want,
    session: proven.session,
    requiresMfa: proven.requiresMfa,
    returnTo: proven.returnTo,
    provenBy: proven.provenBy,
    stepsUp: proven.stepsUp,
    totpSecret: want === 'enrolment' ? surroundings.proposeTotp(proven.session.userId) : null,
    createdAt: now,
    expiresAt: now + STEP_LIFETIME,
  }
  await steps.putStep(step)
  return { kind: 'wants', want, handle }
}
