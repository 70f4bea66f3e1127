import {
  federationInUse,
  StaleWrite,
  type UniqueProperty,
  UniqueViolation,
  unknownFederation,
} from '../../directory/errors.ts'
import type { UserChange } from '../../directory/ports.ts'
import type { Domain, Federation, Tenant, User } from '../../directory/types.ts'
import { mustBeStorable } from '../text.ts'

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

  constructor(keyOf: (userPrincipalName: string) => string) {
    this.keyOf = keyOf
  }

  copy(): DirectoryRecords {
    const copy = new DirectoryRecords(this.keyOf)
    copy.tenant = this.tenant
    for (const [id, domain] of this.domains) copy.domains.set(id, domain)
    for (const [id, federation] of this.federations) copy.federations.set(id, federation)
    for (const user of this.users.values()) copy.#enter(user)
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
    for (const change of changes) if (change.kind === 'update') this.#leave(change)
    for (const { user } of changes) {
      mustBeStorable('userPrincipalName', user.userPrincipalName)
      mustBeStorable('onPremisesImmutableId', user.onPremisesImmutableId)
      const taken = this.#takenProperty(user)
      if (taken !== null) throw new UniqueViolation(taken, user.userPrincipalName)
      this.#enter(user)
    }
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

  #leave({ before, user }: UserChange & { kind: 'update' }): void {
    const stored = this.users.get(user.id)
    if (stored?.lastModifiedDateTime !== before.lastModifiedDateTime) {
      throw new StaleWrite(user.id, user.userPrincipalName)
    }
    this.users.delete(stored.id)
    this.userByKey.delete(this.keyOf(stored.userPrincipalName))
    if (stored.onPremisesImmutableId !== null) {
      this.userByImmutableId.delete(stored.onPremisesImmutableId)
    }
  }
}
