import type { AuditStore } from './audit.ts'
import type { DomainRecords } from './domainRecords.ts'
import type { ExternalIds, GroupStore } from './groups.ts'
import type { ImportStore, Origin } from './imports.ts'
import type { Found, UserQuery } from './query.ts'
import type { Domain, Federation, Tenant, User } from './types.ts'

/** What a sign-in reads from the directory. A case's users and federations satisfy it as well as a database does. */
export interface DirectoryReader {
  tenant(): Promise<Tenant>
  /** Exact domain name, already in lower case A-labels. */
  domain(id: string): Promise<Domain | null>
  /** The domains that a federation serves. */
  domainsOf(federationId: string): Promise<readonly Domain[]>
  federation(id: string): Promise<Federation | null>
  /** `issuerUri` equal byte for byte. */
  federationByIssuer(issuerUri: string): Promise<Federation | null>
  /** Equal byte for byte. */
  userByImmutableId(onPremisesImmutableId: string): Promise<User | null>
  /** Case-insensitive (ASCII and IDNA domain). */
  userByPrincipalName(userPrincipalName: string): Promise<User | null>
  user(id: string): Promise<User | null>
  /** The import that a value of a user came from, for hints to the admin; null when it came through another door. */
  originOf(userId: string, property: keyof User & string): Promise<Origin | null>
}

/** Which users are counted: of one domain (and not its subdomains), and those without an ImmutableId. */
export interface UserFilter {
  readonly domain?: string
  readonly withoutImmutableId?: boolean
}

/** What is to be written of one user. */
export type UserChange =
  | { readonly kind: 'create'; readonly user: User }
  | { readonly kind: 'update'; readonly before: User; readonly user: User }
  /** As it was read. What belongs to the user (memberships, external ids, origins) goes with it. */
  | { readonly kind: 'delete'; readonly user: User }

/** What administration reads and writes. Everything inside `transaction` is kept or lost together. */
export interface DirectoryStore extends DirectoryReader {
  domains(): Promise<readonly Domain[]>
  federations(): Promise<readonly Federation[]>
  /** New, or in place of the one with the same id. Rejects with `ReferenceViolation` when its federation is not there (errors.ts). */
  putDomain(domain: Domain): Promise<void>
  /** New, or in place of the one with the same id. Rejects with `UniqueViolation` when another has the same issuerUri. */
  putFederation(federation: Federation): Promise<void>
  /** Rejects with `ReferenceViolation` while it serves a domain. */
  deleteFederation(id: string): Promise<void>
  /** Users in the order of their UPN; of one domain (and not its subdomains) when given. */
  users(filter?: { readonly domain?: string }): AsyncIterable<User>
  countUsers(filter?: UserFilter): Promise<number>
  readonly foundUsers: Found<User, UserQuery>
  /**
   * All of them or none; users may swap UPNs or ImmutableIds within one call. Rejects with `UniqueViolation` when a value belongs to
   * somebody else, and with `StaleWrite` when the user no longer is as `before` says (by `lastModifiedDateTime`).
   */
  writeUsers(changes: readonly UserChange[]): Promise<void>
  /**
   * Runs `work` with all its reads and writes in one transaction. Rejects, with nothing kept, when `work` does. Another process
   * sees either nothing of it or all of it. `work` uses the store it is handed, and starts no transaction in it.
   */
  transaction<T>(work: (store: DirectoryStore) => Promise<T>): Promise<T>
  /** Users by the file; not for use inside a transaction. */
  readonly imports: ImportStore
  /** Who vouches for domains, and what happened to them. */
  readonly domainRecords: DomainRecords
  readonly groups: GroupStore
  readonly externalIds: ExternalIds
  readonly audit: AuditStore
}
