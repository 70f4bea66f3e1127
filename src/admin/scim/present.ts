import { createHash } from 'node:crypto'
import type { Group } from '../../directory/groups.ts'
import type { User } from '../../directory/types.ts'
import { isoMillis } from '../../lib/clock.ts'
import { urns } from './names.ts'
import type { AnchorPlace } from './userWrite.ts'

/** A resource as JSON. */
export type Resource = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly meta: Meta
}

interface Meta {
  readonly resourceType: 'User' | 'Group'
  readonly created: string
  readonly lastModified: string
  readonly location: string
  readonly version: string
}

/** Where resources stand: the address of `/scim/v2`. */
export interface Shown {
  readonly baseUrl: string
  readonly anchorPlace: AnchorPlace
}

/**
 * A user as SCIM shows it (RFC 7643 section 4.1). The ImmutableId is part of it: the client that provisions people owns it. Attributes
 * without a value are left out.
 */
export function presentUser(
  user: User,
  groups: readonly Group[],
  kept: string | null,
  { baseUrl, anchorPlace }: Shown,
): Resource {
  const anchor = user.onPremisesImmutableId
  const externalId = anchorPlace === 'externalId' ? anchor : kept
  const fullName = [user.givenName, user.surname].filter((part) => part !== null).join(' ')
  const enterprise = withoutNulls({ department: user.department })
  const location = `${baseUrl}/Users/${user.id}`
  return withoutNulls({
    schemas: [
      urns.user,
      ...(Object.keys(enterprise).length === 0 ? [] : [urns.enterprise]),
      urns.homerealm,
    ],
    id: user.id,
    externalId,
    userName: user.userPrincipalName,
    name:
      fullName === ''
        ? null
        : withoutNulls({
            formatted: fullName,
            familyName: user.surname,
            givenName: user.givenName,
          }),
    displayName: user.displayName,
    title: user.jobTitle,
    active: user.accountEnabled,
    emails: user.mail === null ? null : [{ value: user.mail, type: 'work', primary: true }],
    phoneNumbers: user.mobilePhone === null ? null : [{ value: user.mobilePhone, type: 'mobile' }],
    groups:
      groups.length === 0
        ? null
        : groups.map(({ id, displayName }) => ({
            value: id,
            $ref: `${baseUrl}/Groups/${id}`,
            display: displayName,
            type: 'direct',
          })),
    [urns.enterprise]: Object.keys(enterprise).length === 0 ? null : enterprise,
    [urns.homerealm]: withoutNulls({
      immutableId: anchor,
      mailNickname: user.mailNickname,
      officeLocation: user.officeLocation,
      usageLocation: user.usageLocation,
    }),
    meta: metaOf('User', user, location, [
      externalId,
      ...groups.flatMap(({ id, displayName }) => [id, displayName]),
    ]),
  }) as Resource
}

/** A group as SCIM shows it (RFC 7643 section 4.2); `members` null leaves them out. */
export function presentGroup(
  group: Group,
  members: readonly User[] | null,
  externalId: string | null,
  { baseUrl }: Shown,
): Resource {
  const location = `${baseUrl}/Groups/${group.id}`
  return withoutNulls({
    schemas: [urns.group],
    id: group.id,
    externalId,
    displayName: group.displayName,
    members:
      members === null
        ? null
        : members.map(({ id, displayName }) => ({
            value: id,
            $ref: `${baseUrl}/Users/${id}`,
            display: displayName,
            type: 'User',
          })),
    meta: metaOf('Group', group, location, [externalId]),
  }) as Resource
}

/** `version` (RFC 7644 section 3.14) is another one whenever the resource, or what is shown with it from elsewhere, has changed. */
function metaOf(
  resourceType: Meta['resourceType'],
  { id, createdDateTime, lastModifiedDateTime }: User | Group,
  location: string,
  besides: readonly (string | null)[],
): Meta {
  const digest = createHash('sha256')
    .update(JSON.stringify([id, lastModifiedDateTime, ...besides]))
    .digest('base64url')
  return {
    resourceType,
    created: isoMillis(createdDateTime),
    lastModified: isoMillis(lastModifiedDateTime),
    location,
    version: `W/"${digest.slice(0, 22)}"`,
  }
}

function withoutNulls(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
}
