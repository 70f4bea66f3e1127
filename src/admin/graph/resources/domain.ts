import { createHash } from 'node:crypto'
import type { DomainOwnership } from '../../../directory/domainRecords.ts'
import type { DomainTree } from '../../../directory/domainTree.ts'
import type { Domain } from '../../../directory/types.ts'
import { type BodyForm, filledText, flag, oneOf, type Reader } from '../body.ts'
import { picked } from '../call.ts'
import { tagOfContent } from '../etag.ts'

/** All properties of Graph's domain, in its order. */
export const domainProperties = [
  'authenticationType',
  'availabilityStatus',
  'id',
  'isAdminManaged',
  'isDefault',
  'isInitial',
  'isRoot',
  'isVerified',
  'manufacturer',
  'model',
  'passwordNotificationWindowInDays',
  'passwordValidityPeriodInDays',
  'state',
  'supportedServices',
] as const

/** Graph's number for passwords that never expire, as those here do not. */
const neverExpires = 2_147_483_647

/** A domain, and its place among the others. */
export interface PlacedDomain {
  readonly domain: Domain
  readonly isRoot: boolean
}

export function placed(domain: Domain, tree: DomainTree): PlacedDomain {
  return { domain, isRoot: tree.isRoot(domain) }
}

/** A domain as Graph has it. */
export function domainResource(
  { domain, isRoot }: PlacedDomain,
  select: readonly string[] | null,
): object {
  const { id, authenticationType, isDefault, isVerified } = domain
  const all = {
    id,
    authenticationType,
    availabilityStatus: null,
    isAdminManaged: true,
    isDefault,
    isInitial: /^[^.]+\.onmicrosoft\.com$/.test(id),
    isRoot,
    isVerified,
    manufacturer: null,
    model: null,
    passwordNotificationWindowInDays: null,
    passwordValidityPeriodInDays: neverExpires,
    state: null,
    supportedServices: [],
  }
  return picked(all, select ?? domainProperties)
}

export function domainTag(placedDomain: PlacedDomain): string {
  return tagOfContent(placedDomain)
}

/** The record that proves the domain, as Graph's `domainDnsTxtRecord`; its id is made from its content, so that it stays. */
export function verificationRecord({ domain, code }: DomainOwnership): object {
  const hex = createHash('sha256').update(`${domain} ${code}`).digest('hex')
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return {
    '@odata.type': '#microsoft.graph.domainDnsTxtRecord',
    isOptional: false,
    label: domain,
    recordType: 'Txt',
    supportedService: 'Email',
    ttl: 3600,
    id: [...groups, hex.slice(20, 32)].join('-'),
    text: code,
  }
}

type AnyForm = BodyForm<Readonly<Record<string, Reader<unknown>>>>

const notKept = [
  'passwordNotificationWindowInDays',
  'passwordValidityPeriodInDays',
  'supportedServices',
  'model',
  'manufacturer',
  'state',
  'availabilityStatus',
  'isAdminManaged',
  'isInitial',
  'isRoot',
  'isVerified',
]

/** The body of `POST /domains`. */
export const newDomainForm = {
  resource: 'domain',
  fields: { id: filledText },
  notKept: [...notKept, 'isDefault', 'authenticationType'],
} as const satisfies AnyForm

/** The body of `PATCH /domains/{id}`. */
export const domainForm = {
  resource: 'domain',
  fields: {
    authenticationType: oneOf(['Managed', 'Federated']),
    isDefault: flag,
  },
  notKept,
} as const satisfies AnyForm
