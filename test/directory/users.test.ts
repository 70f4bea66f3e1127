import { expect } from 'chai'
import type { Domain, User } from '../../src/directory/types.ts'
import {
  changeOf,
  planUserUpsert,
  type UserInput,
  userProblems,
} from '../../src/directory/users.ts'

const now = Date.UTC(2026, 0, 15)
const federated: Domain = {
  id: 'customer.com',
  authenticationType: 'Federated',
  isVerified: true,
  isDefault: false,
  federationId: 'f',
}
const managed: Domain = { ...federated, authenticationType: 'Managed', federationId: null }
const domains = new Map([[federated.id, federated]])
const anchor = 'q2w3ERT5+UmuwOppLkjHgA=='
const upn = 'alice@customer.com'

function plan(input: UserInput, existing: User | null = null, domain: Domain = federated) {
  return planUserUpsert(input, existing, { domain, now, newId: () => 'id-1' })
}

function existingUser(): User {
  const input = { userPrincipalName: upn, onPremisesImmutableId: anchor, department: 'Sales' }
  return { ...plan(input).user, lastModifiedDateTime: now - 1000 }
}

describe('userProblems', () => {
  const problems = (input: Partial<UserInput>) =>
    userProblems({ userPrincipalName: upn, ...input }, domains).map(
      ({ rule, field }) => `${rule} ${field}`,
    )

  it('finds none in a sound user', () => {
    const input = {
      onPremisesImmutableId: anchor,
      displayName: '田中 博',
      mailNickname: 'h.tanaka+x',
      mail: 'h.tanaka+x@customer.com',
      mobilePhone: '+81 3 5555 0208',
      usageLocation: 'JP',
    }
    expect(problems(input)).to.deep.equal([])
  })

  for (const [property, input, problem] of [
    ['a UPN without @', { userPrincipalName: 'alice' }, 'principalNameMalformed userPrincipalName'],
    [
      'a foreign domain',
      { userPrincipalName: 'a@evil.example' },
      'domainNotHere userPrincipalName',
    ],
    [
      'a subdomain that was not added',
      { userPrincipalName: 'a@x.customer.com' },
      'domainNotHere userPrincipalName',
    ],
    [
      'an ImmutableId with a space',
      { onPremisesImmutableId: 'a b' },
      'immutableIdMalformed onPremisesImmutableId',
    ],
    [
      'an empty ImmutableId',
      { onPremisesImmutableId: '' },
      'immutableIdMalformed onPremisesImmutableId',
    ],
    [
      'a displayName of 257 characters',
      { displayName: 'x'.repeat(257) },
      'valueTooLong displayName',
    ],
    ['an empty displayName', { displayName: '' }, 'valueRequired displayName'],
    ['a line break in a name', { givenName: 'Al\nice' }, 'valueMalformed givenName'],
    [
      'a direction override in a name',
      { displayName: 'A\u202Elice' },
      'valueMalformed displayName',
    ],
    ['half of a surrogate pair', { surname: '\uD800' }, 'valueMalformed surname'],
    ['an @ in mailNickname', { mailNickname: 'a@b' }, 'valueMalformed mailNickname'],
    ['an umlaut in mailNickname', { mailNickname: 'jürgen' }, 'valueMalformed mailNickname'],
    ['a mail that is none', { mail: 'alice' }, 'valueMalformed mail'],
    ['a country by name', { usageLocation: 'Portugal' }, 'valueMalformed usageLocation'],
    ['a country in small letters', { usageLocation: 'pt' }, 'valueMalformed usageLocation'],
  ] as const) {
    it(`finds ${property}`, () => {
      expect(problems(input)).to.deep.equal([problem])
    })
  }

  it('finds all of them at once', () => {
    const input = { userPrincipalName: 'alice', onPremisesImmutableId: '$', mail: '-' }
    expect(problems(input)).to.have.length(3)
  })
})

describe('planUserUpsert', () => {
  it('makes a new user enabled, named by the names or the UPN', () => {
    const named = plan({ userPrincipalName: upn, givenName: 'Alice', surname: 'Archer' })
    expect(named.kind).to.equal('create')
    expect(named.user).to.deep.include({
      id: 'id-1',
      userPrincipalName: upn,
      displayName: 'Alice Archer',
      mailNickname: 'alice',
      accountEnabled: true,
      onPremisesImmutableId: null,
      createdDateTime: now,
    })
    expect(plan({ userPrincipalName: upn }).user.displayName).to.equal('alice')
  })

  it('leaves absent properties alone, clears null ones, and tells old and new', () => {
    const existing = existingUser()
    const update = plan({ userPrincipalName: upn, department: null, jobTitle: 'CEO' }, existing)
    expect(update.kind).to.equal('update')
    if (update.kind !== 'update') return
    expect(update.changes).to.deep.equal([
      { property: 'jobTitle', old: null, new: 'CEO' },
      { property: 'department', old: 'Sales', new: null },
    ])
    expect(update.user.onPremisesImmutableId).to.equal(anchor)
    expect(changeOf(update)).to.deep.equal({ kind: 'update', before: existing, user: update.user })
  })

  it('writes nothing when nothing differs, and does not change the UPN’s case', () => {
    const existing = existingUser()
    const same = plan({ userPrincipalName: 'ALICE@customer.com', department: 'Sales' }, existing)
    expect(same.kind).to.equal('unchanged')
    expect(same.user).to.equal(existing)
    expect(changeOf(same)).to.equal(null)
  })

  it('lets the time of the last change only go forward', () => {
    const existing = { ...existingUser(), lastModifiedDateTime: now + 5000 }
    const update = plan({ userPrincipalName: upn, jobTitle: 'CEO' }, existing)
    expect(update.user.lastModifiedDateTime).to.be.above(existing.lastModifiedDateTime)
    expect(update.user.createdDateTime).to.equal(existing.createdDateTime)
  })

  it('warns that a federated user without ImmutableId cannot sign in, and not about a managed one', () => {
    const { warnings } = plan({ userPrincipalName: upn })
    expect(warnings.map(({ message }) => message).join()).to.contain('cannot sign in')
    expect(plan({ userPrincipalName: upn }, null, managed).warnings).to.deep.equal([])
  })

  it('warns about a given ImmutableId that looks wrong', () => {
    const guid = '00112233-4455-6677-8899-aabbccddeeff'
    const { warnings } = plan({ userPrincipalName: upn, onPremisesImmutableId: guid })
    expect(warnings[0]?.message).to.match(
      /^The ImmutableId of alice@customer.com is a GUID as text/,
    )
  })
})
