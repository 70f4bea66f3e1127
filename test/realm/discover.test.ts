import { expect } from 'chai'
import { Refusal } from '../../src/aadsts/reasons.ts'
import type { Domain, Federation } from '../../src/directory/types.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { discoverRealm, discoverRealmOfEmail } from '../../src/realm/discover.ts'
import { memoryDirectory } from '../../src/storage/memory.ts'
import { domainWith, federation, managedDomain, otherFederation } from '../support/circumstances.ts'

const customer = domainWith('customer.com')
const partner = domainWith('partner.com', { federationId: otherFederation.id })

function directoryOf(
  domains: readonly Domain[],
  federations: readonly Federation[] = [federation, otherFederation],
) {
  return memoryDirectory({ domains, federations, principalNameKey })
}

/** `federated federation-1 by customer.com`, `managed by managed.example` or `unknown x.example`. */
async function found(name: string, domains: readonly Domain[], federations?: Federation[]) {
  const realm = await discoverRealm(directoryOf(domains, federations), name)
  if (realm.kind === 'unknown') return `unknown ${realm.domain}`
  if (realm.kind === 'managed') return `managed by ${realm.domain.id}`
  return `federated ${realm.federation.id} by ${realm.domain.id}`
}

describe('home-realm discovery by domain', () => {
  it('finds the exact domain in any case', async () => {
    for (const name of ['customer.com', 'CUSTOMER.COM', 'Customer.Com']) {
      expect(await found(name, [customer])).to.equal('federated federation-1 by customer.com')
    }
  })

  it('finds an internationalized domain by its letters and by its A-labels', async () => {
    const domain = domainWith('xn--bcher-kva.example')
    for (const name of ['bücher.example', 'BÜCHER.example', 'xn--bcher-kva.example']) {
      expect(await found(name, [domain])).to.equal(
        'federated federation-1 by xn--bcher-kva.example',
      )
    }
  })

  it('lets a subdomain inherit its nearest ancestor, at any depth', async () => {
    const domains = [customer, domainWith('eu.customer.com', { federationId: otherFederation.id })]
    expect(await found('sales.customer.com', domains)).to.equal(
      'federated federation-1 by customer.com',
    )
    for (const name of ['eu.customer.com', 'de.eu.customer.com', 'a.b.c.eu.customer.com']) {
      expect(await found(name, domains), name).to.equal('federated federation-2 by eu.customer.com')
    }
  })

  it('lets the exact domain beat its parent: managed below federated, federated below managed', async () => {
    const managedBelow = domainWith('lab.customer.com', {
      authenticationType: 'Managed',
      federationId: null,
    })
    expect(await found('lab.customer.com', [customer, managedBelow])).to.equal(
      'managed by lab.customer.com',
    )
    const federatedBelow = domainWith('f.managed.example')
    expect(await found('f.managed.example', [managedDomain, federatedBelow])).to.equal(
      'federated federation-1 by f.managed.example',
    )
    expect(await found('x.managed.example', [managedDomain])).to.equal('managed by managed.example')
  })

  it('matches whole labels only', async () => {
    for (const name of [
      'notcustomer.com',
      'customer.com.evil.example',
      'ustomer.com',
      'customer.co',
    ]) {
      expect(await found(name, [customer]), name).to.equal(`unknown ${name}`)
    }
  })

  it('never inherits from a bare top-level domain', async () => {
    expect(await found('customer.com', [domainWith('com')])).to.equal('unknown customer.com')
  })

  it('serves two domains by one federation, and tells two federations apart', async () => {
    const domains = [customer, domainWith('customer.co.uk'), partner]
    expect(await found('customer.co.uk', domains)).to.equal(
      'federated federation-1 by customer.co.uk',
    )
    expect(await found('customer.com', domains)).to.equal('federated federation-1 by customer.com')
    expect(await found('partner.com', domains)).to.equal('federated federation-2 by partner.com')
  })

  it('lets an unverified domain sign nobody in, not even by its verified parent', async () => {
    const unverified = domainWith('customer.com', { isVerified: false })
    expect(await found('customer.com', [unverified])).to.equal('unknown customer.com')
    expect(await found('sub.customer.com', [unverified])).to.equal('unknown sub.customer.com')
    const below = domainWith('new.customer.com', { isVerified: false })
    expect(await found('new.customer.com', [customer, below])).to.equal('unknown new.customer.com')
    const managed = { ...managedDomain, isVerified: false }
    expect(await found('managed.example', [managed])).to.equal('unknown managed.example')
  })

  it('lets a federation that was switched off sign nobody in', async () => {
    const off = { ...federation, isEnabled: false }
    expect(await found('customer.com', [customer], [off])).to.equal('unknown customer.com')
  })

  it('finds nothing for what is no domain name, and gives it back as it came', async () => {
    for (const name of [
      '',
      'customer',
      'customer..com',
      '.customer.com',
      'customer.com.',
      ' customer.com',
      'ｃustomer.com',
      '10.0.0.1',
    ]) {
      expect(await found(name, [customer]), name).to.equal(`unknown ${name}`)
    }
  })
})

describe('home-realm discovery by e-mail', () => {
  const directory = directoryOf([customer])

  it('goes by the domain alone, whoever is meant', async () => {
    for (const email of ['alice@customer.com', 'nobody+x@CUSTOMER.com']) {
      expect((await discoverRealmOfEmail(directory, email)).kind).to.equal('federated')
    }
  })

  it('refuses what is no e-mail: emailMalformed', async () => {
    for (const email of [
      '',
      'alice',
      '@customer.com',
      'a@b@customer.com',
      '"a"@customer.com',
      'a b@customer.com',
    ]) {
      let reason = ''
      try {
        await discoverRealmOfEmail(directory, email)
      } catch (error) {
        if (error instanceof Refusal) reason = error.reason
      }
      expect(reason, email).to.equal('emailMalformed')
    }
  })
})
