import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import Papa from 'papaparse'
import { formatDriftReport } from '../../src/admin/drift/report.ts'
import { driftClasses, driftClassNames, isDrift } from '../../src/directory/drift/classes.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import { furnishedDirectory, importText, withFolder } from '../csv/directoryForTests.ts'
import { classesOf, directoryOf, drift, oktaFile, oktaHeadings } from './support.ts'

const anchor = '2PC0xj6/ek+h+H++P/sMHQ=='
const other = '6Hz3el8+OkyEvxdtRYYCDw=='
const third = 'WeGaRHg5UkOTkhoNmBwV7Q=='

/** The class of the one person who is in the details. */
async function details(store: DirectoryStore, text: string): Promise<Record<string, string>[]> {
  let rows: Record<string, string>[] = []
  await withFolder(async (folder) => {
    const path = join(folder, 'details.csv')
    await drift(store, text, { outputs: { details: path } })
    rows = Papa.parse<Record<string, string>>(readFileSync(path, 'utf8'), {
      header: true,
      skipEmptyLines: true,
    }).data
  })
  return rows
}

describe('users drift: the example files', () => {
  it('show every class of the table', async () => {
    const store = await furnishedDirectory()
    await importText(store, readFileSync('fixtures/csv/drift-here.csv', 'utf8'))
    const report = await drift(store, readFileSync('fixtures/csv/drift-okta.csv'))
    expect(Object.keys(classesOf(report))).to.deep.equal(driftClassNames)
    expect(report.there + report.classes.onlyHere).to.equal(
      Object.values(report.classes).reduce((sum, count) => sum + count, 0),
    )
    expect(report.differing).to.equal(
      driftClassNames.filter(isDrift).reduce((sum, name) => sum + report.classes[name], 0),
    )
  })

  it('put everybody under the name that the person bears', async () => {
    const store = await furnishedDirectory()
    await importText(store, readFileSync('fixtures/csv/drift-here.csv', 'utf8'))
    const rows = await details(store, readFileSync('fixtures/csv/drift-okta.csv', 'utf8'))
    const classOf = new Map(rows.map((row) => [row.userPrincipalName || row.login, row.class]))
    for (const [who, name] of [
      ['otto.other', 'anothers'],
      ['suse.swapped', 'swapped'],
      ['dora.double', 'duplicate'],
      ['tom.twin', 'duplicate'],
      ['carl.case', 'case'],
      ['wanda.white', 'whiteSpace'],
      ['bert.bom', 'byteOrderMark'],
      ['paul.padding', 'padding'],
      ['ulla.url', 'base64url'],
      ['hugo.hex', 'hex'],
      ['gina.guid', 'guidText'],
      ['nora.net', 'guidByteOrder'],
      ['pia.plus', 'plusAsDot2B'],
      ['emil.encoded', 'urlEncoding'],
      ['sara.sheet', 'spreadsheet'],
      ['simon.science', 'spreadsheet'],
      ['stella.sheet', 'spreadsheet'],
      ['sofie.sheet', 'spreadsheet'],
      ['lena.long', 'tooLong'],
      ['dirk.different', 'different'],
      ['nina.nothere', 'noAnchorThere'],
      ['nils.nowhere', 'noAnchorHere'],
      ['nele.neither', 'noAnchor'],
      ['rita.renamed', 'upnDiffers'],
      ['enno.email', 'case'],
      ['only.there', 'onlyThere'],
      ['only.here', 'onlyHere'],
      ['vera.victim', 'onlyHere'],
      ['dave.disabled', 'disabled'],
      ['lena.leaver', 'disabled'],
    ]) {
      expect(classOf.get(`${who}@customer.com`), who).to.equal(name)
    }
    expect(classOf.get('mona.managed@managed.example')).to.equal('notFederated')
    expect(classOf.has('ada.equal@customer.com'), 'who is equal is no detail').to.equal(false)
  })

  it('print no ImmutableId on the terminal, neither theirs nor ours', async () => {
    const store = await furnishedDirectory()
    await importText(store, readFileSync('fixtures/csv/drift-here.csv', 'utf8'))
    const file = readFileSync('fixtures/csv/drift-okta.csv', 'utf8')
    const report = await drift(store, file)
    const printed = formatDriftReport(report) + JSON.stringify(report)
    const anchors = file.split('\n').map((line) => line.split(',').at(-1)?.trim() ?? '')
    for await (const user of store.users()) anchors.push(user.onPremisesImmutableId ?? '')
    for (const value of anchors.filter((text) => text.length > 8 && text !== 'immutableId')) {
      expect(printed.includes(value), value).to.equal(false)
    }
  })
})

