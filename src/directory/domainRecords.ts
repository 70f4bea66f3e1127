import type { Instant } from '../lib/clock.ts'
import type { Domain, Federation } from './types.ts'

/** How it was established that a domain is the tenant's: by its TXT record, by an admin's word, or by the domain above it. */
export type OwnershipProof = 'dns' | 'trusted' | 'inherited'

/** What is kept about the ownership of a domain, beside the domain itself. */
export interface DomainOwnership {
  readonly domain: string
  /** The text of the TXT record that proves it: `MS=ms` and eight digits. */
  readonly code: string
  /** Null while it is not proven. */
  readonly proof: OwnershipProof | null
  readonly verifiedAt: Instant | null
  /** Who verified it; null while nobody did. */
  readonly verifiedBy: string | null
  /** As Graph says it: it was added with no domain above it here, or was promoted. Others follow the domain above them. */
  readonly isRoot: boolean
}

/** Some of the directory's domains, and the federations that belong to a change of them. */
export interface DomainState {
  readonly domains: readonly Domain[]
  readonly federations: readonly Federation[]
  readonly ownerships: readonly DomainOwnership[]
}

export type DomainAction =
  | 'add'
  | 'verify'
  | 'default'
  | 'federate'
  | 'manage'
  | 'remove'
  | 'promote'
  | 'rotate'
  | 'metadata'
  | 'undo'

/** One change of domains and federations, with what there was before: enough to bring it back. */
export interface DomainChange {
  /** From 1, in the order of the changes. */
  readonly id: number
  readonly at: Instant
  readonly who: string
  readonly action: DomainAction
  /** The domains that it was about, in order of name. */
  readonly domains: readonly string[]
  /** The records that it touched, as they were; one that is only in `after` was made by it. */
  readonly before: DomainState
  readonly after: DomainState
  /** The change that took this one back; null while it stands. */
  readonly undoneBy: number | null
}

/** Ownership of domains, and the history of what happened to them and their federations. Part of the directory's transactions. */
export interface DomainRecords {
  ownership(domain: string): Promise<DomainOwnership | null>
  /** In order of the domain. */
  ownerships(): Promise<readonly DomainOwnership[]>
  /** New, or in place of the one of the same domain. */
  putOwnership(ownership: DomainOwnership): Promise<void>
  /** The domain and its ownership; one that is not there is gone already. */
  deleteDomain(id: string): Promise<void>
  /** Keeps a change under the next id, which it gives. */
  addChange(change: Omit<DomainChange, 'id'>): Promise<number>
  change(id: number): Promise<DomainChange | null>
  /** Newest first. */
  changes(): Promise<readonly DomainChange[]>
  /** Null when it stands again. */
  markUndone(id: number, undoneBy: number | null): Promise<void>
}
