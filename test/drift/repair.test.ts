import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import Papa from 'papaparse'
import { quoted } from '../../src/admin/drift/powershell.ts'
import type { DriftReport } from '../../src/admin/drift/report.ts'
import { swapByteOrder } from '../../src/directory/anchorForms.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import { furnishedDirectory, importText, rejection, withFolder } from '../csv/directoryForTests.ts'
import { classesOf, directoryOf, drift, oktaFile, oktaHeadings } from './support.ts'

const anchors = [
  '2PC0xj6/ek+h+H++P/sMHQ==',
  '6Hz3el8+OkyEvxdtRYYCDw==',
  'WeGaRHg5UkOTkhoNmBwV7Q==',
  '+NLWoRgaa025LxvBJglpBg==',
]
const [anchor = '', other = '', third = '', plus = ''] = anchors

interface Written {
  readonly report: DriftReport
  readonly okta: string
  readonly here: string
  readonly powershell: string
  readonly details: string
}

/** Runs it with all outputs, or some of them. */
async function repaired(
  store: DirectoryStore,
  text: string,
  names: readonly ('repairOkta' | 'repairHere' | 'powershell' | 'details')[],
): Promise<Written> {
  let written: Written | null = null
  await withFolder(async (folder) => {
    const paths = Object.fromEntries(names.map((name) => [name, join(folder, name)]))
    const report = await drift(store, text, { outputs: paths })
    const read = (name: string) => {
      const path = join(folder, name)
      if (!existsSync(path)) return ''
      expect(statSync(path).mode & 0o777, name).to.equal(0o600)
      return readFileSync(path, 'utf8')
    }
    written = {
      report,
      okta: read('repairOkta'),
      here: read('repairHere'),
      powershell: read('powershell'),
      details: read('details'),
    }
  })
  if (written === null) throw new Error('nothing ran')
  return written
}

const rowsOf = (csv: string) => Papa.parse<string[]>(csv, { skipEmptyLines: true }).data.slice(1)

/** What Okta's import does with a file: changes who has the login. */
function appliedAtOkta(file: string, repair: string): string {
  const changes = new Map(rowsOf(repair).map((row) => [row[0], row]))
  const rows = rowsOf(file).map((row) => {
    const [login, first, last, email, anchorThere] = changes.get(row[0] ?? '') ?? []
    return login === undefined ? row : [login, first, last, email, row[4], anchorThere]
  })
  return Papa.unparse([oktaHeadings.split(','), ...rows] as string[][])
}

async function mixedDirectory() {
  const store = await directoryOf(
    `a@customer.com,${anchor},,`,
    `b@customer.com,${other},,`,
    `c@customer.com,${third},,`,
    `plus@customer.com,${plus},,`,
    'none@customer.com,,,',
  )
  const hex = Buffer.from(third, 'base64').toString('hex')
  const file = oktaFile(
    ['a@customer.com', other],
    ['b@customer.com', anchor],
    ['c@customer.com', hex],
    ['plus@customer.com', plus.slice(0, 22)],
    ['none@customer.com', 'employee-0017'],
    ['new@customer.com', '00017'],
  )
  return { store, file }
}

describe('users drift --repair-okta', () => {
  it('gives Okta what is here: with it imported there, both sides are equal', async () => {
    const { store, file } = await mixedDirectory()
    const { okta, report } = await repaired(store, file, ['repairOkta'])
    expect(okta.split('\r\n')[0]).to.equal('login,firstName,lastName,email,immutableId')
    expect(report.files.repairOkta?.people).to.equal(4)
    expect(report.notMended, 'none@ and new@ have nothing here to give').to.equal(2)
    const after = await drift(store, appliedAtOkta(file, okta))
    expect(classesOf(after)).to.deep.equal({ equal: 4, noAnchorHere: 1, onlyThere: 1 })
  })

  it('keeps what Okta said of names and addresses, byte for byte', async () => {
    const store = await directoryOf(`a@customer.com,${plus},,`)
    const row = ['a@customer.com', '-', '"=1+1"', '+a@customer.com', 'ACTIVE', anchor]
    const { okta } = await repaired(store, `${oktaHeadings}\n${row.join(',')}`, ['repairOkta'])
    expect(rowsOf(okta)).to.deep.equal([['a@customer.com', '-', '=1+1', '+a@customer.com', plus]])
  })
})

