import { asciiLowerCase } from '../../directory/characters.ts'
import type { UserProperty } from '../../directory/query.ts'
import type { UserInput } from '../../directory/users.ts'
import { type AttributePath, attributeKey } from './attributePath.ts'
import type { Field, Fields, FixedParts } from './filter/conditions.ts'
import { urns } from './names.ts'

/** An attribute of SCIM that a property of our users holds. */
export interface KeptAttribute {
  /** As SCIM writes it. A name from an extension has its URN before it. */
  readonly path: string
  readonly property: keyof UserInput
  readonly kind: 'text' | 'flag' | 'values'
  /** It cannot be taken away. */
  readonly isRequired?: true
  /** A PUT that leaves it out leaves it as it is: whose loss would lock a person out, or rename a mailbox. */
  readonly staysWithoutMention?: true
  /** Of `values`: the sub-attributes of the one value that is kept, beside `value`. */
  readonly fixed?: FixedParts
}

const enterprise = (name: string) => `${urns.enterprise}:${name}`
const homerealm = (name: string) => `${urns.homerealm}:${name}`

/** The mapping, as docs/scim.md has it. */
export const keptAttributes = [
  { path: 'userName', property: 'userPrincipalName', kind: 'text', isRequired: true },
  {
    path: 'displayName',
    property: 'displayName',
    kind: 'text',
    isRequired: true,
    staysWithoutMention: true,
  },
  { path: 'name.givenName', property: 'givenName', kind: 'text' },
  { path: 'name.familyName', property: 'surname', kind: 'text' },
  { path: 'title', property: 'jobTitle', kind: 'text' },
  {
    path: 'active',
    property: 'accountEnabled',
    kind: 'flag',
    isRequired: true,
    staysWithoutMention: true,
  },
  { path: 'emails', property: 'mail', kind: 'values', fixed: { type: 'work', primary: true } },
  { path: 'phoneNumbers', property: 'mobilePhone', kind: 'values', fixed: { type: 'mobile' } },
  { path: enterprise('department'), property: 'department', kind: 'text' },
  {
    path: homerealm('immutableId'),
    property: 'onPremisesImmutableId',
    kind: 'text',
    staysWithoutMention: true,
  },
  {
    path: homerealm('mailNickname'),
    property: 'mailNickname',
    kind: 'text',
    isRequired: true,
    staysWithoutMention: true,
  },
  {
    path: homerealm('officeLocation'),
    property: 'officeLocation',
    kind: 'text',
    staysWithoutMention: true,
  },
  {
    path: homerealm('usageLocation'),
    property: 'usageLocation',
    kind: 'text',
    staysWithoutMention: true,
  },
] as const satisfies readonly KeptAttribute[]

/**
 * Attributes of RFC 7643 that are taken and not kept: identity providers send them without being asked. `name.formatted` follows from the
 * names; `groups` is written at the groups.
 */
export const ignoredAttributes: readonly string[] = [
  'name.formatted',
  'name.middleName',
  'name.honorificPrefix',
  'name.honorificSuffix',
  'nickName',
  'profileUrl',
  'userType',
  'preferredLanguage',
  'locale',
  'timezone',
  'ims',
  'photos',
  'addresses',
  'entitlements',
  'roles',
  'x509Certificates',
  enterprise('employeeNumber'),
  enterprise('costCenter'),
  enterprise('organization'),
  enterprise('division'),
  enterprise('manager'),
]

/** RFC 7643: written by the server alone. */
export const readOnlyAttributes: readonly string[] = ['id', 'meta', 'schemas', 'groups']

/** What a path leads to. */
export type UserTarget =
  | { readonly kind: 'kept'; readonly attribute: KeptAttribute; readonly sub: string | null }
  /** `name`, or an extension: its parts by their names in lower case. */
  | { readonly kind: 'complex'; readonly prefix: string }
  | { readonly kind: 'externalId' | 'password' | 'ignored' | 'readOnly' | 'unknown' }

const keyed = (names: readonly string[]) => new Set(names.map(asciiLowerCase))
const keptByKey: ReadonlyMap<string, KeptAttribute> = new Map(
  keptAttributes.map((attribute) => [asciiLowerCase(attribute.path), attribute]),
)
const ignored = keyed(ignoredAttributes)
const readOnly = keyed(readOnlyAttributes)
const extensions = keyed([urns.enterprise, urns.homerealm])

/** Where the path of a PATCH, or the name of a member of a resource, leads. */
export function userTarget(path: AttributePath): UserTarget {
  const key = attributeKey(path, urns.user)
  const whole = attributeKey({ ...path, sub: null }, urns.user)
  if (extensions.has(key)) return { kind: 'complex', prefix: `${key}:` }
  if (key === 'name') return { kind: 'complex', prefix: 'name.' }
  if (key === 'externalid' || key === 'password') {
    return { kind: key === 'password' ? 'password' : 'externalId' }
  }
  const exact = keptByKey.get(key)
  if (exact !== undefined) return { kind: 'kept', attribute: exact, sub: null }
  const attribute = keptByKey.get(whole)
  if (attribute?.kind === 'values') return { kind: 'kept', attribute, sub: path.sub }
  if (readOnly.has(whole)) return { kind: 'readOnly' }
  if (ignored.has(key) || ignored.has(whole)) return { kind: 'ignored' }
  // Of a schema that is not ours nothing is known, and nothing is kept.
  const isForeign = path.schema !== null && !ownSchemas.has(path.schema)
  return { kind: isForeign ? 'ignored' : 'unknown' }
}

const ownSchemas = keyed([urns.user, urns.enterprise, urns.homerealm])

/** The attribute of SCIM that stands for a property, for errors. */
export function attributeOfProperty(property: string): string {
  return keptAttributes.find((each) => each.property === property)?.path ?? property
}

/** What users can be filtered by. `anchorIsExternalId`: the client writes the ImmutableId as externalId. */
export function userFields(client: string, anchorIsExternalId: boolean): Fields<UserProperty> {
  const kept = keptAttributes.map(
    ({ path, property, kind, ...more }): [string, Field<UserProperty>] => {
      const field =
        kind === 'values' && 'fixed' in more
          ? ({ kind: 'single', property, fixed: more.fixed } as const)
          : ({ kind: kind === 'flag' ? 'flag' : 'text', property } as const)
      return [asciiLowerCase(path), field]
    },
  )
  const externalId: Field<UserProperty> = anchorIsExternalId
    ? { kind: 'text', property: 'onPremisesImmutableId' }
    : { kind: 'externalId', client }
  return {
    core: urns.user,
    byKey: new Map<string, Field<UserProperty>>([
      ...kept,
      ['id', { kind: 'text', property: 'id' }],
      ['externalid', externalId],
      ['groups', { kind: 'reference', op: 'memberOf', fixed: { type: 'direct' } }],
      ['meta.created', { kind: 'time', property: 'createdDateTime' }],
      ['meta.lastmodified', { kind: 'time', property: 'lastModifiedDateTime' }],
      ['meta.resourcetype', { kind: 'fixed', value: 'User' }],
      ['password', { kind: 'secret' }],
    ]),
  }
}
