import { expect } from 'chai'
import { progressInWords, progressLine } from '../../src/cli/users/progress.ts'

const reading = (rows: number, bytes: number, totalBytes: number | null) =>
  ({ phase: 'reading', rows, totalRows: null, bytes, totalBytes }) as const

describe('the progress of an import', () => {
  it('tells rate and time left, by bytes while the number of rows is not known', () => {
    expect(progressInWords(reading(50_000, 250, 1000), 2000)).to.equal(
      'reading: 50000 rows, 25000 a second, 6 s left',
    )
    expect(progressInWords({ phase: 'importing', rows: 300, totalRows: 400 }, 90_000)).to.equal(
      'importing: 300 of 400 rows, 3 a second, 30 s left',
    )
  })

  it('foretells nothing of a pipe, nor in the first second', () => {
    expect(progressInWords(reading(50_000, 250, null), 2000)).to.equal(
      'reading: 50000 rows, 25000 a second',
    )
    expect(progressInWords(reading(50_000, 250, 1000), 999)).to.equal('reading: 50000 rows')
  })

  it('is a line now and then where there is no terminal', () => {
    const lines: string[] = []
    let time = 0
    const line = progressLine(
      { isTerminal: false, complain: (text) => void lines.push(text) },
      () => time,
    )
    for (let rows = 30_000; rows <= 240_000; rows += 30_000) {
      time += 1000
      line.at(reading(rows, rows, 240_000))
    }
    line.end()
    expect(lines).to.deep.equal([
      'reading: 120000 rows, 40000 a second, 3 s left',
      'reading: 240000 rows, 34286 a second',
    ])
  })
})
