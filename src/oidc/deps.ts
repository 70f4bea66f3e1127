import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AadstsCode } from '../aadsts/catalogue.ts'
import type { DirectoryStore } from '../directory/ports.ts'
import type { Tenant } from '../directory/types.ts'
import type { Clock } from '../lib/clock.ts'
import type { RandomSource } from '../lib/ids.ts'
import type { CredentialStore } from '../signin/password/ports.ts'
import type { CurrentPerson, Person } from './person.ts'
import type { AppStore, ProviderRecords } from './ports.ts'

/** What the OpenID provider works with. */
export interface OidcParts {
  /** Where browsers reach us, without trailing slash. */
  readonly publicUrl: string
  readonly tenant: Tenant
  readonly directory: Pick<DirectoryStore, 'user' | 'domain' | 'federation' | 'groups'>
  readonly credentials: Pick<CredentialStore, 'credentials'>
  /** With the directory API in it (directoryApi.ts). */
  readonly apps: AppStore
  readonly records: ProviderRecords
  readonly currentPerson: CurrentPerson
  /** Told who signed in by this very request. */
  readonly signedIn: (req: IncomingMessage, person: Person) => void
  /**
   * The browser that asks, as it is known again when an identity provider sends it back by a form of its own: the fingerprint of a
   * cookie, which the answer sets where there is none.
   */
  readonly browserOf: (req: IncomingMessage, res: ServerResponse) => string
  readonly clock: Clock
  readonly random: RandomSource
  /** Told of every error that is not the caller's fault. */
  readonly report: (error: unknown, requestId: string) => void
  /** Told of every app that was refused, so that an admin finds the cause by the Request Id that the page or the error shows. */
  readonly refused: (event: AppRefusal) => void
}

/** An app that was refused. Names and addresses are as the request gave them, cut short; nothing of it is secret. */
export interface AppRefusal {
  readonly requestId: string
  readonly correlationId: string
  readonly aadsts: AadstsCode
  /** The provider's name of the endpoint: `authorization`, `token` ... */
  readonly endpoint: string
  readonly clientId: string | null
  readonly app: string | null
  /** A person saw it, with its Request Id; else the app was told. */
  readonly isOnPage: boolean
  /** Without query, which may carry what the app calls a secret. */
  readonly redirectUri: string | null
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
