import type { Act } from '../../directory/audit.ts'
import type { Instant } from '../../lib/clock.ts'
import type { Session } from '../ports.ts'

/** What one user can sign in with here, besides their identity provider. */
export interface Credentials {
  readonly userId: string
  /** As `passwordHasher` makes it; null when there is no password. */
  readonly passwordHash: string | null
  readonly passwordSetAt: Instant | null
  /** The next sign-in leads to the page that sets a new password. */
  readonly mustChangePassword: boolean
  /** The sealed TOTP secret; null when there is no second factor. */
  readonly totpSecret: string | null
  readonly totpEnabledAt: Instant | null
  /** Time step of the last code that was accepted: no code is good twice (RFC 6238 section 5.2). */
  readonly totpLastStep: number | null
  /** Fingerprints of the recovery codes that are left. */
  readonly recoveryCodes: readonly string[]
  /** Every sign-in of this user needs a second factor. */
  readonly requireMfa: boolean
  /** An account for the day when the identity provider cannot sign anybody in. */
  readonly isBreakGlass: boolean
}

export interface CredentialStore {
  /** Null when nothing was ever set. */
  credentials(userId: string): Promise<Credentials | null>
  /**
   * Reads, changes and writes in one atomic step. `change` does nothing but compute, since it may run again; null writes
   * nothing. What it throws is thrown, with nothing written. Durable. `by`: who does it, where it is not who usually does through
   * this store, for the audit (audited.ts).
   */
  changeCredentials(
    userId: string,
    change: (before: Credentials | null) => Credentials | null,
    by?: Act,
  ): Promise<void>
  /** Users with a second factor, or marked as break-glass, in the order of their ids. */
  credentialsWith(mark: 'totp' | 'breakGlass'): Promise<readonly Credentials[]>
}

/** Failed attempts under one key, since the last one that was right. */
export interface Attempts {
  readonly failures: number
  /** No attempt counts before this. */
  readonly lockedUntil: Instant
  /** Forgotten from here on. */
  readonly expiresAt: Instant
}

export interface AttemptStore {
  /** Reads, changes and writes in one atomic step; null is no record. Durable: a restart forgives nobody. */
  changeAttempts(
    key: string,
    change: (before: Attempts | null) => Attempts | null,
  ): Promise<Attempts | null>
  /** Every counter whose key is `owner`, a colon and whatever else. Durable. */
  forgetAttempts(owner: string): Promise<void>
}

/** Browsers that a user signed in with before. */
export interface FamiliarBrowsers {
  isFamiliar(userId: string, browser: string, now: Instant): Promise<boolean>
  rememberBrowser(userId: string, browser: string, expiresAt: Instant): Promise<void>
  /** None is familiar to this user any more. Durable. */
  forgetBrowsers(userId: string): Promise<void>
}

/** What a sign-in still wants when the first factor was right. */
export type Want = 'totp' | 'enrolment' | 'newPassword'

/** What a sign-in between its steps was proven by. It goes on only while that still holds. */
export interface Basis {
  /** Fingerprint of the password hash that the password was right for; null when the first factor was no password. */
  readonly provenBy: string | null
  /** Key of the session that is to get a second factor; null for a new sign-in. */
  readonly stepsUp: string | null
}

/** A sign-in between its first factor and its session. */
export interface PendingStep extends Basis {
  /** Fingerprint of the handle in the browser's cookie. */
  readonly key: string
  readonly wants: Want
  /** The session as it will be opened; its key is made then. */
  readonly session: Session
  /** The second factor is wanted by the user's or the app's flag, and not by its being there alone. */
  readonly requiresMfa: boolean
  /** The sealed TOTP secret that is about to be enrolled. */
  readonly totpSecret: string | null
  /** Same-origin path to go on to. */
  readonly returnTo: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

export interface StepStore {
  putStep(step: PendingStep): Promise<void>
  /** Null when unknown or over at `now`. */
  step(key: string, now: Instant): Promise<PendingStep | null>
  /** The same, and it is gone: of parallel calls one gets it. */
  takeStep(key: string, now: Instant): Promise<PendingStep | null>
}

/** Everything that is kept for sign-ins with a password or a second factor. */
export interface CredentialStores {
  readonly credentials: CredentialStore
  readonly attempts: AttemptStore
  readonly familiarBrowsers: FamiliarBrowsers
  readonly steps: StepStore
}
