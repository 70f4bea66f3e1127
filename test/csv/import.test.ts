import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { CsvError } from '../../src/admin/csv/csvError.ts'
import { importUsers } from '../../src/admin/csv/importUsers.ts'
import { csvBytes, csvFile } from '../../src/admin/csv/lines.ts'
import {
  allUsers,
  furnishedDirectory,
  importText,
  later,
  now,
  rejection,
  seededRandom,
  withFolder,
} from './directoryForTests.ts'

const a = '6Hz3el8+OkyEvxdtRYYCDw=='
const b = 'weGaRHg5UkOTkhoNmBwV7Q=='
const c = '2VsmfZg/REGXoElnSjfAOg=='

async function directoryWith(text: string) {
  const store = await furnishedDirectory()
  const report = await importText(store, text)
  expect(report.rejected).to.deep.equal([])
  return store
}

const anchorsOf = async (store: Awaited<ReturnType<typeof furnishedDirectory>>) =>
  Object.fromEntries(
    (await allUsers(store)).map((user) => [user.userPrincipalName, user.onPremisesImmutableId]),
  )

describe('importUsers', () => {
  it('creates users whose UPN is new and changes those who are there, by UPN in any case', async () => {
    const store = await directoryWith(
      `login,immutableId,department\nalice@customer.com,${a},Sales\n`,
    )
    const report = await importText(
      store,
      `login,immutableId,department\nALICE@Customer.com,${b},Sales\nbob@customer.com,${a},\n`,
      { now: later },
    )
    expect(report.created).to.deep.equal([{ line: 3, userPrincipalName: 'bob@customer.com' }])
    expect(report.changed).to.deep.equal([
      {
        line: 2,
        userPrincipalName: 'alice@customer.com',
        changes: [{ property: 'onPremisesImmutableId', old: a, new: b }],
      },
    ])
    const alice = await store.userByImmutableId(b)
    expect(alice?.userPrincipalName).to.equal('alice@customer.com')
    expect(alice?.createdDateTime).to.equal(now)
    expect(alice?.lastModifiedDateTime).to.equal(later)
  })

  it('writes nothing the second time', async () => {
    const text = `login,immutableId\nalice@customer.com,${a}\n`
    const store = await directoryWith(text)
    const before = await allUsers(store)
    const report = await importText(store, text, { now: later })
    expect(report.unchangedCount).to.equal(1)
    expect(report.changed).to.deep.equal([])
    expect(await allUsers(store)).to.deep.equal(before)
  })

  it('trims cells, but never an ImmutableId', async () => {
    const store = await directoryWith(
      `login;department;country code;immutableId\n alice@customer.com ;\u00A0Sales ;pt ;${a}\n`,
    )
    const [alice] = await allUsers(store)
    expect(alice).to.deep.include({
      userPrincipalName: 'alice@customer.com',
      department: 'Sales',
      usageLocation: 'PT',
    })
    const report = await importText(store, `login,immutableId\nbob@customer.com, ${b}\n`)
    expect(report.rejected[0]?.problems[0]?.reason).to.contain('begins with white space')
  })

  it('reads true, yes and 1, false, no and 0 in any case', async () => {
    const words = ['TRUE', 'Yes', '1', 'False', 'NO', '0']
    const rows = words.map((word, index) => `u${index}@customer.com,${word}\n`).join('')
    const store = await directoryWith(`login,accountEnabled\n${rows}`)
    const enabled = (await allUsers(store)).map(({ accountEnabled }) => accountEnabled)
    expect(enabled).to.deep.equal([true, true, true, false, false, false])
  })

  it('leaves the value where the cell is empty, unless empty cells are to clear', async () => {
    const text = `login,displayName,department,immutableId,accountEnabled\n`
    const store = await directoryWith(`${text}alice@customer.com,Alice,Sales,${a},no\n`)
    const empty = `${text}alice@customer.com,,,,\n`
    expect((await importText(store, empty)).unchangedCount).to.equal(1)
    await importText(store, empty, { emptyCells: 'clear' })
    expect((await allUsers(store))[0]).to.deep.include({
      displayName: 'Alice',
      department: null,
      onPremisesImmutableId: null,
      accountEnabled: false,
    })
  })

  it('skips the example row of an Entra template', async () => {
    const store = await directoryWith(
      'version:v1.0\nName [displayName] Required,User name [userPrincipalName] Required\n' +
        'Example: Chris Green,Example: chris@contoso.com\nAlice,alice@customer.com\n',
    )
    expect(Object.keys(await anchorsOf(store))).to.deep.equal(['alice@customer.com'])
  })

  it('keeps all rows out for one bad one, and names every bad one', async () => {
    const store = await furnishedDirectory()
    const report = await importText(
      store,
      `login,immutableId\nalice@customer.com,${a}\nbob,${b}\ncarol@evil.example,a b\n`,
    )
    expect(report.isWritten).to.equal(false)
    expect(report.rejected.map(({ line, problems }) => [line, problems.length])).to.deep.equal([
      [3, 1],
      [4, 2],
    ])
    expect(await allUsers(store)).to.deep.equal([])
  })

  it('names the lines of a value that stands in many rows, the first of very many', async () => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, index) => `u${index}@customer.com,${a}\n`).join('')
    const reasonOf = async (count: number) => {
      const text = `login,immutableId\n${rows(count)}`
      const report = await importText(await furnishedDirectory(), text)
      expect(report.rejected).to.have.length(count)
      return report.rejected[0]?.problems[0]?.reason
    }
    expect(await reasonOf(3)).to.contain('stands in lines 3, 4 of this file')
    expect(await reasonOf(9)).to.contain('stands in lines 3, 4, 5, 6, 7 and 3 more of this file')
  })

  it('writes nothing in a rehearsal, and tells the same as the import then does', async () => {
    await withFolder(async (folder) => {
      const store = await directoryWith(`login,immutableId\nalice@customer.com,${a}\n`)
      const before = await allUsers(store)
      const text = `login,immutableId\nalice@customer.com,${b}\nbob@customer.com,\n`
      const options = { generateAnchors: true, oktaOut: join(folder, 'okta.csv') }
      const rehearsal = await importText(store, text, { ...options, dryRun: true })
      expect(await allUsers(store)).to.deep.equal(before)
      expect(readdirSync(folder)).to.deep.equal([])

      const report = await importText(store, text, options)
      const asWritten = { isDryRun: false, isWritten: true, importId: 2 }
      expect({ ...rehearsal, ...asWritten }).to.deep.equal(report)
      expect(readdirSync(folder)).to.deep.equal(['okta.csv'])
    })
  })

  it('warns about a federated user without ImmutableId, and imports them', async () => {
    const store = await furnishedDirectory()
    const text = 'login\nalice@customer.com\nmona@managed.example\n'
    const report = await importText(store, text)
    expect(report.warnings).to.deep.equal([
      {
        line: 2,
        message:
          'alice@customer.com has no ImmutableId and cannot sign in, since customer.com is federated.',
      },
    ])
    expect(await allUsers(store)).to.have.length(2)
  })

  it('warns about ImmutableIds that look damaged', async () => {
    const store = await furnishedDirectory()
    const report = await importText(
      store,
      'login,immutableId\nalice@customer.com,1.23E+15\nbob@customer.com,00112233-4455-6677-8899-aabbccddeeff\n',
    )
    expect(report.isWritten).to.equal(true)
    expect(report.warnings.map(({ line }) => line)).to.deep.equal([2, 3])
    expect(report.warnings[0]?.message).to.contain('scientific notation')
    expect(report.warnings[1]?.message).to.contain('MyIRAFVEd2aImaq7zN3u/w==')
  })
})

