import { Refusal } from '../aadsts/reasons.ts'
import type { User } from '../directory/types.ts'
import type { Sealer } from '../lib/seal.ts'
import { fingerprint } from '../lib/secrets.ts'
import { credentialsOf, passwordStamp } from './password/credentials.ts'
import type { PasswordHasher } from './password/hash.ts'
import { originOf, type Sender } from './password/lockout.ts'
import type { CredentialStores, PendingStep, Want } from './password/ports.ts'
import type { PasswordProblem } from './password/rules.ts'
import { checkPassword, rememberBrowser, replacePassword } from './password/service.ts'
import type { Session } from './ports.ts'
import type { RequestIds, Signin } from './service.ts'
import { newPasswordSession } from './session.ts'
import type { NextStep, ProvenSession } from './steps.ts'
import { checkCode, enableTotp, readTotpSecret } from './totp/secondFactor.ts'
import { traceEntry } from './trace.ts'

export interface LocalParts {
  readonly stores: CredentialStores
  readonly hasher: PasswordHasher
  readonly sealer: Sealer
}

/** A step that waits, and whose it is. */
export interface WaitingStep {
  readonly step: PendingStep
  readonly user: User
}

/** Sign-ins that homerealm does itself, over the stores: passwords, and second factors whoever did the first. */
export type LocalSignin = ReturnType<typeof createLocalSignin>

/** What a verdict without an identity provider says of one. */
const elsewhere = { federation: null, assertionId: null } as const

