import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { promote } from '../../src/directory/domainLifecycle.ts'
import { addDomain, setDefaultDomain } from '../../src/directory/domains.ts'
import { type FederateInput, federate } from '../../src/directory/federations.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import { federationDefaults } from '../../src/directory/types.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { brokenRule, certificate, countingIds, emptyStore, okta } from './storeForTests.ts'

async function storeWith(...names: string[]): Promise<DirectoryStore> {
  const store = emptyStore()
  for (const name of names) await addDomain(store, name)
  return store
}

const other: FederateInput = {
  ...okta,
  issuerUri: 'http://www.okta.com/exk2other',
  passiveSignInUri: 'https://other.okta.com/app/x/exk2other/sso/saml',
}

describe('federate', () => {
  it('makes a federation with the defaults, and federates its domains', async () => {
    const store = await storeWith('customer.com', 'customer.co.uk')
    const domains = ['Customer.com', 'customer.co.uk']
    const change = await federate(store, { ...okta, domains }, countingIds())
    expect(change.before).to.equal(null)
    expect(change.domains).to.deep.equal(['customer.co.uk', 'customer.com'])
    expect(change.addedDomains).to.deep.equal(['customer.co.uk', 'customer.com'])
    const { domains: _, ...given } = okta
    expect(await store.federationByIssuer(okta.issuerUri)).to.deep.equal({
      ...federationDefaults,
      ...given,
      id: 'id-1',
      displayName: 'customer.okta.com',
    })
    for (const id of change.domains) {
      const domain = await store.domain(id)
      expect(domain?.authenticationType).to.equal('Federated')
      expect(domain?.federationId).to.equal('id-1')
    }
  })

  it('remembers the thumbprints of the last five certificates it had, newest first, and not those in use', async () => {
    const store = await storeWith('customer.com')
    const ids = countingIds()
    const thumbprint = (base64: string) =>
      createHash('sha256').update(base64, 'base64').digest('hex')
    for (const n of [1, 2, 3, 4, 5, 6, 7]) {
      await federate(store, { ...okta, signingCertificate: certificate(n) }, ids)
    }
    const back = { ...okta, signingCertificate: certificate(5) }
    const { after } = await federate(store, back, ids)
    expect(after.formerSigningCertificates).to.deep.equal(
      [7, 6, 4, 3, 2].map((n) => thumbprint(certificate(n))),
    )
  })

  it('updates the federation of the same issuer, and keeps what is not given', async () => {
    const store = await storeWith('customer.com', 'customer.co.uk')
    const ids = countingIds()
    await federate(store, { ...okta, allowUnsolicited: true, displayName: 'Our Okta' }, ids)
    const change = await federate(
      store,
      { ...okta, domains: ['customer.co.uk'], signingCertificate: certificate(9) },
      ids,
    )
    expect(await store.federations()).to.have.length(1)
    expect(change.domains).to.deep.equal(['customer.co.uk', 'customer.com'])
    expect(change.addedDomains).to.deep.equal(['customer.co.uk'])
    expect(change.changes).to.deep.equal([
      { property: 'signingCertificate', old: certificate(7), new: certificate(9) },
    ])
    expect(change.after.allowUnsolicited).to.equal(true)
    expect(change.after.displayName).to.equal('Our Okta')
  })

  it('changes nothing when it is done again', async () => {
    const store = await storeWith('customer.com')
    await federate(store, okta, countingIds())
    const again = await federate(store, okta, countingIds())
    expect(again.changes).to.deep.equal([])
    expect(again.addedDomains).to.deep.equal([])
    expect(again.after).to.deep.equal(again.before)
  })

  it('tells issuers apart byte for byte', async () => {
    const store = await storeWith('customer.com', 'other.example')
    const ids = countingIds()
    await federate(store, okta, ids)
    const near = { ...okta, domains: ['other.example'], issuerUri: `${okta.issuerUri}/` }
    expect((await federate(store, near, ids)).before).to.equal(null)
    expect(await store.federations()).to.have.length(2)
  })

  it('moves a domain to another issuer only when told to, and removes the federation left without domains', async () => {
    const store = await storeWith('customer.com')
    const ids = countingIds()
    const first = await federate(store, okta, ids)
    expect(await brokenRule(() => federate(store, other, ids))).to.equal('domainFederatedElsewhere')
    expect(await store.federationByIssuer(other.issuerUri)).to.equal(null)

    const change = await federate(store, { ...other, replace: true }, ids)
    expect(change.removed).to.deep.equal([first.after])
    expect((await store.federations()).map(({ issuerUri }) => issuerUri)).to.deep.equal([
      other.issuerUri,
    ])
    expect((await store.domain('customer.com'))?.federationId).to.equal(change.after.id)
  })

  it('keeps a federation that still serves another domain', async () => {
    const store = await storeWith('customer.com', 'customer.co.uk')
    const ids = countingIds()
    await federate(store, { ...okta, domains: ['customer.com', 'customer.co.uk'] }, ids)
    const change = await federate(store, { ...other, replace: true }, ids)
    expect(change.removed).to.deep.equal([])
    expect(await store.federations()).to.have.length(2)
  })

  it('takes along the subdomains that follow a domain, and leaves one that has its own identity provider', async () => {
    const store = await storeWith('customer.com', 'sales.customer.com', 'lab.customer.com')
    const ids = countingIds()
    const lab = { ...other, domains: ['lab.customer.com'] }
    expect(await brokenRule(() => federate(store, lab, ids))).to.equal('domainFollowsAnother')
    await promote(store, 'lab.customer.com', systemRandom)
    await federate(store, lab, ids)
    const change = await federate(store, okta, ids)
    expect(change.addedDomains).to.deep.equal(['customer.com', 'sales.customer.com'])
    expect((await store.domain('lab.customer.com'))?.federationId).not.to.equal(change.after.id)
  })

  it('keeps one certificate once', async () => {
    const store = await storeWith('customer.com')
    const input = { ...okta, nextSigningCertificate: okta.signingCertificate }
    expect((await federate(store, input, countingIds())).after.nextSigningCertificate).to.equal(
      null,
    )
  })

  it('refuses domains that cannot be federated, and keeps nothing of the call', async () => {
    const store = await storeWith('customer.com', 'tenant.onmicrosoft.com', 'managed.example')
    await addDomain(store, 'new.example', { isVerified: false })
    await setDefaultDomain(store, 'managed.example', null)
    const rule = (domain: string) =>
      brokenRule(() =>
        federate(store, { ...okta, domains: ['customer.com', domain] }, countingIds()),
      )
    expect(await rule('tenant.onmicrosoft.com')).to.equal('domainCannotBeFederated')
    expect(await rule('managed.example')).to.equal('domainIsDefault')
    expect(await rule('new.example')).to.equal('domainNotVerified')
    expect(await rule('unknown.example')).to.equal('domainNotFound')
    expect(await rule('no domain')).to.equal('domainMalformed')
    expect(await store.federations()).to.deep.equal([])
    expect((await store.domain('customer.com'))?.authenticationType).to.equal('Managed')
  })

  for (const [property, input, rule] of [
    ['no domain', { domains: [] }, 'valueRequired'],
    ['an empty issuer', { issuerUri: '' }, 'issuerMalformed'],
    ['an issuer that is no URI', { issuerUri: 'okta' }, 'issuerMalformed'],
    ['white space around the issuer', { issuerUri: `${okta.issuerUri} ` }, 'issuerMalformed'],
    ['an issuer beyond 1024', { issuerUri: `urn:${'x'.repeat(1021)}` }, 'issuerMalformed'],
    ['a sign-in URL in clear', { passiveSignInUri: 'http://okta.com/' }, 'uriMalformed'],
    [
      'a host that only begins like loopback',
      { passiveSignInUri: 'http://127.0.0.1.evil.example/' },
      'uriMalformed',
    ],
    ['a script as URL', { passiveSignInUri: 'javascript:alert(1)' }, 'uriMalformed'],
    [
      'a user name in the URL',
      { passiveSignInUri: 'https://okta.com@evil.example/' },
      'uriMalformed',
    ],
    ['a fragment in the URL', { passiveSignInUri: 'https://okta.com/#x' }, 'uriMalformed'],
    ['a line break in the URL', { passiveSignInUri: 'https://okta.com/\n' }, 'uriMalformed'],
    ['a sign-out URL in clear', { signOutUri: 'http://okta.com/' }, 'uriMalformed'],
    [
      'PEM in place of base64',
      { signingCertificate: '-----BEGIN CERTIFICATE-----' },
      'certificateMalformed',
    ],
    ['base64 of no DER', { signingCertificate: 'AAAA' }, 'certificateMalformed'],
    ['a next certificate of no DER', { nextSigningCertificate: 'AAAA' }, 'certificateMalformed'],
    ['no NameID format', { nameIdFormats: [] }, 'valueRequired'],
  ] as const) {
    it(`refuses ${property} as ${rule}`, async () => {
      const store = await storeWith('customer.com')
      const broken = await brokenRule(async () =>
        federate(store, { ...okta, ...input }, countingIds()),
      )
      expect(broken).to.equal(rule)
    })
  }

  it('takes http on a loopback host', async () => {
    for (const host of ['localhost:3001', '127.0.0.1:3001', '[::1]:3001']) {
      const store = await storeWith('customer.com')
      const input = { ...okta, passiveSignInUri: `http://${host}/sso` }
      expect((await federate(store, input, countingIds())).addedDomains, host).to.have.length(1)
    }
  })
})
