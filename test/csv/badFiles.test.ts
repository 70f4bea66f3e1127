import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { CsvError } from '../../src/admin/csv/csvError.ts'
import { importUsers } from '../../src/admin/csv/importUsers.ts'
import { csvFile } from '../../src/admin/csv/lines.ts'
import { allUsers, furnishedDirectory, now, rejection, seededRandom } from './directoryForTests.ts'

const folder = 'fixtures/csv/bad'

/** Files that cannot be read at all: the line that the error names, and words of it. */
const unreadable: Readonly<Record<string, readonly [line: number | null, words: RegExp]>> = {
  'quote-never-closed': [3, /quotation marks of the row that begins here do not pair up/],
  'quote-inside-plain-cell': [2, /quotation marks/],
  'text-after-closing-quote': [2, /quotation marks/],
  'no-upn-column': [1, /no column holds the UPN.*Found: displayName, immutableId/],
  'two-columns-of-one-property': [
    1,
    /columns 2 \(immutableId\) and 3 \(onPremisesImmutableId\) both hold/,
  ],
  'headings-only-version-line': [null, /no line with the names of the columns/],
  empty: [null, /no line with the names of the columns/],
  'not-utf8': [3, /not UTF-8.*"CSV UTF-8"/],
  'nul-byte': [2, /not UTF-8/],
  'utf-16': [null, /UTF-16/],
}

/** Files with rows that break a rule: for each such row its line, the column and words of the reason. */
type Fault = readonly [line: number, column: string | null, reason: RegExp]
const rejected: Readonly<Record<string, readonly Fault[]>> = {
  'row-too-short': [[3, null, /has 2 cells where the headings have 3/]],
  'row-too-long': [[2, null, /has 4 cells where the headings have 3/]],
  'row-too-short-after-line-breaks-in-cells': [
    [2, 'displayName', /not allowed: line break/],
    [5, null, /has 2 cells/],
  ],
  'upn-twice-in-other-case': [
    [2, 'userPrincipalName', /same UPN stands in line 4 /],
    [4, 'userPrincipalName', /same UPN stands in line 2 /],
  ],
  'immutable-id-twice': [
    [2, 'immutableId', /same ImmutableId stands in line 3 /],
    [3, 'immutableId', /same ImmutableId stands in line 2 /],
  ],
  'immutable-id-with-space-at-end': [[2, 'immutableId', /ends with white space/]],
  'immutable-id-with-space-inside': [[2, 'immutableId', /white space at character 8/]],
  'immutable-id-with-dollar': [[2, 'immutableId', /character \$ at character 8/]],
  'immutable-id-with-underscore': [[2, 'immutableId', /character _ at character 8/]],
  'immutable-id-of-65-characters': [[2, 'immutableId', /65 characters; 64 are the most/]],
  'immutable-id-with-zero-width-space': [[2, 'immutableId', /U\+200B at character 9/]],
  'upn-of-foreign-domain': [[2, 'userPrincipalName', /customr.com is not a domain here/]],
  'upn-without-at-sign': [[2, 'userPrincipalName', /has no @/]],
  'upn-empty': [[2, 'userPrincipalName', /UPN is empty/]],
  'upn-with-plus': [[2, 'userPrincipalName', /character \+, which is not allowed/]],
  'account-enabled-is-maybe': [[2, 'accountEnabled', /neither yes nor no/]],
  'usage-location-is-a-name': [[2, 'usageLocation', /country code of two capital letters/]],
  'mail-is-no-address': [[2, 'mail', /no e-mail address/]],
  'display-name-too-long': [[2, 'displayName', /257 characters; 256 are the most/]],
}

describe('a bad CSV file', () => {
  it('has a test, and each test a file', () => {
    const names = readdirSync(folder).map((file) => file.replace(/\.csv$/, ''))
    expect(names.sort()).to.deep.equal(
      [...Object.keys(unreadable), ...Object.keys(rejected)].sort(),
    )
  })

  for (const [name, [line, words]] of Object.entries(unreadable)) {
    it(`is refused as a whole, with the line: ${name}`, async () => {
      const store = await furnishedDirectory()
      const source = csvFile(`${folder}/${name}.csv`)
      const error = await rejection(importUsers(store, source, { now, random: seededRandom() }))
      expect(error).to.be.instanceOf(CsvError)
      expect((error as CsvError).line).to.equal(line)
      expect(error.message).to.match(words)
      expect(error.message).to.contain(`${folder}/${name}.csv`)
      expect(await allUsers(store)).to.deep.equal([])
    })
  }

  for (const [name, faults] of Object.entries(rejected)) {
    it(`keeps all rows out, with line, column and reason: ${name}`, async () => {
      const store = await furnishedDirectory()
      const source = csvFile(`${folder}/${name}.csv`)
      const report = await importUsers(store, source, { now, random: seededRandom() })
      expect(report.isWritten).to.equal(false)
      expect(report.rejected.map(({ line }) => line)).to.deep.equal(faults.map(([line]) => line))
      for (const [index, [, column, reason]] of faults.entries()) {
        const problem = report.rejected[index]?.problems[0]
        expect(problem?.column).to.equal(column)
        expect(problem?.reason).to.match(reason)
      }
      expect(await allUsers(store)).to.deep.equal([])
    })
  }
})
