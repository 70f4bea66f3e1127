import { expect } from 'chai'
import fc from 'fast-check'
import Papa from 'papaparse'
import { CsvError } from '../../src/admin/csv/csvError.ts'
import { type CsvSource, csvBytes, csvFile } from '../../src/admin/csv/lines.ts'
import { type CsvRow, readTable } from '../../src/admin/csv/read.ts'
import { rejection } from './directoryForTests.ts'

async function read(source: CsvSource | string | Uint8Array) {
  const isSource = typeof source === 'object' && 'open' in source
  const table = await readTable(
    isSource ? source : csvBytes('users.csv', Buffer.from(source as Uint8Array)),
  )
  const rows: CsvRow[] = []
  for await (const batch of table.batches) rows.push(...batch)
  return { headings: table.headings, isEntraTemplate: table.isEntraTemplate, rows }
}

/** The bytes in pieces of a size, as a slow disk might give them. */
function inPieces(bytes: Uint8Array, size: number): CsvSource {
  return {
    name: 'users.csv',
    async *open() {
      for (let start = 0; start < bytes.length; start += size) {
        yield Buffer.from(bytes.subarray(start, start + size))
      }
    },
  }
}

const expected = [
  { line: 2, cells: ['1', 'é'] },
  { line: 3, cells: ['2', '田'] },
]

describe('readTable', () => {
  for (const [property, text] of [
    ['commas', 'a,b\n1,é\n2,田\n'],
    ['semicolons', 'a;b\n1;é\n2;田\n'],
    ['tabs', 'a\tb\n1\té\n2\t田\n'],
    ['no line end at the end', 'a,b\n1,é\n2,田'],
    ['CRLF', 'a,b\r\n1,é\r\n2,田\r\n'],
    ['lone carriage returns', 'a,b\r1,é\r2,田\r'],
    ['mixed line ends', 'a,b\r\n1,é\n2,田\r\n'],
    ['a byte order mark', '\uFEFFa,b\n1,é\n2,田\n'],
    ['quotation marks', '"a","b"\n"1","é"\n"2","田"\n'],
    ['a delimiter in a quoted heading', '"a";"b"\n1;é\n2;田\n'],
  ] as const) {
    it(`reads a file with ${property}`, async () => {
      const { headings, rows } = await read(text)
      expect(headings).to.deep.equal(['a', 'b'])
      expect(rows).to.deep.equal(expected)
    })
  }

  it('chooses the delimiter by the headings, outside quotation marks', async () => {
    expect((await read('"a,b,c";d\n1;2\n')).headings).to.deep.equal(['a,b,c', 'd'])
    expect((await read('upn\nalice\n')).headings).to.deep.equal(['upn'])
  })

  it('obeys the sep= line of spreadsheets', async () => {
    const { headings, rows } = await read('sep=;\na;b,c\n1;2\n')
    expect(headings).to.deep.equal(['a', 'b,c'])
    expect(rows).to.deep.equal([{ line: 3, cells: ['1', '2'] }])
  })

  it('knows the version line of an Entra template, also with delimiters after it', async () => {
    for (const first of ['version:v1.0', 'version:v1.0,,', '"version:v1.0"']) {
      const { headings, rows, isEntraTemplate } = await read(`${first}\na,b\n1,2\n`)
      expect(isEntraTemplate, first).to.equal(true)
      expect(headings, first).to.deep.equal(['a', 'b'])
      expect(rows, first).to.deep.equal([{ line: 3, cells: ['1', '2'] }])
    }
  })

  it('numbers rows by the physical line at which they begin', async () => {
    const { rows } = await read('a,b\n\n"1\n1",x\r\n,\n"say ""hi""\n\n",y\n3,z\n')
    expect(rows).to.deep.equal([
      { line: 3, cells: ['1\n1', 'x'] },
      { line: 6, cells: ['say "hi"\n\n', 'y'] },
      { line: 9, cells: ['3', 'z'] },
    ])
  })

  it('finds the headings below empty lines', async () => {
    const { headings, rows } = await read('\n\n\n\na,b\n1,2\n3,4\n')
    expect(headings).to.deep.equal(['a', 'b'])
    expect(rows.map(({ line }) => line)).to.deep.equal([6, 7])
  })

  it('gives the same rows however the bytes are cut into pieces', async () => {
    const text = '\uFEFFlogin;name\r\n"é\r\n田😀";x\r\n\r\nü;"y;""z"\r\n'
    const whole = await read(text)
    for (let size = 1; size < 20; size++) {
      expect(await read(inPieces(Buffer.from(text), size)), `${size}`).to.deep.equal(whole)
    }
  })

  it('keeps a byte order mark that stands in a cell, wherever the cell stands', async () => {
    const { rows } = await read('\uFEFFa,b\n\uFEFF1,\uFEFF2\n\uFEFF3,4\n')
    const cells = rows.map((row) => row.cells)
    expect(cells).to.deep.equal([
      ['\uFEFF1', '\uFEFF2'],
      ['\uFEFF3', '4'],
    ])
  })

  it('reads back any cells that were written as CSV', async () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('a,b', '"', '""', 'x\ny', ';', '\t', "'=1", ' a '),
    )
    const sound = cell.filter((text) => !/[\r\0]/.test(text) && text.trim() !== '')
    const table = fc.array(fc.tuple(sound, sound), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(',', ';', '\t'), async (rows, delimiter) => {
        const text = Papa.unparse([['a', 'b'], ...rows], { delimiter, newline: '\r\n' })
        const back = await read(text)
        expect(back.rows.map(({ cells }) => cells)).to.deep.equal(rows)
      }),
    )
  })

  it('closes the file when the reader goes away', async () => {
    let closed = 0
    const source: CsvSource = {
      name: 'users.csv',
      async *open() {
        try {
          for (;;) yield Buffer.from('a,b\n1,2\n')
        } finally {
          closed++
        }
      },
    }
    const table = await readTable(source)
    await table.close()
    expect(closed).to.equal(1)
  })

  it('says of a missing file and of a folder what they are', async () => {
    const missing = await rejection(read(csvFile('/nowhere/users.csv')))
    expect(missing).to.be.instanceOf(CsvError)
    expect(missing.message).to.equal(
      '/nowhere/users.csv: it cannot be read: there is no such file or folder',
    )
    const folder = await rejection(read(csvFile('test')))
    expect(folder.message).to.contain('it is a folder')
  })

  it('refuses a line without end instead of gathering it', async () => {
    const source = inPieces(Buffer.alloc(3_000_000, 'a'), 65_536)
    const error = await rejection(read(source))
    expect(error.message).to.contain('users.csv, line 1: the line is longer than')
  })

  it('gives up on an open quotation mark long before the end of a large file', async () => {
    let served = 0
    const source: CsvSource = {
      name: 'users.csv',
      async *open() {
        yield Buffer.from('a,b\n1,2\n"open,3\n')
        for (; served < 1000; served++) yield Buffer.from('4,5\n'.repeat(10_000))
      },
    }
    const error = await rejection(read(source))
    expect(error.message).to.match(/^users.csv, line 3: the quotation marks/)
    expect(served).to.be.below(10)
  })
})
