import { expect } from 'chai'
import { addDomain, setDefaultDomain } from '../../src/directory/domains.ts'
import { federate } from '../../src/directory/federations.ts'
import { brokenRule, countingIds, emptyStore, okta } from './storeForTests.ts'

describe('addDomain', () => {
  it('adds a managed, verified domain under its normal name', async () => {
    const store = emptyStore()
    await addDomain(store, 'BÜCHER.example')
    expect(await store.domain('xn--bcher-kva.example')).to.deep.equal({
      id: 'xn--bcher-kva.example',
      authenticationType: 'Managed',
      isVerified: true,
      isDefault: false,
      federationId: null,
    })
  })

  it('refuses a domain that is here already, however it is written', async () => {
    const store = emptyStore()
    await addDomain(store, 'customer.com')
    expect(await brokenRule(() => addDomain(store, 'Customer.COM'))).to.equal('domainExists')
  })

  it('refuses what is no domain name', async () => {
    for (const name of ['', 'com', 'customer.com/', 'https://customer.com', 'alice@customer.com']) {
      const rule = await brokenRule(async () => addDomain(emptyStore(), name))
      expect(rule, name).to.equal('domainMalformed')
    }
  })

  it('lets a subdomain inherit the federation of the domain above it', async () => {
    const store = emptyStore()
    await addDomain(store, 'customer.com')
    const { after } = await federate(store, okta, countingIds())
    const domain = await addDomain(store, 'a.sales.customer.com')
    expect(domain.authenticationType).to.equal('Federated')
    expect(domain.federationId).to.equal(after.id)
  })

  it('does not take a domain with the same ending for a subdomain', async () => {
    const store = emptyStore()
    await addDomain(store, 'customer.com')
    await federate(store, okta, countingIds())
    expect((await addDomain(store, 'notcustomer.com')).authenticationType).to.equal('Managed')
  })
})

describe('setDefaultDomain', () => {
  it('leaves exactly one default', async () => {
    const store = emptyStore()
    for (const name of ['a.example', 'b.example']) await addDomain(store, name)
    await setDefaultDomain(store, 'a.example', null)
    await setDefaultDomain(store, 'B.example', null)
    const defaults = (await store.domains()).filter(({ isDefault }) => isDefault)
    expect(defaults.map(({ id }) => id)).to.deep.equal(['b.example'])
  })

  it('refuses an unknown, an unverified and a federated domain', async () => {
    const store = emptyStore()
    await addDomain(store, 'customer.com')
    await addDomain(store, 'new.example', { isVerified: false })
    await federate(store, okta, countingIds())
    const rule = (name: string) => brokenRule(() => setDefaultDomain(store, name, null))
    expect(await rule('other.example')).to.equal('domainNotFound')
    expect(await rule('new.example')).to.equal('domainNotVerified')
    expect(await rule('customer.com')).to.equal('domainIsFederated')
  })
})