describe('ImmutableIds of others', () => {
  const start = `login,immutableId\nalice@customer.com,${a}\nbob@customer.com,${b}\n`

  it('cannot be taken while their owner keeps them', async () => {
    const store = await directoryWith(start)
    const report = await importText(store, `login,immutableId\ncarol@customer.com,${a}\n`)
    expect(report.rejected).to.deep.equal([
      {
        line: 2,
        problems: [
          {
            column: 'immutableId',
            reason: 'Another user has this ImmutableId: alice@customer.com.',
            rule: 'immutableIdTaken',
          },
        ],
      },
    ])
  })

  it('can be passed on when the owner’s row gives them up, before or after', async () => {
    const aliceFirst = [`alice@customer.com,${c}`, `carol@customer.com,${a}`]
    for (const rows of [aliceFirst, aliceFirst.toReversed()]) {
      const store = await directoryWith(start)
      const report = await importText(store, `login,immutableId\n${rows.join('\n')}\n`)
      expect(report.rejected).to.deep.equal([])
      expect(await anchorsOf(store)).to.deep.equal({
        'alice@customer.com': c,
        'bob@customer.com': b,
        'carol@customer.com': a,
      })
    }
  })

  it('can be swapped between two people', async () => {
    const store = await directoryWith(start)
    const swapped = `login,immutableId\nalice@customer.com,${b}\nbob@customer.com,${a}\n`
    const rehearsal = await importText(store, swapped, { dryRun: true })
    const report = await importText(store, swapped, { now: later })
    expect(report.changed).to.deep.equal(rehearsal.changed)
    expect(report.changed.map(({ line }) => line)).to.deep.equal([2, 3])
    expect(await anchorsOf(store)).to.deep.equal({
      'alice@customer.com': b,
      'bob@customer.com': a,
    })
  })

  it('are not free when the row that would give them up is itself refused', async () => {
    await withFolder(async (folder) => {
      const store = await directoryWith(`${start}dan@customer.com,${c}\n`)
      const before = await anchorsOf(store)
      // carol wants alice's, alice wants dan's, and dan keeps his.
      const report = await importText(
        store,
        `login,immutableId\ncarol@customer.com,${a}\nalice@customer.com,${c}\nbob@customer.com,${b}\n`,
        { rejectFile: join(folder, 'rejects.csv') },
      )
      expect(report.rejected.map(({ line }) => line)).to.deep.equal([2, 3])
      expect(await anchorsOf(store)).to.deep.equal(before)
    })
  })
})

