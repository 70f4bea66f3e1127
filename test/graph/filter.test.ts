import { expect } from 'chai'
import fc from 'fast-check'
import { deepestFilter, mostTerms, parseFilter } from '../../src/admin/graph/filter/parse.ts'
import { groupFilters, userFilters } from '../../src/admin/graph/filter/properties.ts'
import { longestFilter } from '../../src/admin/graph/filter/tokens.ts'
import type { UserCondition } from '../../src/directory/query.ts'
import { printed } from './printFilter.ts'
import { refusalOf } from './refusal.ts'

const parse = (filter: string) => parseFilter(filter, userFilters)
const name = (value: string) => ({ op: 'eq', property: 'displayName', value })

describe('parseFilter', () => {
  const good: readonly (readonly [filter: string, condition: unknown])[] = [
    ["displayName eq 'a'", name('a')],
    ["  displayName\teq  'a'  ", name('a')],
    ["DisplayName EQ 'a'", name('a')],
    ["displayName eq 'O''Brien'", name("O'Brien")],
    ["displayName eq ''", name('')],
    ["displayName eq ''''", name("'")],
    ["displayName eq 'a and b or (c'", name('a and b or (c')],
    ['mail eq null', { op: 'eq', property: 'mail', value: null }],
    ['mail ne null', { op: 'ne', property: 'mail', value: null }],
    ['accountEnabled eq true', { op: 'eq', property: 'accountEnabled', value: true }],
    ['accountEnabled ne false', { op: 'ne', property: 'accountEnabled', value: false }],
    [
      "onPremisesImmutableId in ('A==','b')",
      { op: 'in', property: 'onPremisesImmutableId', values: ['A==', 'b'] },
    ],
    [
      'accountEnabled in (true, false)',
      {
        op: 'or',
        conditions: [true, false].map((value) => ({ op: 'eq', property: 'accountEnabled', value })),
      },
    ],
    [
      'createdDateTime ge 2026-01-15T09:30:00Z',
      { op: 'ge', property: 'createdDateTime', value: Date.UTC(2026, 0, 15, 9, 30) },
    ],
    [
      'createdDateTime lt 2026-01-15T09:30:00.1234567+01:30',
      { op: 'lt', property: 'createdDateTime', value: Date.UTC(2026, 0, 15, 8, 0, 0, 123) },
    ],
    [
      "startsWith(userPrincipalName,'al')",
      { op: 'startsWith', property: 'userPrincipalName', value: 'al' },
    ],
    ["startswith( mail , 'al' )", { op: 'startsWith', property: 'mail', value: 'al' }],
    ["ENDSWITH(mail,'com')", { op: 'endsWith', property: 'mail', value: 'com' }],
    ["contains(department,'north')", { op: 'contains', property: 'department', value: 'north' }],
    ["not(displayName eq 'a')", { op: 'not', condition: name('a') }],
    [
      "not startsWith(mail,'a')",
      { op: 'not', condition: { op: 'startsWith', property: 'mail', value: 'a' } },
    ],
    [
      "displayName eq 'a' or displayName eq 'b' and displayName eq 'c'",
      { op: 'or', conditions: [name('a'), { op: 'and', conditions: [name('b'), name('c')] }] },
    ],
    [
      "(displayName eq 'a' or displayName eq 'b') and displayName eq 'c'",
      { op: 'and', conditions: [{ op: 'or', conditions: [name('a'), name('b')] }, name('c')] },
    ],
    ["((displayName eq 'a'))", name('a')],
    ["userType eq 'member'", { op: 'ne', property: 'id', value: null }],
    ["userType eq 'Guest'", { op: 'eq', property: 'id', value: null }],
    ["userType ne 'Guest'", { op: 'ne', property: 'id', value: null }],
  ]
  for (const [filter, condition] of good) {
    it(`reads ${filter}`, () => {
      expect(parse(filter)).to.deep.equal(condition)
    })
  }

  const unsupported: readonly (readonly [filter: string, named: string, at: number])[] = [
    ["displayNam eq 'a'", 'displayName', 1],
    ["passwordHash eq 'a'", 'passwordHash', 1],
    ["__proto__ eq 'a'", '__proto__', 1],
    ["constructor eq 'a'", 'constructor', 1],
    ["startsWith(onPremisesImmutableId,'a')", 'onPremisesImmutableId', 12],
    ["contains(id,'a')", 'id', 10],
    ['accountEnabled gt false', 'gt', 1],
    ["displayName has 'a'", 'has', 13],
    ["and displayName eq 'a'", "'and'", 1],
    ["length(displayName) eq 'a'", 'length', 1],
    ["tolower(displayName) eq 'a'", 'tolower', 1],
    ["proxyAddresses/any(p:p eq 'a')", 'proxyAddresses/any', 1],
    ["displayName eq 'a' and manager/id eq 'b'", 'manager/id', 24],
  ]
  for (const [filter, named, at] of unsupported) {
    it(`does not support ${filter}, and says so by name and place`, () => {
      const { status, code, message, details } = refusalOf(() => parse(filter))
      expect({ status, code }).to.deep.equal({ status: 400, code: 'Request_UnsupportedQuery' })
      expect(message)
        .to.contain(named)
        .and.to.match(new RegExp(`at character ${at}\\b`))
      expect(details.map(({ target }) => target)).to.deep.equal(['$filter'])
    })
  }

  const broken: readonly (readonly [filter: string, at: number, says: string])[] = [
    ['', 1, 'the end'],
    ['   ', 4, 'the end'],
    ['displayName', 12, 'an operator'],
    ['displayName eq', 15, 'a value was expected'],
    ['displayName eq a', 16, 'quotes'],
    ["displayName eq 'a", 16, 'does not end'],
    ["displayName eq 'a'b'", 16, 'white space is missing'],
    ['displayName eq 5', 16, 'a value was expected'],
    ['displayName eq true', 16, 'a text in quotes'],
    ["accountEnabled eq 'true'", 19, 'true or false'],
    ["createdDateTime ge '2026-01-15T09:30:00Z'", 20, 'a time without quotes'],
    ['createdDateTime ge 2026-02-30T00:00:00Z', 20, 'no point in time'],
    ['createdDateTime ge 2026-01-15T25:00:00Z', 20, 'no point in time'],
    ['createdDateTime ge 2026-01-15', 20, 'white space is missing'],
    ['mail gt null', 9, 'null'],
    ["mail in ('a', null)", 15, 'null'],
    ['mail in ()', 10, 'a value was expected'],
    ["mail in 'a'", 9, '( was expected'],
    ["mail in ('a'", 13, ') was expected'],
    ["mail in ('a',)", 14, 'a value was expected'],
    ["displayName eq 'a' displayName eq 'b'", 20, 'one too many'],
    ["displayName eq 'a' and", 23, 'a property was expected'],
    ["(displayName eq 'a'", 20, ') was expected'],
    ["displayName eq 'a')", 19, 'one too many'],
    ["not displayName eq 'a'", 5, 'not must be followed'],
    ["not not(displayName eq 'a')", 5, 'not must be followed'],
    ["'a' eq displayName", 1, 'a property was expected'],
    ["startsWith(mail 'a')", 17, ', was expected'],
    ["startsWith('a',mail)", 12, 'a property was expected'],
    ['startsWith(mail,null)', 17, 'a text in quotes'],
    ["displayName = 'a'", 13, 'no meaning'],
    ["displayName eq 'a'; drop table users", 16, 'white space is missing'],
    ['displayName eq "a"', 16, 'no meaning'],
    ["displayName eq 'a' \u{1F600}", 20, '\u{1F600}'],
  ]
  for (const [filter, at, says] of broken) {
    it(`refuses ${JSON.stringify(filter)} at character ${at}`, () => {
      const { status, code, message } = refusalOf(() => parse(filter))
      expect({ status, code }).to.deep.equal({ status: 400, code: 'Request_BadRequest' })
      expect(message)
        .to.match(new RegExp(`at character ${at},`))
        .and.to.contain(says)
    })
  }

  it('knows the properties of groups apart from those of users', () => {
    expect(parseFilter("description eq 'a'", groupFilters)).to.include({ property: 'description' })
    const { code } = refusalOf(() => parseFilter("mail eq 'a'", groupFilters))
    expect(code).to.equal('Request_UnsupportedQuery')
  })

  describe('has limits', () => {
    it('of length', () => {
      const frame = "displayName eq ''"
      const fitting = `displayName eq '${'a'.repeat(longestFilter - frame.length)}'`
      expect(parse(fitting)).to.include({ op: 'eq' })
      const { message } = refusalOf(() => parse(`${fitting} `))
      expect(message).to.contain(String(longestFilter))
    })

    it('of depth', () => {
      const nested = (depth: number) => `${'('.repeat(depth)}mail eq null${')'.repeat(depth)}`
      expect(parse(nested(deepestFilter))).to.include({ property: 'mail' })
      const { message } = refusalOf(() => parse(nested(deepestFilter + 1)))
      expect(message).to.contain(String(deepestFilter))
    })

    it('of comparisons', () => {
      const many = (count: number) => Array(count).fill('mail eq null').join(' or ')
      expect(parse(many(mostTerms))).to.include({ op: 'or' })
      const { message } = refusalOf(() => parse(many(mostTerms + 1)))
      expect(message).to.contain(String(mostTerms))
    })

    it('of values in lists, counted with the comparisons', () => {
      const list = (count: number) => `mail in (${Array(count).fill("'a'").join(',')})`
      expect(parse(list(mostTerms))).to.include({ op: 'in' })
      const { message } = refusalOf(() => parse(`${list(mostTerms)} or mail eq null`))
      expect(message).to.contain(String(mostTerms))
    })
  })

  it('reads what a printer wrote of any condition', () => {
    fc.assert(
      fc.property(conditions, (condition) => {
        expect(parse(printed(condition))).to.deep.equal(condition)
      }),
    )
  })

  it('either reads any text or refuses it with 400', () => {
    const pieces = fc.constantFrom(
      ..."displayName mail accountEnabled eq ne in not and or ( ) , 'a' '' ' null true 2026-01-15T09:30:00Z startsWith( 5 / $".split(
        ' ',
      ),
    )
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces).map((all) => all.join(' ')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parse(text)
        } catch (error) {
          expect(error).to.have.property('status', 400)
        }
      }),
      { numRuns: 500 },
    )
  })
})