describe('users drift --repair-here', () => {
  it('is taken by users import as a whole, and then both sides are equal', async () => {
    const { store, file } = await mixedDirectory()
    const { here, report } = await repaired(store, file, ['repairHere'])
    expect(report.files.repairHere?.people).to.equal(6)
    expect(report.notMended).to.equal(0)
    const imported = await importText(store, here)
    expect(imported.rejected).to.deep.equal([])
    expect(imported.isWritten).to.equal(true)
    expect(classesOf(await drift(store, file))).to.deep.equal({ equal: 6 })
  })

  it('changes nothing but the ImmutableId of those who are here', async () => {
    const { store, file } = await mixedDirectory()
    const before = await Array.fromAsync(store.users())
    await importText(store, (await repaired(store, file, ['repairHere'])).here)
    for (const user of before) {
      const now = await store.user(user.id)
      expect({ ...now, onPremisesImmutableId: '', lastModifiedDateTime: 0 }).to.deep.equal({
        ...user,
        onPremisesImmutableId: '',
        lastModifiedDateTime: 0,
      })
    }
  })

  it('gives a person who is made here the names that Okta has, formulas and all', async () => {
    const store = await furnishedDirectory()
    const row = ['a@customer.com', '=1+1', "'=x", 'mail@customer.com', 'ACTIVE', plus]
    const { here } = await repaired(store, `${oktaHeadings}\n${row.join(',')}`, ['repairHere'])
    expect(here).to.include(",'=1+1,")
    await importText(store, here)
    const user = await store.userByPrincipalName('a@customer.com')
    expect([user?.givenName, user?.surname, user?.mail, user?.onPremisesImmutableId]).to.deep.equal(
      ['=1+1', "'=x", 'mail@customer.com', plus],
    )
  })

  it('leaves out who wants what another keeps, and whoever waits for that one', async () => {
    const store = await directoryOf(
      `a@customer.com,${anchor},,`,
      `b@customer.com,${other},,`,
      `keeper@customer.com,${third},,`,
    )
    const file = oktaFile(['a@customer.com', other], ['b@customer.com', third])
    const { here, report } = await repaired(store, file, ['repairHere'])
    expect(rowsOf(here)).to.deep.equal([])
    expect(report.notMended).to.equal(2)
    expect((await importText(store, here)).rejected).to.deep.equal([])
  })

  it('leaves out what nobody here may have', async () => {
    const store = await directoryOf(`a@customer.com,${anchor},,`)
    const file = oktaFile(
      ['a@customer.com', `${anchor} `],
      ['b+c@customer.com', 'new-1'],
      ['d@sub.customer.com', 'new-2'],
    )
    const { here, report } = await repaired(store, file, ['repairHere'])
    expect(rowsOf(here)).to.deep.equal([])
    expect(report.notMended).to.equal(3)
  })
})