describe('--reject-file', () => {
  const text = `login;displayName;immutableId\nalice@customer.com;Alice;${a}\nbob;"Bob; ""B""";${b}\ncarol@customer.com;Carol\n`

  it('takes the good rows and writes the bad ones with line, column and reason', async () => {
    await withFolder(async (folder) => {
      const rejectFile = join(folder, 'rejects.csv')
      const store = await furnishedDirectory()
      const report = await importText(store, text, { rejectFile })
      expect(report.isWritten).to.equal(true)
      expect(Object.keys(await anchorsOf(store))).to.deep.equal(['alice@customer.com'])
      const lines = readFileSync(rejectFile, 'utf8').split('\r\n')
      expect(lines).to.have.length(4)
      expect(lines[0]).to.equal('line,column,reason,login,displayName,immutableId')
      expect(lines[1]).to.equal(`3,login,bob is no UPN: it has no @.,bob,"Bob; ""B""",${b}`)
      expect(lines[2]).to.match(/^4,,The row has 2 cells where the headings have 3;.*,Carol$/)
    })
  })

  it('is never the file that is imported, nor the one for Okta, by whatever name', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'users.csv')
      writeFileSync(file, text)
      const link = join(folder, 'link.csv')
      symlinkSync(file, link)
      const out = join(folder, 'out.csv')
      const store = await furnishedDirectory()
      for (const options of [
        { rejectFile: file },
        { rejectFile: link },
        { oktaOut: join(folder, '.', 'users.csv') },
        { rejectFile: out, oktaOut: out },
      ]) {
        const error = await importUsers(store, csvFile(file), {
          now,
          random: seededRandom(),
          ...options,
        }).then(
          () => null,
          (reason: unknown) => reason,
        )
        expect(error).to.be.instanceOf(CsvError)
        expect((error as Error).message).to.contain('at once; choose another file')
        expect(readFileSync(file, 'utf8')).to.equal(text)
      }
    })
  })

  it('can be corrected and imported as it is', async () => {
    await withFolder(async (folder) => {
      const rejectFile = join(folder, 'rejects.csv')
      const store = await furnishedDirectory()
      await importText(store, text.replace('\ncarol@customer.com;Carol', ''), { rejectFile })
      const corrected = readFileSync(rejectFile, 'utf8').replace(',bob,', ',bob@customer.com,')
      const report = await importText(store, corrected)
      expect(report.rejected).to.deep.equal([])
      expect(report.warnings.map(({ message }) => message)).to.deep.equal([
        'These columns are not kept here: line, column, reason.',
      ])
      expect(await anchorsOf(store)).to.include({ 'bob@customer.com': b })
    })
  })

  it('rejects every row of a duplicate, since which one is right cannot be told', async () => {
    await withFolder(async (folder) => {
      const store = await furnishedDirectory()
      const rows = `alice@customer.com,${a}\nbob@customer.com,${a}\ncarol@customer.com,${c}\n`
      const report = await importText(store, `login,immutableId\n${rows}`, {
        rejectFile: join(folder, 'rejects.csv'),
      })
      expect(report.rejected.map(({ line }) => line)).to.deep.equal([2, 3])
      expect(await anchorsOf(store)).to.deep.equal({ 'carol@customer.com': c })
    })
  })

  it('is readable by its owner only, and replaces what was there only when all went well', async () => {
    await withFolder(async (folder) => {
      const rejectFile = join(folder, 'rejects.csv')
      writeFileSync(rejectFile, 'old')
      const store = await furnishedDirectory()
      const broken = csvBytes('users.csv', Buffer.from('login\nalice@customer.com\n"open\n'))
      await rejection(importUsers(store, broken, { now, random: seededRandom(), rejectFile }))
      expect(readFileSync(rejectFile, 'utf8')).to.equal('old')

      await importText(store, text, { rejectFile })
      expect(statSync(rejectFile).mode & 0o777).to.equal(0o600)
      expect(readdirSync(folder)).to.deep.equal(['rejects.csv'])
    })
  })

  it('that cannot be written stops the import before anything is kept', async () => {
    await withFolder(async (folder) => {
      const store = await furnishedDirectory()
      const rejectFile = join(folder, 'nowhere', 'rejects.csv')
      const error = await rejection(importText(store, text, { rejectFile }))
      expect(error).to.be.instanceOf(CsvError)
      expect(error.message).to.contain('rejects.csv: it cannot be written: there is no such')
      const toFolder = await rejection(importText(store, text, { oktaOut: folder }))
      expect(toFolder.message).to.contain('it is there, and no file')
      expect(await allUsers(store)).to.deep.equal([])
    })
  })
})