export function createLocalSignin(signin: Signin, { stores, hasher, sealer }: LocalParts) {
  const { directory, clock, random } = signin
  const passwordParts = { ...stores, directory, hasher }
  const codeParts = { ...stores, sealer, random }

  return {
    /**
     * The first step of a managed user. Refuses as `checkPassword` does; a refusal is kept and told, as a right password is when
     * nothing more is wanted.
     */
    async signIn(
      sent: { readonly username: string; readonly password: string },
      arrival: RequestIds &
        Sender & {
          readonly returnTo: string
          readonly requiresMfa: boolean
        },
    ): Promise<NextStep & { readonly user: User }> {
      const now = clock()
      const { user, credentials, passwordHash } = await told('password', null, arrival, () =>
        checkPassword(sent, arrival, now, passwordParts),
      )
      const { requestId, returnTo } = arrival
      const longest = signin.settings.longestSession
      const session = newPasswordSession(user.id, { now, longest, requestId })
      const requiresMfa = arrival.requiresMfa || credentials.requireMfa
      const provenBy = passwordStamp({ passwordHash })
      const next = await told('password', user, arrival, () =>
        signin.goOn({ session, returnTo, requiresMfa, provenBy, stepsUp: null }),
      )
      await toldWhenOpen(next, user, arrival)
      return { ...next, user }
    },

    /** The browser of someone who came through is familiar from then on. */
    remember: (userId: string, browserHandle: string) =>
      rememberBrowser(userId, browserHandle, clock(), stores),

    /** The step that a browser's cookie stands for, when it waits for just that; null otherwise. */
    waiting,

    /** A code of the authenticator, or a recovery code. Refuses with `codeWrong` or `accountLocked`. */
    async answerCode(
      handle: string,
      code: string,
      arrival: RequestIds & Sender,
    ): Promise<NextStep | null> {
      const found = await waiting(handle, 'totp')
      if (found === null) return null
      const { user } = found
      const now = clock()
      const origin = await originOf(user.id, arrival, now, stores.familiarBrowsers)
      await told('secondFactor', user, arrival, () =>
        checkCode(user.id, code, origin, now, codeParts),
      )
      return goOnFrom(handle, user, arrival, withSecondFactor)
    },

    /** The secret that an enrolment shows, in base32. */
    secretOf: ({ step, user }: WaitingStep): string =>
      readTotpSecret(step.totpSecret ?? '', user.id, codeParts),

    /** The first code of a new authenticator: gives the recovery codes with the next step. Refuses with `codeWrong`. */
    async enrol(
      handle: string,
      code: string,
      ids: RequestIds,
    ): Promise<{ readonly recoveryCodes: readonly string[]; readonly next: NextStep } | null> {
      const found = await waiting(handle, 'enrolment')
      const sealed = found?.step.totpSecret ?? null
      if (found === null || sealed === null) return null
      const userId = found.user.id
      const recoveryCodes = await enableTotp({ userId, sealed, code }, clock(), codeParts)
      const next = await goOnFrom(handle, found.user, ids, withSecondFactor)
      return next && { recoveryCodes, next }
    },

    /** A new password in place of one that must be changed: what is wrong with it, or the next step. Other sessions end. */
    async changePassword(
      handle: string,
      password: string,
      ids: RequestIds,
    ): Promise<{ readonly kind: 'problem'; readonly problem: PasswordProblem } | NextStep | null> {
      const found = await waiting(handle, 'newPassword')
      if (found === null) return null
      const { user, step } = found
      const at = { provenBy: step.provenBy, now: clock() }
      const set = await replacePassword(user, password, at, passwordParts)
      if ('problem' in set) return { kind: 'problem', problem: set.problem }
      await signin.sessions.endSessionsOfUser(user.id, null)
      return goOnFrom(handle, user, ids, (proven) => ({ ...proven, provenBy: passwordStamp(set) }))
    },

    /** Someone who is signed in proves a second factor as well, or enrols the first one. */
    stepUp: (session: Session, returnTo: string): Promise<NextStep> =>
      signin.goOn({ session, returnTo, requiresMfa: true, provenBy: null, stepsUp: session.key }),

    hasSecondFactor: async (userId: string): Promise<boolean> =>
      (await credentialsOf(stores.credentials, userId)).totpSecret !== null,
  }

  async function waiting(handle: string | null, want: Want): Promise<WaitingStep | null> {
    const step = handle && (await stores.steps.step(fingerprint(handle), clock()))
    if (!step || step.wants !== want) return null
    const user = await directory.user(step.session.userId)
    return user?.accountEnabled && (await stillStands(step)) ? { step, user } : null
  }

  /** What a step was proven by: a password that was replaced, or a session that is over, leads no further. */
  async function stillStands({ provenBy, stepsUp, session }: PendingStep): Promise<boolean> {
    if (stepsUp !== null) return (await signin.sessions.session(stepsUp, clock())) !== null
    if (provenBy === null) return true
    return passwordStamp(await credentialsOf(stores.credentials, session.userId)) === provenBy
  }

  /** Takes the step, so that nobody goes on from it twice, and goes on. */
  async function goOnFrom(
    handle: string,
    user: User,
    ids: RequestIds,
    proven: (step: ProvenSession) => ProvenSession,
  ): Promise<NextStep | null> {
    const step = await stores.steps.takeStep(fingerprint(handle), clock())
    if (step === null) return null
    const next = await signin.goOn(proven(step))
    if (step.session.method === 'password') await toldWhenOpen(next, user, ids)
    return next
  }

  /** Runs a check whose refusal is kept and told before it goes on its way. */
  async function told<T>(
    check: string,
    user: User | null,
    ids: RequestIds,
    run: () => Promise<T>,
  ): Promise<T> {
    const startedAt = clock()
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { reason, evidence } = error
      const trace = [traceEntry(check, 'fail', evidence, reason)]
      const verdict = { ...elsewhere, outcome: 'refused', reason, trace } as const
      await signin.keepVerdict({ ...verdict, ...(user && { user }) }, ids, startedAt)
      throw error
    }
  }

  async function toldWhenOpen(next: NextStep, user: User, ids: RequestIds): Promise<void> {
    if (next.kind !== 'opened') return
    const checks = next.session.amr.includes('mfa') ? ['password', 'secondFactor'] : ['password']
    const trace = checks.map((check) => traceEntry(check, 'pass'))
    // The trace belongs to the request that the session names.
    const requestId = next.session.requestId
    const verdict = { ...elsewhere, outcome: 'signedIn', user, trace } as const
    await signin.keepVerdict(verdict, { ...ids, requestId }, clock())
  }
}

function withSecondFactor(proven: ProvenSession): ProvenSession {
  const amr = [...new Set([...proven.session.amr, 'mfa'])]
  return { ...proven, session: { ...proven.session, amr } }
}
