import { expect } from 'chai'
import { Refusal } from '../../src/aadsts/reasons.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { resolveTenant } from '../../src/http/tenant.ts'
import { memoryDirectory } from '../../src/storage/memory.ts'
import { customerDomain, domainWith, federation, managedDomain } from '../support/circumstances.ts'
import { tenantId } from '../support/verified.ts'

const tenant = { id: tenantId, displayName: 'Customer' }
const directory = memoryDirectory({
  federations: [federation],
  domains: [
    customerDomain,
    managedDomain,
    domainWith('xn--bcher-kva.example'),
    domainWith('new.example', { isVerified: false }),
  ],
  principalNameKey,
})
const resolve = (path: string) => resolveTenant(path, { tenant, directory })

describe('the tenant of a path', () => {
  it('is ours by its GUID, by a verified domain, and by the words for any tenant', async () => {
    for (const segment of [
      tenantId,
      tenantId.toUpperCase(),
      'customer.com',
      'Customer.COM',
      'managed.example',
      'xn--bcher-kva.example',
      'common',
      'Organizations',
    ]) {
      expect(await resolve(`/${segment}/saml2`), segment).to.equal(tenant)
    }
  })

  it('is none at the address without tenant', async () => {
    expect(await resolve('/login.srf')).to.equal(null)
  })

  it('is refused when it is another: tenantNotFound', async () => {
    for (const segment of [
      '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b12',
      'foreign.example',
      'sub.customer.com',
      'new.example',
      'consumers',
      '',
      '%2e%2e',
      'customer.com.',
      `{${tenantId}}`,
    ]) {
      try {
        await resolve(`/${segment}/saml2`)
        throw new Error(`${segment} was taken`)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        expect(error.reason).to.equal('tenantNotFound')
        expect(error.evidence).to.deep.equal({ expected: tenantId, actual: segment })
      }
    }
  })

  it('is cut in the evidence', async () => {
    try {
      await resolve(`/${'x'.repeat(5000)}/saml2`)
      throw new Error('was taken')
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      expect(error.evidence.actual).to.have.lengthOf(256)
    }
  })
})
