import { refuse } from '../../aadsts/reasons.ts'
import type { Instant } from '../../lib/clock.ts'
import type { RandomSource } from '../../lib/ids.ts'
import type { Sealer } from '../../lib/seal.ts'
import { changeCredentials, credentialsOf } from '../password/credentials.ts'
import { admitAttempt, codeAttemptKey, forgiveAttempts } from '../password/lockout.ts'
import type { AttemptStore, CredentialStore } from '../password/ports.ts'
import { matchTotp, newTotpSecret } from './codes.ts'
import { newRecoveryCodes, recoveryFingerprint } from './recovery.ts'

export interface SecondFactorParts {
  readonly credentials: CredentialStore
  readonly attempts: AttemptStore
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
 * Makes a proposed secret the user's second factor, in place of an older one; gives the recovery codes, which are shown this
 * once. With a `code`, only when that is right (refuses with `codeWrong`): an admin at the command line has none.
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
  await changeCredentials(parts.credentials, userId, (before) => ({
    ...before,
    totpSecret: sealed,
    totpEnabledAt: now,
    totpLastStep: step,
    recoveryCodes: codes.map((each) => recoveryFingerprint(userId, each) ?? ''),
  }))
  return codes
}

export async function disableTotp(
  userId: string,
  { credentials }: SecondFactorParts,
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
  now: Instant,
  parts: SecondFactorParts,
): Promise<'totp' | 'recoveryCode'> {
  const key = codeAttemptKey(userId)
  const { isAdmitted } = await admitAttempt(parts.attempts, key, now)
  if (!isAdmitted) refuse('accountLocked', { expected: 'fewer wrong codes' })
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
  await forgiveAttempts(parts.attempts, key)
  return outcome.used
}
