import { expect } from 'chai'
import fc from 'fast-check'
import { toldErrors } from '../../src/cli/errors.ts'
import { printable, printableLine } from '../../src/cli/printable.ts'
import { table } from '../../src/cli/table.ts'
import { UsageError } from '../../src/cli/usageError.ts'
import { ConfigError } from '../../src/config.ts'
import { DirectoryError } from '../../src/directory/directoryError.ts'
import { UniqueViolation } from '../../src/directory/errors.ts'
import { ListenError } from '../../src/http/listen.ts'

describe('printable', () => {
  it('leaves visible text of any script as it is', () => {
    const text = 'Ångström “north” 日本 😀 | a\\b'
    expect(printable(text)).to.equal(text)
    expect(printableLine(text)).to.equal(text)
  })

  it('shows control and format characters instead of obeying them', () => {
    expect(printable('\u001b[2Ja\rb\u0007\u009b1m\u202Ec\u200B\t')).to.equal(
      '\\u{1b}[2Ja\\u{d}b\\u{7}\\u{9b}1m\\u{202e}c\\u{200b}\\u{9}',
    )
  })

  it('keeps our own line breaks, and a value from outside begins no line', () => {
    expect(printable('a\nb')).to.equal('a\nb')
    expect(printableLine('a\n  pass  signature\u2028x')).to.equal(
      'a\\u{a}  pass  signature\\u{2028}x',
    )
  })

  it('is safe for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(printableLine(text)),
      ),
    )
  })
})

describe('table', () => {
  it('pads each column to its longest cell and leaves no space at the ends of lines', () => {
    const rows = [
      ['a', 'long cell', 'x'],
      ['bbbb', '', ''],
    ]
    expect(table(['ID', 'NAME', 'Z'], rows)).to.equal(
      ['ID    NAME       Z', 'a     long cell  x', 'bbbb'].join('\n'),
    )
  })

  it('keeps columns straight beside what a terminal draws over two cells, or over none', () => {
    const names = ['田中 博', 'ﾀﾅｶ', 'Jose\u0301', '😀😀', 'Nguyễn']
    expect(
      table(
        ['NAME', ''],
        names.map((name) => [name, '|']),
      ).split('\n'),
    ).to.deep.equal([
      'NAME',
      '田中 博  |',
      'ﾀﾅｶ      |',
      'Jose\u0301     |',
      '😀😀     |',
      'Nguyễn   |',
    ])
  })

  it('is its header alone without rows', () => {
    expect(table(['A', 'B'], [])).to.equal('A  B')
  })
})

describe('toldErrors', () => {
  it('tells input that cannot be used with status 2, and rules that are broken with status 1', () => {
    expect(toldErrors(new UsageError('wrong'))).to.deep.equal({ message: 'wrong', status: 2 })
    const config = toldErrors(new ConfigError(['HOMEREALM_PORT must be a number']))
    expect(config?.status).to.equal(2)
    expect(config?.message).to.contain('HOMEREALM_PORT must be a number')
    const taken = new UniqueViolation('userPrincipalName', 'alice@customer.com')
    expect(toldErrors(taken)).to.include({ status: 1, message: taken.message })
  })

  it('leaves faults of ours to whoever prints the stack', () => {
    for (const fault of [new Error('bug'), new TypeError('bug'), 'text', null, undefined]) {
      expect(toldErrors(fault)).to.equal(null)
    }
  })

  it('knows the errors by their kind and not by their name', () => {
    const impostor = Object.assign(new Error('x'), { name: 'UsageError' })
    expect(toldErrors(impostor)).to.equal(null)
    const problem = { rule: 'domainExists', field: 'id', message: 'x.com is here.' } as const
    expect(toldErrors(new DirectoryError(problem))).to.deep.equal({
      message: 'x.com is here.',
      status: 1,
    })
    expect(toldErrors(new ListenError('taken'))?.status).to.equal(2)
  })

  it('tells every rule that is broken, each with its property', () => {
    const error = DirectoryError.ofAll([
      { rule: 'valueRequired', field: 'displayName', message: 'It must not be empty.' },
      { rule: 'valueMalformed', field: 'mail', message: 'It is no e-mail address.' },
    ])
    expect(toldErrors(error)?.message.split('\n')).to.deep.equal([
      '2 things are wrong, and nothing was changed:',
      '  displayName: It must not be empty.',
      '  mail: It is no e-mail address.',
    ])
  })
})
