import { expect } from 'chai'
import fc from 'fast-check'
import { parseFilter, parsePatchPath } from '../../src/admin/scim/filter/parse.ts'
import { limits } from '../../src/admin/scim/names.ts'
import { ScimError } from '../../src/admin/scim/scimError.ts'
import { printed, unplaced, userFilter } from './randomFilter.ts'

function refusalOf(text: string, read: (text: string) => unknown = parseFilter): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof ScimError) return `${error.scimType}: ${error.message}`
    throw error
  }
  return `taken: ${text}`
}

describe('a SCIM filter', () => {
  it('is read back as what was written', () => {
    fc.assert(
      fc.property(userFilter, (filter) => {
        const text = printed(filter)
        expect(unplaced(parseFilter(text)), text).to.deep.equal(unplaced(filter))
      }),
      { numRuns: 1000 },
    )
  })

  it('binds not before and, and before or', () => {
    expect(printed(parseFilter('a pr or b pr and not (c pr) or d pr'))).to.equal(
      'a pr or (b pr and not (c pr)) or d pr',
    )
    expect(printed(parseFilter('(a pr or b pr) and c pr'))).to.equal('(a pr or b pr) and c pr')
  })

  it('takes names, operators and URNs in any case', () => {
    expect(unplaced(parseFilter('USERNAME EQ "Al" AND NOT(Title Pr)'))).to.deep.equal(
      unplaced(parseFilter('userName eq "Al" and not (title pr)')),
    )
    expect(parseFilter('URN:ietf:params:scim:schemas:core:2.0:User:name.givenName pr')).to.include({
      kind: 'present',
    })
  })

  it('says at which character it cannot be read', () => {
    expect(refusalOf('userName eq "a" and')).to.equal(
      'invalidFilter: At character 20 (the end): expected the name of an attribute.',
    )
    expect(refusalOf('userName like "a"')).to.equal(
      'invalidFilter: At character 10 (like): expected one of eq, ne, co, sw, ew, gt, ge, lt, le, pr.',
    )
    expect(refusalOf('a pr  b pr')).to.equal('invalidFilter: At character 7 (b): expected the end.')
    expect(refusalOf('a eq "x"and b pr')).to.equal(
      'invalidFilter: At character 9 (and): a space is missing before it.',
    )
    expect(refusalOf('a eq "\\x"')).to.match(/^invalidFilter: At character 6 /)
    expect(refusalOf('a\teq "x"')).to.match(/^invalidFilter: At character 2 /)
  })

  for (const text of [
    '',
    ' ',
    'pr',
    'a',
    'a eq',
    'a eq [1]',
    'a eq "b',
    "a eq 'b'",
    'a eq undefined',
    'a.b.c pr',
    '1a pr',
    'a[b pr].c',
    'a[b pr].c.d pr',
    'a.b[c pr]',
    'a[]',
    '()',
    'not a pr',
    'a pr or or b pr',
    'a pr)',
    'a[b[c pr]]',
  ]) {
    it(`is refused as ${JSON.stringify(text)}`, () => {
      expect(refusalOf(text)).to.match(/^invalidFilter: At character \d+ /)
    })
  }

  it('is refused when it is too long, too deep or has too many comparisons, and taken at the limit', () => {
    const deep = (levels: number) => `${'('.repeat(levels)}a pr${')'.repeat(levels)}`
    const terms = (count: number) => Array.from({ length: count }, () => 'a pr').join(' or ')
    const long = (length: number) => `a eq "${'x'.repeat(length - 7)}"`
    expect(refusalOf(deep(limits.filterDepth))).to.match(/^taken/)
    expect(refusalOf(deep(limits.filterDepth + 1))).to.match(/^invalidFilter: .* deeper than 20/)
    expect(refusalOf('('.repeat(7000))).to.match(/^invalidFilter: .* deeper than 20/)
    expect(refusalOf(terms(limits.filterTerms))).to.match(/^taken/)
    expect(refusalOf(terms(limits.filterTerms + 1))).to.match(/^invalidFilter: .* more than 100/)
    expect(refusalOf(long(limits.filterLength))).to.match(/^taken/)
    expect(refusalOf(long(limits.filterLength + 1))).to.match(/^invalidFilter: It has 8001/)
  })

  it('never does anything but being read or being refused', () => {
    const pieces = fc.constantFrom(
      ...'()[]". \\a1-:'.split(''),
      'eq',
      'and ',
      'not',
      ' or ',
      '"x"',
      'pr',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        expect(refusalOf(parts.join(''))).to.match(/^(?:taken|invalidFilter: At character \d+ )/)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the path of a PATCH', () => {
  it('is an attribute, a part of one, or the values that fulfil a filter', () => {
    expect(parsePatchPath('name.familyName')).to.deep.equal({
      path: { schema: null, name: 'name', sub: 'familyname' },
      filter: null,
    })
    const { path, filter } = parsePatchPath('emails[type eq "work"].value')
    expect(path).to.deep.equal({ schema: null, name: 'emails', sub: 'value' })
    expect(filter && printed(filter)).to.equal('type eq "work"')
  })

  for (const text of [
    '',
    '.',
    'a b',
    'a[',
    'a[b pr',
    'a[b pr] c',
    'a eq "b"',
    'a[b pr].',
    'members[]',
  ]) {
    it(`is refused as ${JSON.stringify(text)}`, () => {
      expect(refusalOf(text, parsePatchPath)).to.match(/^invalidPath: At character \d+ /)
    })
  }
})
