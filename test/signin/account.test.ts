import { expect } from 'chai'
import { domain, enabled, idpEmail, mfa, secondOpinion } from '../../src/signin/checks/account.ts'
import type { Circumstances } from '../../src/signin/circumstances.ts'
import {
  alice,
  circumstancesOf,
  customerDomain,
  domainWith,
  fails,
  federation,
  managedDomain,
  otherFederation,
  partnerDomain,
  passes,
  userWith,
} from '../support/circumstances.ts'
import {
  aliceAnchor,
  attribute,
  statementWith,
  verified,
  verifiedResponse,
} from '../support/verified.ts'

describe('check domain: who may speak for the user', () => {
  const of = (userPrincipalName: string) => ({ user: userWith(userPrincipalName, aliceAnchor) })

  it('passes a domain of the federation, in any case, and below it', async () => {
    for (const upn of ['a@customer.com', 'a@Customer.COM', 'a@sales.customer.com']) {
      expect((await passes(domain, of(upn))).expected).to.equal('customer.com')
    }
  })

  for (const [what, upn, words] of [
    ['of another federation', 'a@partner.com', 'served by Partner Okta'],
    ['that is managed', 'a@managed.example', 'managed'],
    ['that is not here', 'a@foreign.example', 'not set up here'],
    ['that only ends alike', 'a@notcustomer.com', 'not set up here'],
    ['that is none', 'a', 'not set up here'],
    ['with two @', 'a@foreign.example@customer.com', 'not set up here'],
  ] as const) {
    it(`refuses a domain ${what}: upnDomainNotFederatedHere`, async () => {
      const refusal = await fails(domain, of(upn))
      expect(refusal.reason).to.equal('upnDomainNotFederatedHere')
      expect(refusal.expected).to.equal('a user in a domain of the federation Customer Okta')
      expect(refusal.actual).to.match(new RegExp(`^${upn}, whose domain is ${words}`))
    })
  }

  it('refuses a domain that is not verified: upnDomainNotFederatedHere', async () => {
    const domains = [domainWith('customer.com', { isVerified: false })]
    const refusal = await fails(domain, {}, circumstancesOf({ domains }))
    expect(refusal.reason).to.equal('upnDomainNotFederatedHere')
  })

  it('refuses a subdomain that another federation serves: the exact domain beats its parent', async () => {
    const sub = domainWith('sales.customer.com', { federationId: otherFederation.id })
    const world = circumstancesOf({ domains: [customerDomain, partnerDomain, managedDomain, sub] })
    expect((await fails(domain, of('a@sales.customer.com'), world)).reason).to.equal(
      'upnDomainNotFederatedHere',
    )
    const theirs = { ...of('a@sales.customer.com'), federation: otherFederation }
    expect((await passes(domain, theirs, world)).expected).to.equal('sales.customer.com')
  })
})

describe('check enabled', () => {
  it('refuses a disabled user: userDisabled', async () => {
    expect((await passes(enabled)).actual).to.equal('accountEnabled true')
    const refusal = await fails(enabled, { user: { ...alice, accountEnabled: false } })
    expect(refusal.reason).to.equal('userDisabled')
    expect(refusal.actual).to.equal('accountEnabled false')
  })
})

describe('check idpEmail', () => {
  const asking = { ...federation, requireIdpEmailMatch: true }
  const sent = (...attributes: ReturnType<typeof attribute>[]) => ({
    federation: asking,
    verified: verifiedResponse({ attributes }),
  })

  it('looks at nothing unless the federation asks for it', async () => {
    const verifiedWrong = verifiedResponse({ attributes: [attribute('IDPEmail', 'x@y.example')] })
    for (const found of [
      {},
      { verified: verifiedWrong },
      { verified: verifiedResponse({ attributes: [] }) },
    ]) {
      expect((await passes(idpEmail, found)).notApplicable).to.be.a('string')
    }
  })

  it('passes the userPrincipalName, in any case', async () => {
    for (const email of ['alice@customer.com', 'Alice@CUSTOMER.com']) {
      expect((await passes(idpEmail, sent(attribute('IDPEmail', email)))).actual).to.equal(email)
    }
  })

  it('refuses another address, none, several values, and another attribute: idpEmailMismatch', async () => {
    for (const [found, actual] of [
      [sent(attribute('IDPEmail', 'bob@customer.com')), 'bob@customer.com'],
      [
        sent(attribute('IDPEmail', 'alice@customer.com', 'bob@customer.com')),
        'alice@customer.com, bob@customer.com',
      ],
      [sent(attribute('IDPEmail')), ''],
      [sent(attribute('idpemail', 'alice@customer.com')), 'no IDPEmail'],
      [sent(), 'no IDPEmail'],
    ] as const) {
      const refusal = await fails(idpEmail, found)
      expect(refusal.reason).to.equal('idpEmailMismatch')
      expect(refusal).to.include({ expected: 'alice@customer.com', actual })
    }
  })
})

describe('check mfa', () => {
  const multiple = 'http://schemas.microsoft.com/claims/multipleauthn'
  const enforcing = { ...federation, federatedIdpMfaBehavior: 'enforceMfaByFederatedIdp' as const }
  const by = (...refs: (string | null)[]) => ({
    federation: enforcing,
    verified: verifiedResponse({
      authnStatements: refs.map((ref) =>
        statementWith({ classRef: ref === null ? null : verified(ref) }),
      ),
    }),
  })

  it('passes multipleauthn', async () => {
    expect((await passes(mfa, by(multiple))).actual).to.equal(multiple)
  })

  it('refuses anything else, and nothing: mfaRequired', async () => {
    for (const found of [
      by('urn:oasis:names:tc:SAML:2.0:ac:classes:Password'),
      by(null),
      by(),
      by(`${multiple}/`),
    ]) {
      const refusal = await fails(mfa, found)
      expect(refusal.reason).to.equal('mfaRequired')
      expect(refusal.expected).to.equal(multiple)
    }
  })

  it('asks for it only where the federation enforces it', async () => {
    for (const federatedIdpMfaBehavior of [
      'acceptIfMfaDoneByFederatedIdp',
      'rejectMfaByFederatedIdp',
    ] as const) {
      const passed = await passes(mfa, {
        ...by(null),
        federation: { ...federation, federatedIdpMfaBehavior },
      })
      expect(passed.notApplicable).to.contain(federatedIdpMfaBehavior)
    }
  })
})

describe('check secondOpinion', () => {
  const saying = (answer: Awaited<ReturnType<NonNullable<Circumstances['secondOpinion']>>>) =>
    circumstancesOf({}, { secondOpinion: async () => answer })

  it('is skipped when it is off, and when the other verifier cannot judge', async () => {
    expect((await passes(secondOpinion)).notApplicable).to.equal('It is off.')
    const cannot = await passes(secondOpinion, {}, saying({ agrees: 'cannot', why: 'ECDSA' }))
    expect(cannot.notApplicable).to.contain('ECDSA')
  })

  it('passes an agreement and refuses a difference: secondOpinionDiffers', async () => {
    expect((await passes(secondOpinion, {}, saying({ agrees: true }))).actual).to.equal(
      'they agree',
    )
    const refusal = await fails(secondOpinion, {}, saying({ agrees: false, differences: 'NameID' }))
    expect(refusal.reason).to.equal('secondOpinionDiffers')
    expect(refusal.actual).to.equal('NameID')
  })
})
