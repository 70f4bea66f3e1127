import type { DirectoryStore } from '../../directory/ports.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RandomSource } from '../../lib/ids.ts'
import type { Sealer } from '../../lib/seal.ts'
import type { TxtLookup } from '../domains/txtLookup.ts'
import type { Passwords } from '../passwords.ts'

/** The application permissions of Graph that this door asks for. What may write may read. */
export const graphRoles = [
  'User.Read.All',
  'User.ReadWrite.All',
  'Domain.Read.All',
  'Domain.ReadWrite.All',
  'Group.Read.All',
  'Group.ReadWrite.All',
] as const
export type GraphRole = (typeof graphRoles)[number]

/** Who calls. */
export interface GraphCaller {
  /** For the audit: the app's name and id. */
  readonly who: string
  mayCall(role: GraphRole): boolean
}

/** What this door works with. */
export interface GraphParts {
  readonly store: DirectoryStore
  readonly passwords: Passwords
  /** Origin of this server: the addresses in answers begin with it. */
  readonly publicUrl: string
  /** Graph's own rules of ImmutableIds and of what a new user needs (entra.md section 4); false for the lenient ones of files. */
  readonly isStrict: boolean
  readonly lookUpTxt: TxtLookup
  /** SHA-256 thumbprints of certificates that are taken for no federation, since everybody has their private keys. */
  readonly refusedCertificates?: ReadonlySet<string>
  /** Seals positions in lists. */
  readonly positions: Sealer
  readonly clock: Clock
  readonly random: RandomSource
}

/** A request below `/v1.0`, whatever brought it: a connection of its own, or a batch. */
export interface GraphRequest {
  /** In capitals. */
  readonly method: string
  /** As it was sent, without query: `/users/alice%40customer.com`. */
  readonly path: string
  /** Without question mark. */
  readonly query: string
  readonly ifMatch: string | null
  readonly ifNoneMatch: string | null
  /** Reads the body, a JSON object; null for none. Throws GraphError (400, 413, 415). */
  readonly body: () => Promise<ReadonlyMap<string, unknown> | null>
}

export interface GraphAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** An object is sent as JSON, a text as text/plain; null is no body. */
  readonly body: object | string | null
}
