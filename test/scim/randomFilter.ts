import fc from 'fast-check'
import type { AttributePath } from '../../src/admin/scim/attributePath.ts'
import type { Comparison, Filter, FilterValue } from '../../src/admin/scim/filter/parse.ts'
import { urns } from '../../src/admin/scim/names.ts'

/** A filter as a client would write it: with a space around operators, and parentheses around all that is joined. */
export function printed(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters
        .map((each) => (isJoined(each) ? `(${printed(each)})` : printed(each)))
        .join(` ${filter.kind} `)
    case 'not':
      return `not (${printed(filter.filter)})`
    case 'values':
      return `${pathText(filter.path)}[${printed(filter.filter)}]`
    case 'present':
      return `${pathText(filter.path)} pr`
    case 'compare':
      return `${pathText(filter.path)} ${filter.op} ${JSON.stringify(filter.value)}`
  }
}

export function pathText({ schema, name, sub }: AttributePath): string {
  return `${schema === null ? '' : `${schema}:`}${name}${sub === null ? '' : `.${sub}`}`
}

/** The filter without where it stood. */
export function unplaced(filter: Filter): unknown {
  return JSON.parse(
    JSON.stringify(filter, (key, value) => (key === 'position' ? undefined : value)),
  )
}

function isJoined({ kind }: Filter): boolean {
  return kind === 'and' || kind === 'or'
}

const core = (name: string, sub: string | null = null): AttributePath => ({
  schema: null,
  name,
  sub,
})
const position = 1
const compared = (
  path: AttributePath,
  ops: readonly Comparison[],
  values: readonly FilterValue[],
): fc.Arbitrary<Filter> =>
  fc.record({
    kind: fc.constant('compare' as const),
    path: fc.constant(path),
    op: fc.constantFrom(...ops),
    value: fc.constantFrom(...values),
    position: fc.constant(position),
  })
const present = (...paths: AttributePath[]): fc.Arbitrary<Filter> =>
  fc.record({
    kind: fc.constant('present' as const),
    path: fc.constantFrom(...paths),
    position: fc.constant(position),
  })

const equality = ['eq', 'ne'] as const
const order = ['gt', 'ge', 'lt', 'le'] as const
const ofTexts = [...equality, ...order, 'co', 'sw', 'ew'] as const

export const texts = [
  'al',
  'AL',
  'Alice',
  'bob',
  'b',
  'Sales',
  'x@managed.example',
  '"quoted\\',
] as const
export const anchors = ['Abc=', 'abc=', 'ABC'] as const
export const groupIds = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
] as const
export const instants = [1_700_000_000_000, 1_700_000_000_001, 1_700_000_001_000] as const

const homerealm = urns.homerealm.toLowerCase()
const enterprise = urns.enterprise.toLowerCase()
const textPaths = [
  core('username'),
  core('displayname'),
  core('title'),
  core('name', 'givenname'),
  core('name', 'familyname'),
  { schema: urns.user.toLowerCase(), name: 'title', sub: null },
  { schema: enterprise, name: 'department', sub: null },
  { schema: homerealm, name: 'officelocation', sub: null },
]
const anchorPath: AttributePath = { schema: homerealm, name: 'immutableid', sub: null }

const inBrackets = (path: AttributePath, filters: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
  filters.map((filter) => ({ kind: 'values', path, filter, position }))
const joinedOf = (each: fc.Arbitrary<Filter>, maxLength = 3): fc.Arbitrary<Filter> =>
  fc.record({
    kind: fc.constantFrom('and' as const, 'or' as const),
    filters: fc.array(each, { minLength: 2, maxLength }),
  })
const negationOf = (each: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
  each.map((filter) => ({ kind: 'not', filter }))

const partOfEmail = fc.oneof(
  compared(core('value'), ofTexts, texts),
  compared(core('type'), equality, ['work', 'WORK', 'home']),
  compared(core('primary'), equality, [true, false]),
  present(core('value'), core('type')),
)
const groupById = compared(core('value'), ['eq'], groupIds)

const term: fc.Arbitrary<Filter> = fc.oneof(
  ...textPaths.map((path) => compared(path, ofTexts, texts)),
  ...textPaths.map((path) => compared(path, equality, [null])),
  present(...textPaths, anchorPath, core('emails'), core('phonenumbers'), core('externalid')),
  compared(anchorPath, ofTexts, anchors),
  compared(core('active'), equality, [true, false]),
  compared(core('externalid'), equality, ['e0', 'e1', 'E1', null]),
  compared(core('meta', 'created'), [...equality, ...order], instants.map(iso)),
  compared(core('meta', 'resourcetype'), equality, ['User', 'group']),
  compared(core('emails', 'value'), ofTexts, texts),
  compared(core('emails'), ofTexts, texts),
  compared(core('emails', 'type'), equality, ['work', 'home']),
  compared(core('phonenumbers', 'type'), equality, ['mobile', 'work']),
  inBrackets(core('emails'), fc.oneof(partOfEmail, joinedOf(partOfEmail), negationOf(partOfEmail))),
  compared(core('groups'), ['eq'], groupIds),
  compared(core('groups', 'value'), ['eq'], groupIds),
  inBrackets(
    core('groups'),
    fc.array(groupById, { minLength: 2, maxLength: 3 }).map((filters) => ({ kind: 'or', filters })),
  ),
)

function iso(at: number): string {
  return new Date(at).toISOString()
}

/** Filters over users that the door answers. */
export const { filter: userFilter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    term,
    joinedOf(tie('filter')),
    negationOf(tie('filter')),
  ),
}))
