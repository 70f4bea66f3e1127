import { expect } from 'chai'
import fc from 'fast-check'
import type { CsvSource } from '../../src/admin/csv/lines.ts'
import { type JsonPiece, jsonItems } from '../../src/admin/drift/jsonItems.ts'
import { furnishedDirectory, rejection } from '../csv/directoryForTests.ts'
import { classesOf, directoryOf, drift } from './support.ts'

const anchor = '2PC0xj6/ek+h+H++P/sMHQ=='
const other = '6Hz3el8+OkyEvxdtRYYCDw=='
const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const extension = 'urn:ietf:params:scim:schemas:extension:homerealm:2.0:User'

const listOf = (resources: readonly unknown[], more: object = {}) =>
  JSON.stringify({
    schemas: [listSchema],
    totalResults: resources.length,
    Resources: resources,
    ...more,
  })

async function refusal(text: string | Uint8Array, anchorColumn?: string): Promise<string> {
  const store = await furnishedDirectory()
  const options = anchorColumn === undefined ? {} : { anchorColumn }
  return (await rejection(drift(store, text, options))).message
}

describe('users drift: CSV of Okta', () => {
  const store = () => directoryOf(`a@customer.com,${anchor},,`, `b@customer.com,${other},,`)

  for (const [what, text] of [
    [
      'the import format',
      `login,firstName,lastName,email,immutableId\na@customer.com,A,A,a@customer.com,${anchor}\nb@customer.com,B,B,b@customer.com,${other}`,
    ],
    [
      'an export by attributes',
      `id,status,profile.login,profile.email,profile.immutableId\n00u1,ACTIVE,a@customer.com,,${anchor}\n00u2,ACTIVE,b@customer.com,,${other}`,
    ],
    [
      'a report with words and semicolons, and a byte order mark',
      `\uFEFFUsername;First name;Primary email;Status;Immutable ID\r\na@customer.com;A;;Active;${anchor}\r\nb@customer.com;B;;Active;${other}\r\n`,
    ],
    [
      'columns that are there twice, of which one is the login',
      `login,userName,email,mail,immutableId\na@customer.com,x,x,y,${anchor}\nb@customer.com,x,x,y,${other}`,
    ],
  ] as const) {
    it(`reads ${what}`, async () => {
      expect(classesOf(await drift(await store(), text))).to.deep.equal({ equal: 2 })
    })
  }

  it('reads the status of the export', async () => {
    const rows = ['ACTIVE', 'SUSPENDED', 'DEPROVISIONED', 'STAGED', 'Deactivated'].map(
      (status, i) => `p${i}@customer.com,${status},x${i}`,
    )
    const report = await drift(
      await furnishedDirectory(),
      ['login,status,immutableId', ...rows].join('\n'),
    )
    expect(classesOf(report)).to.deep.equal({ onlyThere: 2, disabled: 3 })
  })

  it('takes the ImmutableId byte for byte, and from the column that is named', async () => {
    const text = `login,nameId,immutableId\na@customer.com,${anchor} ,x\nb@customer.com,${other},y`
    const report = await drift(await store(), text, { anchorColumn: 'nameID' })
    expect(classesOf(report)).to.deep.equal({ equal: 1, whiteSpace: 1 })
  })

  it('counts rows that cannot be compared, and compares the others', async () => {
    const text = `login,immutableId\na@customer.com,${anchor},more\n,${other}\nb@customer.com,${other}`
    const report = await drift(await store(), text)
    expect(classesOf(report)).to.deep.equal({ equal: 1, onlyHere: 1, unreadable: 2 })
    expect(report.examples.map(({ remark }) => remark)).to.include.members([
      'The row has 3 cells where the headings have 2.',
      'The row has no login.',
    ])
  })

  it('says what is wrong with a file that cannot be compared', async () => {
    expect(await refusal('')).to.match(/okta\.csv: it has no line with the names of the columns/)
    expect(await refusal('email,immutableId\n')).to.match(/line 1: no column holds the login/)
    expect(await refusal('login,immutableld\n')).to.match(
      /no column is named immutableId; say which one .*--anchor-column NAME\. Found: login, immut/,
    )
    expect(await refusal('login,nameId\n', 'nameld')).to.match(
      /no column is named nameld\. Did you mean nameId\?/,
    )
    expect(await refusal('login,immutableId,sourceAnchor\n')).to.match(
      /columns 2 \(immutableId\) and 3 \(sourceAnchor\) may both hold the ImmutableId/,
    )
    expect(await refusal('login,x,x\n', 'x')).to.match(/may both hold .*leave one out/)
    expect(await refusal(Buffer.from([0xff, 0xfe, 0x6c, 0x00]))).to.match(/UTF-16/)
  })
})

