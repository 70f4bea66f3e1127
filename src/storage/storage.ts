/**
 * storage/: keeps the directory and what sign-ins remember, behind the ports of directory/, signin/ and oidc/. It must not know
 * the rules over them, SAML, HTTP or the machine's clock.
 */
import type { DirectoryStore } from '../directory/ports.ts'
import type { Tenant } from '../directory/types.ts'
import type { Instant } from '../lib/clock.ts'
import type { AppStore, KeyStore, ProviderRecords } from '../oidc/ports.ts'
import type { CredentialStores } from '../signin/password/ports.ts'
import type {
  LogoutStore,
  SessionStore,
  SigninCounts,
  SigninState,
  TraceStore,
} from '../signin/ports.ts'

/** How many records a purge removed, by kind. */
export interface PurgeCounts {
  readonly pendingRequests: number
  readonly usedAssertions: number
  readonly sessions: number
  readonly traces: number
  readonly providerRecords: number
  readonly attempts: number
  readonly familiarBrowsers: number
  readonly steps: number
  readonly logouts: number
  readonly signinCounts: number
}

/** Everything that a deployment keeps, in one place. */
export interface Storage extends CredentialStores {
  readonly directory: DirectoryStore
  readonly signin: SigninState
  readonly sessions: SessionStore
  readonly traces: TraceStore
  readonly logouts: LogoutStore
  readonly signinCounts: SigninCounts
  readonly apps: AppStore
  readonly keys: KeyStore
  readonly providerRecords: ProviderRecords
  /** Writes the tenant when there is none yet; gives the one that is there, which need not be the one that was handed in. */
  ensureTenant(tenant: Tenant): Promise<Tenant>
  /** Removes what is over at `now`, a batch at a time, so that sign-ins can go on between the batches. */
  purge(now: Instant): Promise<PurgeCounts>
  /** Ends it; a transaction that still runs is lost as a whole. A second call does nothing. */
  close(): Promise<void>
}
