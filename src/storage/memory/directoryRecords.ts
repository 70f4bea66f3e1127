import type { AuditRecord } from '../../directory/audit.ts'
import { changedProperties } from '../../directory/directoryError.ts'
import type { DomainChange, DomainOwnership } from '../../directory/domainRecords.ts'
import {
  federationInUse,
  StaleWrite,
  type UniqueProperty,
  UniqueViolation,
  unknownFederation,
} from '../../directory/errors.ts'
import type { Group } from '../../directory/groups.ts'
import { type ImportRecord, importedProperties } from '../../directory/imports.ts'
import type { UserChange } from '../../directory/ports.ts'
import type { Domain, Federation, Tenant, User } from '../../directory/types.ts'
import { mustBeStorable } from '../text.ts'

/** An import and the line of its file. */
export interface Place {
  readonly importId: number
  readonly line: number
}

/** A user as an import found it, for an undo. */
export interface ImportChange {
  readonly before: User
  /** Null when the import removed the user. */
  readonly line: number | null
  readonly lastModifiedDateTime: number | null
  readonly made: Place | null
  readonly origins: ReadonlyMap<string, Place | null>
}

/**
 * The directory's records and the indexes over them. Every write leaves them as they should be or throws; a write of several
 * users that throws leaves them half done, so that it is tried on a copy.
 */
export class DirectoryRecords {
  tenant: Tenant | null = null
  readonly domains = new Map<string, Domain>()
  readonly federations = new Map<string, Federation>()
  readonly users = new Map<string, User>()
  readonly userByImmutableId = new Map<string, User>()
  readonly userByKey = new Map<string, User>()
  readonly keyOf: (userPrincipalName: string) => string
  readonly imports: ImportRecord[] = []
  readonly ownerships = new Map<string, DomainOwnership>()
  /** In order: the change with id n stands at n - 1. */
  readonly domainChanges: DomainChange[] = []
  /** By import, then by user. */
  readonly importChanges = new Map<number, ReadonlyMap<string, ImportChange>>()
  /** The import that made a user, by user. */
  readonly made = new Map<string, Place>()
  /** What was set since, by user and property; null through another door. */
  readonly origins = new Map<string, ReadonlyMap<string, Place | null>>()
  readonly groups = new Map<string, Group>()
  /** By group. Those of a user who is gone stay, unseen, as external ids do, for an undo. */
  readonly members = new Map<string, ReadonlySet<string>>()
  /** By client, kind and id as JSON. */
  readonly externalIds = new Map<string, string>()
  /** In order: the record with id n stands at n - 1. */
  readonly audit: AuditRecord[] = []

  constructor(keyOf: (userPrincipalName: string) => string) {
    this.keyOf = keyOf
  }

  copy(): DirectoryRecords {
    const copy = new DirectoryRecords(this.keyOf)
    copy.tenant = this.tenant
    for (const [id, domain] of this.domains) copy.domains.set(id, domain)
    for (const [id, federation] of this.federations) copy.federations.set(id, federation)
    for (const user of this.users.values()) copy.#enter(user)
    copy.imports.push(...this.imports)
    for (const [id, ownership] of this.ownerships) copy.ownerships.set(id, ownership)
    copy.domainChanges.push(...this.domainChanges)
    for (const [id, changes] of this.importChanges) copy.importChanges.set(id, changes)
    for (const [id, place] of this.made) copy.made.set(id, place)
    for (const [id, origins] of this.origins) copy.origins.set(id, origins)
    for (const [id, group] of this.groups) copy.groups.set(id, group)
    for (const [id, members] of this.members) copy.members.set(id, members)
    for (const [key, externalId] of this.externalIds) copy.externalIds.set(key, externalId)
    copy.audit.push(...this.audit)
    return copy
  }

  putDomain(domain: Domain): void {
    mustBeStorable('domain', domain.id)
    const { federationId } = domain
    if (federationId !== null && !this.federations.has(federationId)) {
      throw unknownFederation(domain.id, federationId)
    }
    this.domains.set(domain.id, domain)
  }

  putFederation(federation: Federation): void {
    mustBeStorable('issuerUri', federation.issuerUri)
    for (const other of this.federations.values()) {
      if (other.id !== federation.id && other.issuerUri === federation.issuerUri) {
        throw new UniqueViolation('issuerUri', federation.displayName)
      }
    }
    this.federations.set(federation.id, federation)
  }

  deleteFederation(id: string): void {
    for (const domain of this.domains.values()) {
      if (domain.federationId === id) throw federationInUse(id)
    }
    this.federations.delete(id)
  }

  /** Updates give up their old values first, so that users can swap theirs within one write. */
  writeUsers(changes: readonly UserChange[]): void {
    for (const change of changes) {
      if (change.kind === 'update') this.#leave(change.before)
      if (change.kind === 'delete') this.#remove(change.user)
    }
    for (const { kind, user } of changes) {
      if (kind === 'delete') continue
      mustBeStorable('userPrincipalName', user.userPrincipalName)
      mustBeStorable('onPremisesImmutableId', user.onPremisesImmutableId)
      const taken = this.#takenProperty(user)
      if (taken !== null) throw new UniqueViolation(taken, user.userPrincipalName)
      this.#enter(user)
    }
    for (const change of changes) {
      if (change.kind === 'update') this.setOrigins(change.before, change.user, null)
    }
  }

  /** The values that differ come from here on from `place`; null for a door that is no import. */
  setOrigins(before: User, after: User, place: Place | null): void {
    const origins = new Map(this.origins.get(after.id))
    for (const { property } of changedProperties(before, after, importedProperties)) {
      origins.set(property, place)
    }
    this.origins.set(after.id, origins)
  }

  removeUser(id: string): void {
    const user = this.users.get(id)
    if (user === undefined) return
    this.#remove(user)
  }

  #remove(user: User): void {
    this.#leave(user)
    this.made.delete(user.id)
    this.origins.delete(user.id)
  }

  #takenProperty(user: User): UniqueProperty | null {
    const immutableId = user.onPremisesImmutableId
    if (this.users.has(user.id)) return 'id'
    if (immutableId !== null && this.userByImmutableId.has(immutableId)) {
      return 'onPremisesImmutableId'
    }
    return this.userByKey.has(this.keyOf(user.userPrincipalName)) ? 'userPrincipalName' : null
  }

  #enter(user: User): void {
    this.users.set(user.id, user)
    this.userByKey.set(this.keyOf(user.userPrincipalName), user)
    if (user.onPremisesImmutableId !== null) {
      this.userByImmutableId.set(user.onPremisesImmutableId, user)
    }
  }

  #leave({ id, userPrincipalName, lastModifiedDateTime }: User): void {
    const stored = this.users.get(id)
    if (stored?.lastModifiedDateTime !== lastModifiedDateTime) {
      throw new StaleWrite(id, userPrincipalName)
    }
    this.users.delete(stored.id)
    this.userByKey.delete(this.keyOf(stored.userPrincipalName))
    if (stored.onPremisesImmutableId !== null) {
      this.userByImmutableId.delete(stored.onPremisesImmutableId)
    }
  }
}
