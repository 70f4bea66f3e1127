import type { Group } from '../../../directory/groups.ts'
import { isoSeconds } from '../../../lib/clock.ts'
import { always, type BodyForm, filledText, nullable, type Reader, text } from '../body.ts'
import { picked } from '../call.ts'
import { tagOfTime } from '../etag.ts'

/** Groups here are Graph's security groups, and nothing else. */
const constants = { mailEnabled: false, securityEnabled: true, groupTypes: [], mail: null } as const

export const groupProperties = [
  'id',
  'displayName',
  'description',
  'createdDateTime',
  'groupTypes',
  'mail',
  'mailEnabled',
  'securityEnabled',
] as const

/** A group as Graph has it. */
export function groupResource(group: Group, select: readonly string[] | null): object {
  const all = { ...group, ...constants, createdDateTime: isoSeconds(group.createdDateTime) }
  return picked(all, select ?? groupProperties)
}

export const groupTag = tagOfTime

/** A group in a list of groups. */
export function listedGroup(group: Group, select: readonly string[] | null): object {
  return { '@odata.etag': groupTag(group), ...groupResource(group, select) }
}

/** The body of `POST /groups` and `PATCH /groups/{id}`. */
export const groupForm = {
  resource: 'group',
  fields: {
    displayName: text,
    description: nullable(filledText),
    // Graph wants it of every group, and it is the address of those with mail, which are none here.
    mailNickname: filledText,
    mailEnabled: always(constants.mailEnabled),
    securityEnabled: always(constants.securityEnabled),
    groupTypes: always(constants.groupTypes),
  },
  notKept: [
    'classification',
    'isAssignableToRole',
    'members@odata.bind',
    'membershipRule',
    'membershipRuleProcessingState',
    'owners@odata.bind',
    'preferredLanguage',
    'theme',
    'visibility',
  ],
} as const satisfies BodyForm<Readonly<Record<string, Reader<unknown>>>>
