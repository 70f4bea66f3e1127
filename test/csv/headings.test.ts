import { expect } from 'chai'
import { CsvError } from '../../src/admin/csv/csvError.ts'
import { matchHeadings } from '../../src/admin/csv/headings.ts'
import { furnishedDirectory, importText } from './directoryForTests.ts'

function match(...headings: string[]) {
  return matchHeadings('users.csv', 1, headings)
}

function propertiesOf(...headings: string[]) {
  return match(...headings).columns.map(({ property }) => property)
}

describe('matchHeadings', () => {
  it('knows Graph’s names in any order and case', () => {
    expect(propertiesOf('SURNAME', 'userprincipalname', 'OnPremisesImmutableId')).to.deep.equal([
      'surname',
      'userPrincipalName',
      'onPremisesImmutableId',
    ])
  })

  it('knows Okta’s names', () => {
    const headings = ['login', 'email', 'firstName', 'lastName', 'immutableId', 'title']
    expect(propertiesOf(...headings)).to.deep.equal([
      'userPrincipalName',
      'mail',
      'givenName',
      'surname',
      'onPremisesImmutableId',
      'jobTitle',
    ])
  })

  it('knows the names of the Entra portal’s template, old and new', () => {
    const headings = [
      'Name [displayName] Required',
      'User name [userPrincipalName]*',
      'Block sign in (Yes/No) [accountEnabled] Required',
      'First name [givenName]',
      'Office [physicalDeliveryOfficeName]',
      'Mobile phone [mobile]',
    ]
    const { columns } = match(...headings)
    expect(columns.map(({ property }) => property)).to.deep.equal([
      'displayName',
      'userPrincipalName',
      'accountEnabled',
      'givenName',
      'officeLocation',
      'mobilePhone',
    ])
    expect(columns.map(({ isInverted }) => isInverted)).to.deep.equal([
      false,
      false,
      true,
      false,
      false,
      false,
    ])
  })

  it('asks whether a mistyped column means a known one', () => {
    const { warnings } = match('login', 'immutabelId', 'xyzzy')
    expect(warnings).to.deep.equal([
      'Column 2 (immutabelId) is unknown and was not read. Did you mean immutableId?',
      'Column 3 (xyzzy) is unknown and was not read.',
    ])
  })

  it('names known columns that are not kept', () => {
    const { warnings } = match('login', 'status', 'Initial password [passwordProfile] Required')
    expect(warnings).to.deep.equal([
      'These columns are not kept here: status, Initial password [passwordProfile] Required.',
    ])
  })

  it('takes no harm from names that objects have by nature', () => {
    const { columns, warnings } = match('login', '__proto__', 'constructor', 'toString')
    expect(columns).to.have.length(1)
    expect(warnings).to.have.length(3)
  })

  it('refuses two columns of one property under different names', () => {
    expect(() => match('login', 'upn')).to.throw(CsvError, 'columns 1 (login) and 2 (upn)')
  })
})

describe('Block sign in', () => {
  it('is accountEnabled turned around, and accountEnabled is not', async () => {
    const cases = [
      ['Block sign in (Yes/No) [accountEnabled] Required', 'Yes', false],
      ['Block sign in (Yes/No) [accountEnabled] Required', 'No', true],
      ['Anmeldung blockieren [accountEnabled] Erforderlich', 'Yes', false],
      ['Block sign in', 'yes', false],
      ['accountEnabled', 'Yes', true],
      ['[accountEnabled]', 'Yes', false],
      ['accountEnabled [accountEnabled]', 'no', false],
    ] as const
    for (const [heading, cell, enabled] of cases) {
      const store = await furnishedDirectory()
      await importText(store, `login,"${heading}"\nalice@customer.com,${cell}\n`)
      const user = await store.userByPrincipalName('alice@customer.com')
      expect(user?.accountEnabled, `${heading} ${cell}`).to.equal(enabled)
    }
  })
})