describe('users drift: SCIM', () => {
  it('reads the extension, names, the primary e-mail and active; names of attributes in any case', async () => {
    const store = await directoryOf(
      `a@customer.com,${anchor},,`,
      `b@customer.com,${other},,`,
      'c@customer.com,employee-1,,',
    )
    const text = listOf([
      { userName: 'a@customer.com', [extension]: { onPremisesImmutableId: anchor } },
      {
        USERNAME: 'jdoe',
        Emails: [{ value: 'x@customer.com' }, { value: 'b@customer.com', primary: true }],
        immutableid: other,
      },
      { userName: 'c@customer.com', active: false, immutableId: 'employee-1' },
    ])
    expect(classesOf(await drift(store, text))).to.deep.equal({
      equal: 1,
      upnDiffers: 1,
      disabled: 1,
    })
  })

  it('reads externalId only when it is named', async () => {
    const store = await directoryOf(`a@customer.com,${anchor},,`)
    const text = listOf([{ userName: 'a@customer.com', externalId: anchor }])
    expect(await refusal(text)).to.match(/no resource has an attribute .*--anchor-column/)
    const report = await drift(store, text, { anchorColumn: 'externalId' })
    expect(classesOf(report)).to.deep.equal({ equal: 1 })
    expect(report.placeNoun).to.equal('resource')
  })

  it('reads pages that were appended to one file, and warns of one that stands alone', async () => {
    const store = await directoryOf(`a@customer.com,${anchor},,`, `b@customer.com,${other},,`)
    const pages = [
      listOf([{ userName: 'a@customer.com', immutableId: anchor }], { totalResults: 2 }),
      listOf([{ userName: 'b@customer.com', immutableId: other }], { totalResults: 2 }),
    ]
    const whole = await drift(store, pages.join('\n'))
    expect(classesOf(whole)).to.deep.equal({ equal: 2 })
    expect(whole.warnings).to.deep.equal([])
    const alone = await drift(store, pages[0] ?? '')
    expect(alone.warnings.join()).to.match(/1 of 2 people .*one page of several/)
  })

  it('says what is wrong with JSON that is no list of users', async () => {
    expect(await refusal('{"a":1}')).to.match(/no SCIM ListResponse/)
    expect(await refusal(`${listOf([])}[]`)).to.match(/line 1: it is no JSON object/)
    expect(await refusal('{"Resources":[{"userName":"a"}')).to.match(/ends in the middle/)
    expect(await refusal('{"Resources":["a"]}')).to.match(/not a list of objects/)
    expect(await refusal('{"Resources":[{} {}]}')).to.match(/not a list of objects/)
    expect(await refusal('{\n"Resources":[\n{"a":}]}')).to.match(/line 3: .*no valid JSON/)
    expect(await refusal(`{"x":"${'a'.repeat(300_000)}"}`)).to.match(/far too long/)
    expect(await refusal(`{"Resources":[{"x":${'['.repeat(100)}`)).to.match(/nested too deeply/)
    expect(await refusal(`{"x":${'['.repeat(100)}`)).to.match(/nested too deeply/)
    expect(await refusal(Buffer.from('{"x":"\xff"}', 'latin1'))).to.match(/not UTF-8/)
  })

  it('counts a resource without userName, or with one that is no text, as unreadable', async () => {
    const text = listOf([{ immutableId: anchor }, { userName: 7 }, { userName: '\ud800@x' }])
    const report = await drift(await furnishedDirectory(), text)
    expect(classesOf(report)).to.deep.equal({ unreadable: 2, notFederated: 1 })
  })
})

describe('jsonItems', () => {
  const source = (text: string, size: number): CsvSource => ({
    name: 'list.json',
    async *open() {
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    },
  })
  const piecesOf = async (text: string, size: number): Promise<JsonPiece[]> =>
    (await Array.fromAsync(jsonItems(source(text, size), 'Resources'))).flat()

  it('takes apart what JSON.stringify writes, wherever the chunks are cut', async () => {
    const item = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 }))
    const around = fc.dictionary(
      fc.string().filter((key) => key.toLowerCase() !== 'resources' && key !== '__proto__'),
      fc.jsonValue({ maxDepth: 3 }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 5 }),
        around,
        around,
        fc.constantFrom(undefined, 2),
        fc.integer({ min: 1, max: 40 }),
        async (items, before, after, space, size) => {
          const document = { ...before, Resources: items, ...after }
          const text = JSON.stringify(document, null, space)
          const plain = JSON.parse(text)
          const pieces = await piecesOf(`${text}\n${text}`, size)
          const one = [
            ...plain.Resources.map((value: unknown) => ({ kind: 'item', value })),
            { kind: 'envelope', value: { ...plain, Resources: [] } },
          ]
          expect(pieces).to.deep.equal([...one, ...one])
        },
      ),
    )
  })

  it('takes only the list of the first level', async () => {
    const text = '{"a":{"Resources":[{"x":1}]},"b":["Resources",[{"y":2}]],"resources":[{"z":3}]}'
    const items = (await piecesOf(text, 7)).filter(({ kind }) => kind === 'item')
    expect(items).to.deep.equal([{ kind: 'item', value: { z: 3 } }])
  })
})
