/** The small pool that everything is drawn from, so that values collide; with what the rules say about each, by hand. */

/** The properties that doors set, and the audit keeps. */
export const properties = [
  'userPrincipalName',
  'onPremisesImmutableId',
  'accountEnabled',
  'displayName',
  'mailNickname',
  'mail',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'officeLocation',
  'mobilePhone',
  'usageLocation',
] as const
export type Property = (typeof properties)[number]
export type Value = string | boolean | null
/** Absent: left as it is. Null: taken away. */
export type Values = { [P in Property]?: Value }

/** What a user may be without. */
export const clearable: ReadonlySet<Property> = new Set(
  properties.filter(
    (name) =>
      !['userPrincipalName', 'accountEnabled', 'displayName', 'mailNickname'].includes(name),
  ),
)

export const managed = 'managed.example'
export const federated = 'customer.com'
/** Now managed, now federated. */
export const flipping = 'flip.example'
/** Now here, now not. */
export const spare = 'spare.example'
export const international = 'xn--bcher-kva.example'

interface Upn {
  readonly text: string
  /** What it is compared by. */
  readonly key: string
  /** Null for what is no UPN. */
  readonly domain: string | null
}

const upn = (text: string, local: string, domain: string): Upn => ({
  text,
  key: `${local}@${domain}`,
  domain,
})
const noUpn = (text: string): Upn => ({ text, key: text.toLowerCase(), domain: null })

export const upns: readonly Upn[] = [
  upn('ann@managed.example', 'ann', managed),
  upn('ANN@Managed.Example', 'ann', managed),
  upn("o'neil@managed.example", "o'neil", managed),
  upn('ann@customer.com', 'ann', federated),
  upn('Ben@customer.com', 'ben', federated),
  upn('ben@CUSTOMER.com', 'ben', federated),
  upn('ann@bücher.example', 'ann', international),
  upn('Ann@xn--bcher-kva.example', 'ann', international),
  upn('ben@flip.example', 'ben', flipping),
  upn('cem@flip.example', 'cem', flipping),
  upn('ann@spare.example', 'ann', spare),
  upn('ann@nowhere.example', 'ann', 'nowhere.example'),
  noUpn('ann'),
  noUpn('a b@managed.example'),
  noUpn('ann@@customer.com'),
]
const byText = new Map(upns.map((each) => [each.text, each]))

export function upnOf(text: Value | undefined): Upn {
  const found = byText.get(String(text))
  if (found === undefined) throw new Error(`${text} is not in the pool`)
  return found
}

/** A value that a door is given, and the rules that it breaks by itself. */
export interface Choice {
  readonly property: Property
  readonly value: Value
  readonly rules: readonly string[]
}

const choices = (
  property: Property,
  good: readonly Value[],
  bad: readonly (readonly [Value, string])[] = [],
): Choice[] => [
  ...good.map((value) => ({ property, value, rules: [] })),
  ...bad.map(([value, rule]) => ({ property, value, rules: [rule] })),
]
const long = (length: number): [Value, string] => ['x'.repeat(length), 'valueTooLong']
const control = ['a\u0007b', 'valueMalformed'] as const
const mirrored = ['a\u202eb', 'valueMalformed'] as const

export const anchors: readonly Choice[] = choices(
  'onPremisesImmutableId',
  ['fVsmfZg/REGXoElnSjfAOg==', 'fvsmfzg/regxoelnsjfaog==', 'e1', 'E1', null],
  [
    ['a b', 'immutableIdMalformed'],
    ['a$b', 'immutableIdMalformed'],
    ['é', 'immutableIdMalformed'],
    ['x'.repeat(65), 'immutableIdMalformed'],
  ],
)

export const others: readonly Choice[] = [
  ...choices('accountEnabled', [true, false]),
  ...choices('displayName', ['Ann', 'Ünï 名'], [['', 'valueRequired'], long(257), mirrored]),
  ...choices(
    'mailNickname',
    ['ann', 'Ben.2'],
    [
      ['a@b', 'valueMalformed'],
      ['', 'valueRequired'],
    ],
  ),
  ...choices('mail', ['a@x.example', null], [['nobody', 'valueMalformed']]),
  ...choices('givenName', ['Ann', 'Zoë', null], [long(65)]),
  ...choices('surname', ['Ost', null], [control]),
  ...choices('jobTitle', ['Cook', null], [long(129)]),
  ...choices('department', ['IT', 'Sales, “north”', null], [long(65)]),
  ...choices('officeLocation', ['Berlin', null], [control]),
  ...choices('mobilePhone', ['123', null], [long(65)]),
  ...choices('usageLocation', ['US', null], [['Sweden', 'valueMalformed']]),
]

const rulesOf = new Map([...anchors, ...others].map((each) => [keyOf(each), each.rules]))

function keyOf({ property, value }: Pick<Choice, 'property' | 'value'>): string {
  return JSON.stringify([property, value])
}

/** The rules that a value breaks by itself; what is not in the pool was made by a server, and breaks none. */
export function rulesBrokenBy(property: Property, value: Value): readonly string[] {
  return rulesOf.get(keyOf({ property, value })) ?? []
}

export const externalIds = ['x1', 'X1', 'x2'] as const

export const groupNames = ['Staff', 'STAFF', 'Ärzte', '', 'x'.repeat(257), 'a\u0007b'] as const
export const groupRules: ReadonlyMap<string, string> = new Map([
  ['', 'valueRequired'],
  ['x'.repeat(257), 'valueTooLong'],
  ['a\u0007b', 'valueMalformed'],
])