const texts = fc.string({ unit: 'grapheme', maxLength: 8 })
const textProperties = fc.constantFrom('displayName' as const, 'mail' as const)
const comparisons = fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le') as fc.Arbitrary<
  'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'
>
const equalities = fc.constantFrom('eq' as const, 'ne' as const)

const leaves: fc.Arbitrary<UserCondition> = fc.oneof(
  fc.record({ op: comparisons, property: textProperties, value: texts }),
  fc.record({ op: equalities, property: textProperties, value: fc.constant(null) }),
  fc.record({
    op: equalities,
    property: fc.constant('accountEnabled' as const),
    value: fc.boolean(),
  }),
  fc.record({
    op: comparisons,
    property: fc.constant('createdDateTime' as const),
    value: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  }),
  fc.record({
    op: fc.constantFrom('startsWith' as const, 'endsWith' as const, 'contains' as const),
    property: textProperties,
    value: texts,
  }),
  fc.record({
    op: fc.constant('in' as const),
    property: textProperties,
    values: fc.array(texts, { minLength: 1, maxLength: 3 }),
  }),
)

/** As deep as parentheses may be, and with no `and` of one. */
const conditions: fc.Arbitrary<UserCondition> = fc.letrec<{ any: UserCondition }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaves,
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      conditions: fc.array(tie('any'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), condition: tie('any') }),
  ),
})).any
