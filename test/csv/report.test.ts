import { join } from 'node:path'
import { expect } from 'chai'
import { formatImportReport } from '../../src/admin/csv/report.ts'
import { furnishedDirectory, importText, withFolder } from './directoryForTests.ts'

const a = '6Hz3el8+OkyEvxdtRYYCDw=='
const b = 'weGaRHg5UkOTkhoNmBwV7Q=='

describe('formatImportReport', () => {
  it('tells a rehearsal by old and new, and that nothing was written', async () => {
    const store = await furnishedDirectory()
    await importText(store, `login,immutableId\nalice@customer.com,${a}\n`)
    const text = `login,immutableId,department\nalice@customer.com,${b},Sales\nbob@customer.com,${a},\n`
    expect(formatImportReport(await importText(store, text, { dryRun: true }))).to.equal(
      [
        'To create:',
        '  line 3: bob@customer.com',
        '',
        'To change:',
        `  line 2: alice@customer.com, onPremisesImmutableId: "${a}" -> "${b}"`,
        '  line 2: alice@customer.com, department: nothing -> "Sales"',
        '',
        'users.csv: 1 to create, 1 to change, 0 as they are. This was a rehearsal: nothing was written.',
        '',
      ].join('\n'),
    )
  })

  it('tells what was done in one line when all went well', async () => {
    const report = await importText(
      await furnishedDirectory(),
      `login,immutableId\nalice@customer.com,${a}\n`,
    )
    expect(formatImportReport(report)).to.equal(
      'users.csv: 1 created, 0 changed, 0 as they were.\n',
    )
  })

  it('tells for refused rows line, column, value and reason, and what to do', async () => {
    const report = await importText(await furnishedDirectory(), `login,immutableId\nalice,${a}\n`)
    expect(formatImportReport(report)).to.equal(
      [
        'Refused rows:',
        '  line 2, column login, "alice": alice is no UPN: it has no @.',
        '',
        'users.csv: 1 row refused, so nothing was written.',
        'Correct the file and import it again, or take the good rows and set the others aside with --reject-file FILE.',
        '',
      ].join('\n'),
    )
  })

  it('says of a rehearsal with refused rows that the import would write nothing', async () => {
    const store = await furnishedDirectory()
    const text = 'login\nalice\nmona@managed.example\n'
    const alone = formatImportReport(await importText(store, text, { dryRun: true }))
    expect(alone).to.contain('1 to create, 0 to change, 0 as they are, 1 refused.')
    expect(alone).to.contain('The import would write nothing, either.')
    const aside = await importText(store, text, { dryRun: true, rejectFile: 'rejects.csv' })
    expect(formatImportReport(aside)).not.to.contain('would write nothing')
  })

  it('names the files that were written', async () => {
    await withFolder(async (folder) => {
      const rejectFile = join(folder, 'rejects.csv')
      const oktaOut = join(folder, 'okta.csv')
      const options = { rejectFile, oktaOut, generateAnchors: true }
      const report = await importText(
        await furnishedDirectory(),
        'login\nalice\nbob@customer.com\n',
        options,
      )
      expect(formatImportReport(report).split('\n').slice(-5)).to.deep.equal([
        'users.csv: 1 created, 0 changed, 0 as they were, 1 refused.',
        'ImmutableIds were made for 1 user.',
        `The refused rows are in ${rejectFile}.`,
        `The file for Okta is ${oktaOut}.`,
        '',
      ])
    })
  })

  it('shows the first of many and counts the rest', async () => {
    const rows = Array.from({ length: 25 }, (_, index) => `u${index}@customer.com\n`).join('')
    const report = await importText(await furnishedDirectory(), `login\n${rows}`)
    const lines = formatImportReport(report).split('\n')
    expect(lines[21]).to.equal('  and 5 more lines')
    expect(formatImportReport(report, 100)).not.to.contain('more line')
  })

  it('hands no control character of the file to the terminal', async () => {
    const text = 'login,displayName,"x\u001B[31my"\nal\u001B]0;ice@customer.com,a\u0007\u202Eb,\n'
    const report = await importText(await furnishedDirectory(), text)
    expect(formatImportReport(report)).to.match(/^(?:[^\p{Cc}\p{Cf}]|\n)+$/u)
    expect(report.rejected).to.have.length(1)
  })
})
