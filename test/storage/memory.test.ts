import { expect } from 'chai'
import { ReferenceViolation, UniqueViolation } from '../../src/directory/errors.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { memoryDirectory, memorySigninState, memoryStorage } from '../../src/storage/memory.ts'
import { storageContract } from './contract.ts'
import { domainOf, federationOf, now, tenant, userOf } from './samples.ts'

describe('storage in memory', () => {
  storageContract((retention) =>
    memoryStorage({ principalNameKey, ...(retention === undefined ? {} : { retention }) }),
  )

  it('begins with what it is handed', async () => {
    const alice = userOf('alice@customer.com')
    const directory = memoryDirectory({
      tenant,
      federations: [federationOf('a')],
      domains: [domainOf('customer.com', 'a')],
      users: [alice],
      principalNameKey,
    })
    expect(await directory.tenant()).to.deep.equal(tenant)
    expect(await directory.domainsOf('a')).to.deep.equal([domainOf('customer.com', 'a')])
    expect(await directory.federationByIssuer(federationOf('a').issuerUri)).to.deep.equal(
      federationOf('a'),
    )
    expect(await directory.userByImmutableId('anchor of alice@customer.com')).to.deep.equal(alice)
  })

  it('refuses content that contradicts itself', () => {
    const twins = [userOf('a@x.com'), userOf('A@x.com')]
    expect(() => memoryDirectory({ users: twins, principalNameKey })).to.throw(UniqueViolation)
    const orphan = [domainOf('x.com', 'nowhere')]
    expect(() => memoryDirectory({ domains: orphan, principalNameKey })).to.throw(
      ReferenceViolation,
    )
  })

  it('its sign-in state also stands alone', async () => {
    const signin = memorySigninState()
    const unsolicited = {
      requestId: null,
      browser: null,
      federationId: 'a',
      assertionId: 'id1',
      rememberUntil: now,
      now,
    }
    expect(await signin.consume(unsolicited)).to.equal('consumed')
    expect(await signin.consume(unsolicited)).to.equal('responseReplayed')
  })
})