describe('users drift with both repair files', () => {
  it('puts nobody into both, and the damaged side is the one to change', async () => {
    const hex = Buffer.from(third, 'base64').toString('hex')
    const swappedOrder = swapByteOrder(Buffer.from(plus, 'base64'))?.toString('base64') ?? ''
    const store = await directoryOf(
      `a@customer.com,${anchor},,`,
      `b@customer.com,${hex},,`,
      `c@customer.com,${plus},,`,
    )
    const file = oktaFile(
      ['a@customer.com', anchor.slice(0, 22)],
      ['b@customer.com', third],
      ['c@customer.com', swappedOrder],
    )
    const { okta, here } = await repaired(store, file, ['repairOkta', 'repairHere'])
    expect(rowsOf(okta).map(([login]) => login)).to.deep.equal(['a@customer.com', 'c@customer.com'])
    expect(rowsOf(here).map(([upn]) => upn)).to.deep.equal(['b@customer.com'])
    await importText(store, here)
    expect(classesOf(await drift(store, appliedAtOkta(file, okta)))).to.deep.equal({ equal: 3 })
  })

  it('leads to equal sides from any start, whatever the forms and whoever has whose', async () => {
    const form = (bytes: Buffer) =>
      fc.constantFrom(
        bytes.toString('base64'),
        bytes.toString('hex'),
        `${bytes.toString('base64')} `,
        bytes.toString('base64').slice(0, 22),
        swapByteOrder(bytes)?.toString('base64') ?? '',
      )
    const values = anchors.map((text) => Buffer.from(text, 'base64'))
    const names = ['p0', 'p1', 'p2', 'p3'].map((name) => `${name}@customer.com`)
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        fc.tuple(...values.map(form)),
        fc.constantFrom<('repairOkta' | 'repairHere')[]>(
          ['repairOkta'],
          ['repairHere'],
          ['repairOkta', 'repairHere'],
        ),
        async (order, forms, chosen) => {
          const store = await directoryOf(...names.map((upn, i) => `${upn},${anchors[i]},,`))
          const file = oktaFile(
            ...names.map((upn, i) => [upn, forms[order[i] ?? 0] ?? ''] as const),
          )
          const { okta, here, report } = await repaired(store, file, chosen)
          if (here !== '') expect((await importText(store, here)).rejected).to.deep.equal([])
          const after = await drift(store, okta === '' ? file : appliedAtOkta(file, okta))
          expect(after.differing).to.equal(report.notMended)
          if (chosen.includes('repairOkta')) expect(classesOf(after)).to.deep.equal({ equal: 4 })
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('users drift --powershell', () => {
  it('sets the ImmutableIds of Okta, and first takes away those that change hands', async () => {
    const { store, file } = await mixedDirectory()
    const { powershell, report } = await repaired(store, file, ['powershell'])
    const lines = powershell.split('\r\n').filter((line) => /^(Update|Invoke)-/.test(line))
    expect(lines.slice(0, 2)).to.deep.equal(
      ['a', 'b'].map(
        (name) =>
          `Invoke-MgGraphRequest -Method PATCH -Uri 'https://graph.microsoft.com/v1.0/users/${name}%40customer.com' -Body '{"onPremisesImmutableId":null}' -ContentType 'application/json'`,
      ),
    )
    expect(lines.slice(2)).to.have.length(5)
    expect(lines).to.include(
      `Update-MgUser -UserId 'a@customer.com' -OnPremisesImmutableId '${other}'`,
    )
    expect(powershell, 'who is to be made is not in it').not.to.include('new@customer.com')
    expect(report.notMended).to.equal(1)
    expect(report.files.powershell?.people).to.equal(5)
  })

  it('quotes what PowerShell would read: every kind of quotation mark, $ and backquote', async () => {
    expect(quoted('$(calc)`n')).to.equal("'$(calc)`n'")
    expect(quoted("o'b\u2018\u2019\u201A\u201Bx")).to.equal(
      "'o''b\u2018\u2018\u2019\u2019\u201A\u201A\u201B\u201Bx'",
    )
    const store = await directoryOf(`o'brien@customer.com,${anchor},,`)
    const evil = "';calc;'"
    const { powershell } = await repaired(store, oktaFile(["o'brien@customer.com", evil]), [
      'powershell',
    ])
    expect(powershell).to.include(
      "Update-MgUser -UserId 'o''brien@customer.com' -OnPremisesImmutableId ''';calc;'''\r\n",
    )
  })
})

describe('users drift --details', () => {
  it('lets a spreadsheet run nothing, in any column', async () => {
    const store = await directoryOf(`a@customer.com,${plus},,`)
    const file = oktaFile(
      ['a@customer.com', '=HYPERLINK(1)'],
      ['@SUM(1)', '-1'],
      ['"\t=1"', '"\n=2"'],
    )
    const { details } = await repaired(store, file, ['details'])
    const cells = rowsOf(details).flat()
    expect(cells).to.include("'=HYPERLINK(1)").and.to.include(`'${plus}`)
    expect(cells).to.include("'@SUM(1)").and.to.include("'\n=2")
    for (const cell of cells) expect(cell).not.to.match(/^\s*[=+@-]/)
  })
})

describe('users drift: its files', () => {
  it('are there whole or not at all: a broken end leaves none', async () => {
    const store = await directoryOf(`a@customer.com,${anchor},,`)
    await withFolder(async (folder) => {
      const outputs = { details: join(folder, 'd.csv'), repairOkta: join(folder, 'o.csv') }
      const broken = `${oktaFile(['a@customer.com', 'x'])}b@customer.com,"never closed`
      const error = await rejection(drift(store, broken, { outputs }))
      expect(error.message).to.match(/okta\.csv, line 3: .*quotation marks/)
      expect(existsSync(outputs.details) || existsSync(outputs.repairOkta)).to.equal(false)
    })
  })

  it('are not written when it is interrupted', async () => {
    const store = await directoryOf(`a@customer.com,${anchor},,`)
    await withFolder(async (folder) => {
      const stop = new AbortController()
      const outputs = { details: join(folder, 'd.csv') }
      const run = drift(store, oktaFile(['a@customer.com', 'x']), {
        outputs,
        signal: stop.signal,
        onProgress: ({ phase }) => phase === 'comparing' && stop.abort(new Error('Ctrl-C')),
      })
      expect((await rejection(run)).message).to.equal('Ctrl-C')
      expect(existsSync(outputs.details)).to.equal(false)
    })
  })

  it('are refused when one stands for two', async () => {
    const store = await furnishedDirectory()
    await withFolder(async (folder) => {
      const path = join(folder, 'x.csv')
      const outputs = { repairOkta: path, repairHere: path }
      const error = await rejection(drift(store, oktaFile(), { outputs }))
      expect(error.message).to.match(/the file for Okta and the file to import here at once/)
    })
  })
})
