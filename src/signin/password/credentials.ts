import { fingerprint } from '../../lib/secrets.ts'
import type { CredentialStore, Credentials } from './ports.ts'

/** What a user has; of one for whom nothing was ever set, nothing. */
export async function credentialsOf(
  store: Pick<CredentialStore, 'credentials'>,
  userId: string,
): Promise<Credentials> {
  return (await store.credentials(userId)) ?? noCredentials(userId)
}

/** Changes what a user has, atomically; see `changeCredentials` of the port. */
export async function changeCredentials(
  store: Pick<CredentialStore, 'changeCredentials'>,
  userId: string,
  change: (before: Credentials) => Credentials | null,
): Promise<void> {
  await store.changeCredentials(userId, (before) => change(before ?? noCredentials(userId)))
}

/** What stands for a password in the `Basis` of a step; null when none is set. */
export function passwordStamp({ passwordHash }: Pick<Credentials, 'passwordHash'>): string | null {
  return passwordHash === null ? null : fingerprint(passwordHash)
}

function noCredentials(userId: string): Credentials {
  return {
    userId,
    passwordHash: null,
    passwordSetAt: null,
    mustChangePassword: false,
    totpSecret: null,
    totpEnabledAt: null,
    totpLastStep: null,
    recoveryCodes: [],
    requireMfa: false,
    isBreakGlass: false,
  }
}
