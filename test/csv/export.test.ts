import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { exportUsers, type HeadingStyle, isHeadingStyle } from '../../src/admin/csv/exportUsers.ts'
import { writeFileAtomically } from '../../src/admin/csv/files.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import {
  allUsers,
  furnishedDirectory,
  importText,
  later,
  seededRandom,
  withFolder,
} from './directoryForTests.ts'

const styles: readonly HeadingStyle[] = ['graph', 'okta', 'entra']

async function exported(store: DirectoryStore, options: Parameters<typeof exportUsers>[1] = {}) {
  return (await Array.fromAsync(exportUsers(store, options))).join('')
}

async function demoDirectory(): Promise<DirectoryStore> {
  const store = await furnishedDirectory()
  await importText(store, readFileSync('fixtures/csv/demo-users.csv', 'utf8'))
  const odd =
    'login,displayName,department,jobTitle,immutableId\n' +
    'odd1@customer.com,\'=1+1,\'-x,"a, ""b""",+NLWoRgaa025LxvBJglpBw==\n' +
    "odd2@customer.com,''@x,'quoted,@home,\n"
  await importText(store, odd)
  return store
}

describe('exportUsers', () => {
  for (const headings of styles) {
    it(`with ${headings} headings changes nothing when it is imported again`, async () => {
      const store = await demoDirectory()
      const before = await allUsers(store)
      const report = await importText(store, await exported(store, { headings }), { now: later })
      expect(report.rejected).to.deep.equal([])
      expect(report.changed).to.deep.equal([])
      expect(report.unchangedCount).to.equal(before.length)
      expect(await allUsers(store)).to.deep.equal(before)
    })
  }

  it('with Graph headings makes the same users in an empty directory', async () => {
    const store = await demoDirectory()
    const copy = await furnishedDirectory()
    await importText(copy, await exported(store))
    const withoutIds = async (directory: DirectoryStore) =>
      (await allUsers(directory)).map(({ id: _, ...user }) => user)
    expect(await withoutIds(copy)).to.deep.equal(await withoutIds(store))
  })

  it('gives one domain when asked', async () => {
    const text = await exported(await demoDirectory(), { domain: 'customer.co.uk' })
    const upns = text
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',')[0])
    expect(upns).to.deep.equal([
      'emma.clarke@customer.co.uk',
      'harry.patel@customer.co.uk',
      'isla.macdonald@customer.co.uk',
      'owen.hughes@customer.co.uk',
    ])
  })

  it('has the portal’s version line and its inverted column with Entra headings', async () => {
    const store = await furnishedDirectory()
    await importText(store, 'login,accountEnabled\ndave@customer.com,no\n')
    const [version, headings, row] = (await exported(store, { headings: 'entra' })).split('\r\n')
    expect(version).to.equal('version:v1.0')
    expect(headings).to.contain('Block sign in (Yes/No) [accountEnabled] Required')
    expect(row).to.match(/^dave,dave@customer.com,,Yes,/)
  })

  it('guards free text that a spreadsheet would run, and never an ImmutableId', async () => {
    const text = await exported(await demoDirectory())
    expect(text).to.contain("'=1+1")
    expect(text).to.contain(",'@home,")
    expect(text).to.contain(',+NLWoRgaa025LxvBJglpBw==,')
  })

  it('gives the headings alone for nobody', async () => {
    expect(await exported(await furnishedDirectory())).to.match(
      /^userPrincipalName,[A-Za-z,]+\r\n$/,
    )
  })

  it('can be written to a file that appears whole or not at all', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'users.csv')
      const store = await demoDirectory()
      await writeFileAtomically(path, exportUsers(store), seededRandom())
      expect(readFileSync(path, 'utf8')).to.equal(await exported(store))
    })
  })

  it('knows its styles and no names that objects have by nature', () => {
    expect(styles.every(isHeadingStyle)).to.equal(true)
    expect(['constructor', '__proto__', 'Graph', ''].some(isHeadingStyle)).to.equal(false)
  })
})
