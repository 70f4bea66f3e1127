/** The properties that no two records of a store may share. */
export type UniqueProperty =
  | 'id'
  | 'userPrincipalName'
  | 'onPremisesImmutableId'
  | 'issuerUri'
  | 'identifierUri'
  | 'groupName'
  | 'externalId'

/** What a person is told, who knows apps and users, and no records. */
const holders: Readonly<Record<UniqueProperty, string>> = {
  id: 'another record already has the same id',
  userPrincipalName: 'another user already has the same userPrincipalName',
  onPremisesImmutableId: 'another user already has the same onPremisesImmutableId',
  issuerUri: 'another federation already has the same issuerUri',
  identifierUri: 'another app is the API of this identifier URI already (homerealm apps list)',
  groupName: 'another group already has the same displayName',
  externalId: 'the provisioning client already has another record with the same externalId',
}

/**
 * A store refused a record because another one already has the same value of `property`. Nothing of the write was kept. The
 * message names the record that was to be written and never the value, which may be another person's ImmutableId.
 */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation'
  readonly property: UniqueProperty
  /** The record that was to be written, as a person names it: a UPN, or the display name of a federation. */
  readonly subject: string

  constructor(property: UniqueProperty, subject: string) {
    super(`${subject}: ${holders[property]}`)
    this.property = property
    this.subject = subject
  }
}

/**
 * A domain would point to a federation that does not exist: because the one it names is unknown, or because one was to be
 * deleted that still serves domains. Nothing of the write was kept.
 */
export class ReferenceViolation extends Error {
  override readonly name = 'ReferenceViolation'
  readonly federationId: string

  constructor(federationId: string, message: string) {
    super(message)
    this.federationId = federationId
  }
}

/** Someone was to become a member who is no user here, or of a group that is not there. Nothing of the write was kept. */
export class UnknownMember extends Error {
  override readonly name = 'UnknownMember'
  readonly groupId: string
  readonly userId: string

  constructor(groupId: string, userId: string) {
    super(`group ${groupId} cannot have the member ${userId}: there is no such user or group`)
    this.groupId = groupId
    this.userId = userId
  }
}

/** A domain was to be written that names a federation nobody has made. */
export function unknownFederation(domain: string, federationId: string): ReferenceViolation {
  return new ReferenceViolation(
    federationId,
    `${domain}: there is no federation ${federationId}; add the federation first`,
  )
}

/** A federation was to be deleted that still serves domains. */
export function federationInUse(federationId: string): ReferenceViolation {
  return new ReferenceViolation(
    federationId,
    `federation ${federationId} still serves domains; move them to another federation, or make them managed, first`,
  )
}

/**
 * A user or group was to be updated from a `before` that is no longer what the store holds: somebody changed or removed it since
 * it was read. Nothing of the write was kept; read again and try again.
 */
export class StaleWrite extends Error {
  override readonly name = 'StaleWrite'
  readonly recordId: string

  constructor(recordId: string, subject: string) {
    super(`${subject}: it was changed or removed since it was read; try again`)
    this.recordId = recordId
  }
}
