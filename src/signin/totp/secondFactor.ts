import { refuse } from '../../aadsts/reasons.ts'
import type { Instant } from '../../lib/clock.ts'
import type { RandomSource } from '../../lib/ids.ts'
import type { Sealer } from '../../lib/seal.ts'
import { changeCredentials, credentialsOf } from '../password/credentials.ts'
import { admitAttempt, codeCounters, forgiveAttempts, type Origin } from '../password/lockout.ts'
import type { AttemptStore, CredentialStore, FamiliarBrowsers } from '../password/ports.ts'
import { matchTotp, newTotpSecret } from './codes.ts'
import { newRecoveryCodes, recoveryFingerprint } from './recovery.ts'

export interface SecondFactorParts {
  readonly credentials: CredentialStore
  readonly attempts: AttemptStore
  readonly familiarBrowsers: FamiliarBrowsers
  readonly sealer: Sealer
  readonly random: RandomSource
}

const contextOf = (userId: string): string => `totp secret of ${userId}`

/** A new TOTP secret for a user, sealed; it counts for nothing until `enableTotp`. */
export function proposeTotp(userId: string, { sealer, random }: SecondFactorParts): string {
  return sealer.seal(newTotpSecret(random), contextOf(userId))
}

/** A proposed secret as its user must see it, in base32. */
export function readTotpSecret(
  sealed: string,
  userId: string,
  { sealer }: SecondFactorParts,
): string {
  return sealer.open(sealed, contextOf(userId))
}

/**
 * Makes a proposed secret the user's second factor; gives the recovery codes, which are shown this once. The user's own enrolment has
 * a `code`, which must be right (refuses with `codeWrong`), and there must be no second factor yet (`requestExpired`): one that was
 * set up meanwhile is not replaced by whoever began earlier. An admin at the command line has none, and replaces.
 */
export async function enableTotp(
  enrolment: { readonly userId: string; readonly sealed: string; readonly code: string | null },
  now: Instant,
  parts: SecondFactorParts,
): Promise<readonly string[]> {
  const { userId, sealed, code } = enrolment
  const secret = readTotpSecret(sealed, userId, parts)
  const step = code === null ? null : matchTotp(secret, code, { now, lastStep: null })
  if (code !== null && step === null)
    refuse('codeWrong', { expected: 'the code of the new secret' })
  const codes = newRecoveryCodes(parts.random)
  await changeCredentials(parts.credentials, userId, (before) => {
    if (code !== null && before.totpSecret !== null) {
      refuse('requestExpired', { expected: 'no second factor yet', actual: 'one' })
    }
    return {
      ...before,
      totpSecret: sealed,
      totpEnabledAt: now,
      totpLastStep: step,
      recoveryCodes: codes.map((each) => recoveryFingerprint(userId, each) ?? ''),
    }
  })
  // Whoever knew the password could have made many, each with guesses of its own.
  await parts.familiarBrowsers.forgetBrowsers(userId)
  return codes
}

export async function disableTotp(
  userId: string,
  { credentials }: Pick<SecondFactorParts, 'credentials'>,
): Promise<void> {
  await changeCredentials(credentials, userId, (before) => ({
    ...before,
    totpSecret: null,
    totpEnabledAt: null,
    totpLastStep: null,
    recoveryCodes: [],
  }))
}

/**
 * Accepts a code of the user's authenticator or one of their recovery codes, and uses it up. Refuses with `codeWrong`, which says
 * nothing about why, and with `accountLocked` after too many.
 */
export async function checkCode(
  userId: string,
  code: string,
  origin: Origin,
  now: Instant,
  parts: SecondFactorParts,
): Promise<'totp' | 'recoveryCode'> {
  const counters = codeCounters(userId, origin)
  const admission = await admitAttempt(parts.attempts, counters, now)
  if (!admission.isAdmitted) refuse(admission.reason, { expected: 'fewer wrong codes' })
  const { totpSecret } = await credentialsOf(parts.credentials, userId)
  if (totpSecret === null) refuse('codeWrong', { expected: 'a second factor', actual: 'none' })
  const secret = readTotpSecret(totpSecret, userId, parts)
  const recovery = recoveryFingerprint(userId, code)

  const outcome: { used: 'totp' | 'recoveryCode' | null } = { used: null }
  // Judged inside the write, so that one code sent twice at once is good once.
  await changeCredentials(parts.credentials, userId, (before) => {
    outcome.used = null
    if (before.totpSecret !== totpSecret) return null
    const step = matchTotp(secret, code, { now, lastStep: before.totpLastStep })
    if (step !== null) {
      outcome.used = 'totp'
      return { ...before, totpLastStep: step }
    }
    if (recovery === null || !before.recoveryCodes.includes(recovery)) return null
    outcome.used = 'recoveryCode'
    return { ...before, recoveryCodes: before.recoveryCodes.filter((each) => each !== recovery) }
  })
  if (outcome.used === null) refuse('codeWrong', { expected: 'an unused code of now' })
  await forgiveAttempts(parts.attempts, counters)
  return outcome.used
}