describe('users drift: who is who', () => {
  it('is found by login and UPN whatever their case', async () => {
    const store = await directoryOf(`alice@customer.com,${anchor},,`)
    const report = await drift(store, oktaFile(['ALICE@Customer.COM', anchor]))
    expect(classesOf(report)).to.deep.equal({ equal: 1 })
    expect(report.differing).to.equal(0)
  })

  it('is found by e-mail, and by ImmutableId, where the login is no UPN here', async () => {
    const store = await directoryOf(
      `a@customer.com,${anchor},a.mail@customer.com,`,
      `b@customer.com,${other},,`,
      `c@customer.com,${third},,`,
    )
    const file = [
      oktaHeadings,
      `jdoe,J,Doe,a.mail@customer.com,,${anchor}`,
      `b.b@customer.com,B,B,b@customer.com,,${other}`,
      `c.new@customer.com,C,C,,,${third}`,
    ].join('\n')
    const rows = await details(store, file)
    expect(rows.map((row) => [row.class, row.pairedBy, row.userPrincipalName])).to.deep.equal([
      ['upnDiffers', 'email', 'a@customer.com'],
      ['upnDiffers', 'email', 'b@customer.com'],
      ['upnDiffers', 'immutableId', 'c@customer.com'],
    ])
  })

  it('is nobody when an e-mail could be two', async () => {
    const store = await directoryOf(
      `a@customer.com,${anchor},shared@customer.com,`,
      `b@customer.com,${other},shared@customer.com,`,
    )
    const report = await drift(store, oktaFile(['shared@customer.com', third]))
    expect(classesOf(report)).to.deep.equal({ onlyThere: 1, onlyHere: 2 })
  })

  it('is dangerous first: another’s ImmutableId counts before a domain that is not federated', async () => {
    const store = await directoryOf(`alice@customer.com,${anchor},,`)
    const file = oktaFile(['alice@customer.com', other], ['eve@elsewhere.example', anchor])
    expect(classesOf(await drift(store, file))).to.deep.equal({ anothers: 1, different: 1 })
    const isDisabled = file.replace(
      'eve@elsewhere.example,ACTIVE',
      'eve@elsewhere.example,SUSPENDED',
    )
    expect(isDisabled).not.to.equal(file)
    expect(classesOf(await drift(store, isDisabled))).to.deep.equal({
      different: 1,
      notFederated: 1,
    })
  })

  it('counts a swap only when both have the other’s', async () => {
    const store = await directoryOf(
      `a@customer.com,${anchor},,`,
      `b@customer.com,${other},,`,
      `c@customer.com,${third},,`,
    )
    const swap = [
      ['a@customer.com', other],
      ['b@customer.com', anchor],
    ] as const
    expect(classesOf(await drift(store, oktaFile(...swap)))).to.deep.equal({
      swapped: 2,
      onlyHere: 1,
    })
    const ring = oktaFile(
      ['a@customer.com', other],
      ['b@customer.com', third],
      ['c@customer.com', anchor],
    )
    expect(classesOf(await drift(store, ring))).to.deep.equal({ anothers: 3 })
  })

  it('says of the disabled what else is so', async () => {
    const store = await directoryOf(
      `a@customer.com,${anchor},,false`,
      `b@customer.com,${other},,false`,
    )
    const rows = await details(store, oktaFile(['a@customer.com', anchor.toLowerCase()]))
    expect(rows.map((row) => [row.class, row.remark])).to.deep.equal([
      ['disabled', 'Disabled here. Besides: case.'],
      ['disabled', 'Disabled here. Besides: onlyHere.'],
    ])
    const leaver = oktaFile(['gone@customer.com', third]).replace('ACTIVE', 'Deprovisioned')
    expect((await drift(store, leaver)).classes.disabled).to.equal(3)
  })

  it('takes a subdomain for federated as home-realm discovery does, and no unverified or foreign one', async () => {
    const store = await directoryOf()
    const file = oktaFile(
      ['a@sub.customer.com', anchor],
      ['b@xcustomer.com', other],
      ['c@managed.example', third],
    )
    expect(classesOf(await drift(store, file))).to.deep.equal({ onlyThere: 1, notFederated: 2 })
    const domain = await store.domain('customer.com')
    if (domain === null) throw new Error('no domain')
    await store.putDomain({ ...domain, isVerified: false })
    expect(classesOf(await drift(store, file))).to.deep.equal({ notFederated: 3 })
  })

  it('has advice for every class that is a difference, and words for all', () => {
    const settled = driftClassNames.filter((name) => !isDrift(name))
    expect(settled).to.deep.equal(['equal', 'disabled', 'notFederated'])
    expect(new Set(driftClassNames.map((name) => driftClasses[name].words)).size).to.equal(
      driftClassNames.length,
    )
  })
})

describe('users drift: the report', () => {
  it('names three of a class, and the dangerous first', async () => {
    const store = await directoryOf(
      `victim@customer.com,${anchor},,`,
      `eve@customer.com,${other},,`,
    )
    const people = Array.from({ length: 9 }, (_, i) => [`p${i}@customer.com`, ''] as const)
    const report = await drift(store, oktaFile(...people, ['eve@customer.com', anchor]))
    expect(report.examples.map((example) => example.class)).to.deep.equal([
      'anothers',
      'onlyThere',
      'onlyThere',
      'onlyThere',
      'onlyHere',
    ])
    const text = formatDriftReport(report)
    expect(text).to.include('line 11, eve@customer.com: anothers. It is the ImmutableId of victim@')
    expect(text).to.match(/and 6 more, all of them with --details/)
    expect(text).to.match(/^onlyThere +9 {2}is in the file, and no user here$/m)
  })

  it('lets no name of the file command the terminal or begin a line', async () => {
    const store = await directoryOf()
    const login = 'x\u001b[2J\nequal 9 @customer.com'
    const text = formatDriftReport(await drift(store, oktaFile([`"${login}"`, anchor])))
    expect(text).not.to.include('\u001b')
    expect(text).not.to.match(/^equal/m)
  })

  it('says so when there is nothing to do', async () => {
    const store = await directoryOf(`a@customer.com,${anchor},,`, 'm@managed.example,,,')
    const text = formatDriftReport(await drift(store, oktaFile(['a@customer.com', anchor])))
    expect(text).to.match(/Nothing to do: .*equal on both sides\.$/)
    expect(text).not.to.include('To do')
  })
})