describe('--generate-anchors and --okta-out', () => {
  it('make ImmutableIds for federated users without one, and give Okta the same values', async () => {
    await withFolder(async (folder) => {
      const oktaOut = join(folder, 'okta.csv')
      const store = await directoryWith(`login,immutableId\nalice@customer.com,${a}\n`)
      const text =
        'login,firstName,lastName,email\nalice@customer.com,,,\n' +
        'bob@customer.com,Bob,Baker,b@customer.com\ncarol@customer.co.uk,,,\nmona@managed.example,,,\n'
      const report = await importText(store, text, { generateAnchors: true, oktaOut })
      expect(report.generatedAnchorCount).to.equal(2)
      expect(report.warnings).to.deep.equal([])

      const anchors = await anchorsOf(store)
      expect(anchors).to.include({ 'alice@customer.com': a, 'mona@managed.example': null })
      const bobs = anchors['bob@customer.com'] ?? ''
      const carols = anchors['carol@customer.co.uk'] ?? ''
      for (const anchor of [bobs, carols]) {
        expect(Buffer.from(anchor, 'base64')).to.have.length(16)
        expect(anchor).to.match(/^[A-Za-z0-9+/]{22}==$/)
      }
      expect(readFileSync(oktaOut, 'utf8').split('\r\n')).to.deep.equal([
        'login,firstName,lastName,email,immutableId',
        `alice@customer.com,alice,alice,alice@customer.com,${a}`,
        `bob@customer.com,Bob,Baker,b@customer.com,${bobs}`,
        `carol@customer.co.uk,carol,carol,carol@customer.co.uk,${carols}`,
        '',
      ])
      expect(statSync(oktaOut).mode & 0o777).to.equal(0o600)
    })
  })

  it('keep the ImmutableId that a user has', async () => {
    const store = await directoryWith(`login,immutableId\nalice@customer.com,${a}\n`)
    const report = await importText(store, 'login,immutableId\nalice@customer.com,\n', {
      generateAnchors: true,
    })
    expect(report.generatedAnchorCount).to.equal(0)
    expect(await anchorsOf(store)).to.deep.equal({ 'alice@customer.com': a })
  })
})
