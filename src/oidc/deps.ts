import type { DirectoryReader } from '../directory/ports.ts'
import type { Tenant } from '../directory/types.ts'
import type { Clock } from '../lib/clock.ts'
import type { RandomSource } from '../lib/ids.ts'
import type { CredentialStore } from '../signin/password/ports.ts'
import type { CurrentPerson } from './person.ts'
import type { AppStore, ProviderRecords } from './ports.ts'

/** What the OpenID provider works with. */
export interface OidcParts {
  /** Where browsers reach us, without trailing slash. */
  readonly publicUrl: string
  readonly tenant: Tenant
  readonly directory: Pick<DirectoryReader, 'user' | 'domain' | 'federation'>
  readonly credentials: Pick<CredentialStore, 'credentials'>
  readonly apps: AppStore
  readonly records: ProviderRecords
  readonly currentPerson: CurrentPerson
  readonly clock: Clock
  readonly random: RandomSource
  /** Told of every error that is not the caller's fault. */
  readonly report: (error: unknown, requestId: string) => void
}

/** The issuer of every token, whatever tenant the path named: with the GUID, as at Entra. */
export function issuerOf({ publicUrl, tenant }: Pick<OidcParts, 'publicUrl' | 'tenant'>): string {
  return `${publicUrl}/${tenant.id}/v2.0`
}

/** The userinfo endpoint, which is also the audience of the access tokens for it. */
export function userinfoUrlOf({
  publicUrl,
  tenant,
}: Pick<OidcParts, 'publicUrl' | 'tenant'>): string {
  return `${publicUrl}/${tenant.id}/oidc/userinfo`
}
