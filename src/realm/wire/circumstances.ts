import type { Realm } from '../discover.ts'

/** What the wire shapes are made from. */
export interface Asked {
  /** The user name as it was sent. Whether there is such a user was not looked up, so that no answer depends on it. */
  readonly login: string
  readonly realm: Realm
}

/** What is the same in every answer of a deployment. */
export interface Deployment {
  /** Host (and port) of the public URL, which stands where Entra names its cloud. */
  readonly host: string
  /** Our entityID. */
  readonly entityId: string
  /** What managed people's organization is called. */
  readonly tenantName: string
}

/** Entra's word for a realm. */
export const namespaceType = {
  managed: 'Managed',
  federated: 'Federated',
  unknown: 'Unknown',
} as const satisfies Record<Realm['kind'], string>

/** Where the identity provider signs in, with the user name as Entra hands it on. */
export function authUrl(passiveSignInUri: string, login: string): string {
  const url = new URL(passiveSignInUri)
  url.searchParams.set('username', login)
  return url.href
}
