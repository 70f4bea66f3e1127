import { expect } from 'chai'
import { ReferenceViolation, StaleWrite, UniqueViolation } from '../../src/directory/errors.ts'
import type { User } from '../../src/directory/types.ts'
import { DatabaseError } from '../../src/storage/databaseError.ts'
import type { Storage } from '../../src/storage/storage.ts'
import type { MakeStorage } from './contract.ts'
import { all, domainOf, federationOf, now, rejection, tenant, userOf } from './samples.ts'

export function directoryContract(fresh: MakeStorage): void {
  const withUsers = async (...users: User[]): Promise<Storage> => {
    const storage = fresh()
    await storage.directory.writeUsers(users.map((user) => ({ kind: 'create', user })))
    return storage
  }
  const upnsOf = async (storage: Storage, domain?: string): Promise<string[]> =>
    (await all(storage.directory.users(domain === undefined ? undefined : { domain }))).map(
      (user) => user.userPrincipalName,
    )

  describe('the tenant', () => {
    it('is refused in plain words before it is written', async () => {
      const error = await rejection(fresh().directory.tenant())
      expect(error).to.be.instanceOf(DatabaseError).with.property('problem', 'noTenant')
    })

    it('is written once: a later start gets the one that is there', async () => {
      const { directory, ensureTenant } = fresh()
      expect(await ensureTenant(tenant)).to.deep.equal(tenant)
      expect(await ensureTenant({ id: 'another', displayName: 'x' })).to.deep.equal(tenant)
      expect(await directory.tenant()).to.deep.equal(tenant)
    })
  })

  describe('federations and domains', () => {
    it('come back as they were put, every property of them', async () => {
      const { directory } = fresh()
      const plain = federationOf('a')
      const other = federationOf('b', {
        signOutUri: 'https://customer.okta.com/out',
        metadataExchangeUri: 'https://customer.okta.com/mex',
        nextSigningCertificate: 'MIIC',
        isSignedAuthenticationRequestRequired: true,
        federatedIdpMfaBehavior: 'rejectMfaByFederatedIdp',
        requestBinding: 'redirect',
        nameIdFormats: ['urn:x', 'urn:"y"'],
        allowUnsolicited: true,
        requireIdpEmailMatch: true,
        allowSha1Signatures: true,
        allowInclusiveCanonicalization: true,
        requireSignedResponse: true,
        requireEncryptedAssertion: true,
        allowCbcEncryption: true,
        expiredCertificates: 'warn',
        isEnabled: false,
      })
      const domain = { ...domainOf('customer.com', 'b'), isVerified: false, isDefault: true }
      await directory.putFederation(plain)
      await directory.putFederation(other)
      await directory.putDomain(domain)
      expect(await directory.federation('a')).to.deep.equal(plain)
      expect(await directory.federation('b')).to.deep.equal(other)
      expect(await directory.federations()).to.deep.equal([plain, other])
      expect(await directory.domain('customer.com')).to.deep.equal(domain)
      expect(await directory.domains()).to.deep.equal([domain])
    })

    it('are replaced by a second put with the same id', async () => {
      const { directory } = fresh()
      await directory.putFederation(federationOf('a'))
      await directory.putDomain(domainOf('customer.com', 'a'))
      const changed = federationOf('a', { issuerUri: 'urn:new', nameIdFormats: [] })
      await directory.putFederation(changed)
      await directory.putDomain(domainOf('customer.com', null))
      expect(await directory.federations()).to.deep.equal([changed])
      expect(await directory.domains()).to.deep.equal([domainOf('customer.com', null)])
    })

    it('a federation gives all its domains, in order, and no others', async () => {
      const { directory } = fresh()
      await directory.putFederation(federationOf('a'))
      await directory.putFederation(federationOf('b'))
      await directory.putDomain(domainOf('customer.com', 'a'))
      await directory.putDomain(domainOf('customer.co.uk', 'a'))
      await directory.putDomain(domainOf('other.com', 'b'))
      await directory.putDomain(domainOf('managed.com', null))
      const ids = (await directory.domainsOf('a')).map(({ id }) => id)
      expect(ids).to.deep.equal(['customer.co.uk', 'customer.com'])
    })

    it('an issuer is found byte for byte only', async () => {
      const { directory } = fresh()
      const federation = federationOf('a', { issuerUri: 'http://www.okta.com/exkAbc' })
      await directory.putFederation(federation)
      expect(await directory.federationByIssuer('http://www.okta.com/exkAbc')).to.deep.equal(
        federation,
      )
      for (const near of [
        'http://www.okta.com/exkabc',
        'http://www.okta.com/exkAbc/',
        'http://www.okta.com/exkAbc ',
        'http://www.okta.com/exk%41bc',
        '',
      ]) {
        expect(await directory.federationByIssuer(near), near).to.equal(null)
      }
    })

    it('no two federations share an issuer', async () => {
      const { directory } = fresh()
      await directory.putFederation(federationOf('a'))
      const twin = federationOf('b', { issuerUri: federationOf('a').issuerUri })
      const error = await rejection(directory.putFederation(twin))
      expect(error).to.be.instanceOf(UniqueViolation).with.property('property', 'issuerUri')
      expect(await directory.federations()).to.deep.equal([federationOf('a')])
    })

    it('a domain cannot name a federation that is not there', async () => {
      const { directory } = fresh()
      const error = await rejection(directory.putDomain(domainOf('customer.com', 'nowhere')))
      expect(error).to.be.instanceOf(ReferenceViolation).with.property('federationId', 'nowhere')
      expect(await directory.domains()).to.deep.equal([])
    })

    it('a federation is not deleted while it serves a domain', async () => {
      const { directory } = fresh()
      await directory.putFederation(federationOf('a'))
      await directory.putDomain(domainOf('customer.com', 'a'))
      const error = await rejection(directory.deleteFederation('a'))
      expect(error).to.be.instanceOf(ReferenceViolation).with.property('federationId', 'a')
      await directory.putDomain(domainOf('customer.com', null))
      await directory.deleteFederation('a')
      await directory.deleteFederation('a')
      expect(await directory.federation('a')).to.equal(null)
    })

    it('unknown ones are null', async () => {
      const { directory } = fresh()
      expect(await directory.domain('customer.com')).to.equal(null)
      expect(await directory.federation('a')).to.equal(null)
      expect(await directory.domainsOf('a')).to.deep.equal([])
    })
  })

  describe('users', () => {
    it('come back as they were written, every property of them', async () => {
      const alice = userOf('Alice@Customer.com')
      const bob = userOf('bob@customer.com', {
        onPremisesImmutableId: null,
        accountEnabled: false,
        mail: null,
        givenName: null,
        surname: 'O’Brien',
        jobTitle: "Robert'); DROP TABLE users;--",
        officeLocation: '',
        mobilePhone: '+46 70',
        lastModifiedDateTime: now + 1,
      })
      const { directory } = await withUsers(alice, bob)
      expect(await directory.user(alice.id)).to.deep.equal(alice)
      expect(await directory.userByPrincipalName('bob@customer.com')).to.deep.equal(bob)
      expect(await all(directory.users())).to.deep.equal([alice, bob])
    })

    it('an ImmutableId is found byte for byte only', async () => {
      const anchor = 'q2w3+/AbCdEfGhIjKlMnOg=='
      const alice = userOf('alice@customer.com', { onPremisesImmutableId: anchor })
      const { directory } = await withUsers(alice)
      expect(await directory.userByImmutableId(anchor)).to.deep.equal(alice)
      for (const near of [
        anchor.toLowerCase(),
        anchor.toUpperCase(),
        ` ${anchor}`,
        `${anchor} `,
        `${anchor}\n`,
        `${anchor}\0`,
        anchor.slice(0, -2),
        anchor.replace('+', '-'),
        anchor.replace('A', 'А'),
        '',
        '%',
      ]) {
        expect(await directory.userByImmutableId(near), JSON.stringify(near)).to.equal(null)
      }
    })

    it('ImmutableIds that differ in case, accent or Unicode form belong to different people', async () => {
      const anchors = ['Åbc', 'åbc', 'A\u030Abc', 'åbC', 'ss', 'ß', 'İ', 'i']
      const users = anchors.map((onPremisesImmutableId, n) =>
        userOf(`user${n}@customer.com`, { onPremisesImmutableId }),
      )
      const { directory } = await withUsers(...users)
      for (const user of users) {
        const found = await directory.userByImmutableId(user.onPremisesImmutableId ?? '')
        expect(found?.id).to.equal(user.id)
      }
    })

    it('half a surrogate pair finds nobody and is not written', async () => {
      const { directory } = await withUsers(
        userOf('alice@customer.com', { onPremisesImmutableId: '\uFFFD' }),
      )
      expect(await directory.userByImmutableId('\uD800')).to.equal(null)
      const broken = userOf('bob@customer.com', { onPremisesImmutableId: '\uDFFF' })
      const error = await rejection(directory.writeUsers([{ kind: 'create', user: broken }]))
      expect(error).to.be.instanceOf(TypeError)
      expect(await directory.countUsers()).to.equal(1)
    })

    it('a UPN is found in any case, and in both forms of its domain', async () => {
      const user = userOf('Alice@bücher.example')
      const { directory } = await withUsers(user)
      for (const same of [
        'alice@bücher.example',
        'ALICE@BÜCHER.EXAMPLE',
        'alice@xn--bcher-kva.example',
      ]) {
        expect(await directory.userByPrincipalName(same), same).to.deep.equal(user)
      }
      for (const other of ['alicé@bücher.example', 'alice@bucher.example', 'alice', '']) {
        expect(await directory.userByPrincipalName(other), other).to.equal(null)
      }
    })

    it('no two share a UPN in any case, an ImmutableId, or an id', async () => {
      const alice = userOf('alice@customer.com')
      const storage = await withUsers(alice)
      const twins = {
        userPrincipalName: userOf('ALICE@customer.COM', { onPremisesImmutableId: 'new' }),
        onPremisesImmutableId: userOf('bob@customer.com', {
          onPremisesImmutableId: alice.onPremisesImmutableId,
        }),
        id: userOf('bob@customer.com', { id: alice.id }),
      }
      for (const [property, user] of Object.entries(twins)) {
        const error = await rejection(storage.directory.writeUsers([{ kind: 'create', user }]))
        expect(error).to.be.instanceOf(UniqueViolation).with.property('property', property)
        expect((error as UniqueViolation).subject).to.equal(user.userPrincipalName)
        expect(String(error)).not.to.contain(alice.onPremisesImmutableId)
      }
      expect(await all(storage.directory.users())).to.deep.equal([alice])
    })

    it('any number of them can have no ImmutableId', async () => {
      const none = { onPremisesImmutableId: null }
      const storage = await withUsers(userOf('a@x.com', none), userOf('b@x.com', none))
      expect(await storage.directory.countUsers()).to.equal(2)
    })

    it('a write that fails at its last row keeps no row', async () => {
      const alice = userOf('alice@customer.com')
      const storage = await withUsers(alice)
      const renamed = { ...alice, displayName: 'Changed' }
      const error = await rejection(
        storage.directory.writeUsers([
          { kind: 'update', before: alice, user: renamed },
          { kind: 'create', user: userOf('bob@customer.com') },
          { kind: 'create', user: userOf('BOB@customer.com', { onPremisesImmutableId: null }) },
        ]),
      )
      expect(error).to.be.instanceOf(UniqueViolation)
      expect(await all(storage.directory.users())).to.deep.equal([alice])
    })

    it('two can swap UPN and ImmutableId in one write', async () => {
      const alice = userOf('alice@customer.com')
      const bob = userOf('bob@customer.com')
      const { directory } = await withUsers(alice, bob)
      const { userPrincipalName, onPremisesImmutableId } = alice
      const newAlice = {
        ...alice,
        userPrincipalName: bob.userPrincipalName,
        onPremisesImmutableId: bob.onPremisesImmutableId,
      }
      const newBob = { ...bob, userPrincipalName, onPremisesImmutableId }
      await directory.writeUsers([
        { kind: 'update', before: alice, user: newAlice },
        { kind: 'update', before: bob, user: newBob },
      ])
      expect(await all(directory.users())).to.deep.equal([newBob, newAlice])
      expect(await directory.userByPrincipalName('alice@customer.com')).to.deep.equal(newBob)
    })

    it('an update frees the old values for somebody new, whatever the order', async () => {
      const alice = userOf('alice@customer.com')
      const { directory } = await withUsers(alice)
      const heir = { ...alice, id: 'heir' }
      const moved = userOf('alice.smith@customer.com', { id: alice.id })
      await directory.writeUsers([
        { kind: 'create', user: heir },
        { kind: 'update', before: alice, user: moved },
      ])
      expect(await directory.userByPrincipalName('alice@customer.com')).to.deep.equal(heir)
      expect(await directory.user(alice.id)).to.deep.equal(moved)
    })

    it('an update of somebody who was changed or removed meanwhile is refused', async () => {
      const alice = userOf('alice@customer.com')
      const storage = await withUsers(alice)
      const newer = { ...alice, displayName: 'Newer', lastModifiedDateTime: now + 1 }
      await storage.directory.writeUsers([{ kind: 'update', before: alice, user: newer }])
      const ghost = userOf('ghost@customer.com')
      for (const user of [alice, ghost]) {
        const error = await rejection(
          storage.directory.writeUsers([{ kind: 'update', before: user, user }]),
        )
        expect(error).to.be.instanceOf(StaleWrite).with.property('recordId', user.id)
      }
      expect(await all(storage.directory.users())).to.deep.equal([newer])
    })

    it('are listed and counted by domain, without its subdomains, in the order of their UPN', async () => {
      const storage = await withUsers(
        userOf('bob@customer.com'),
        userOf('alice@sub.customer.com'),
        userOf('Zoë@other.com'),
        userOf('Alice@Customer.com'),
        userOf('alice-2@customer.com'),
      )
      expect(await upnsOf(storage, 'customer.com')).to.deep.equal([
        'alice-2@customer.com',
        'Alice@Customer.com',
        'bob@customer.com',
      ])
      expect(await upnsOf(storage, 'sub.customer.com')).to.deep.equal(['alice@sub.customer.com'])
      expect(await upnsOf(storage, 'nobody.com')).to.deep.equal([])
      expect(await upnsOf(storage)).to.deep.equal([
        'alice-2@customer.com',
        'Alice@Customer.com',
        'alice@sub.customer.com',
        'bob@customer.com',
        'Zoë@other.com',
      ])
      expect(await storage.directory.countUsers()).to.equal(5)
      expect(await storage.directory.countUsers({ domain: 'customer.com' })).to.equal(3)
      expect(await storage.directory.countUsers({ domain: 'nobody.com' })).to.equal(0)
    })

    it('a list of thousands comes whole, once each, and lets others write meanwhile', async () => {
      const many = Array.from({ length: 3500 }, (_, n) =>
        userOf(`user${String(n).padStart(5, '0')}@customer.com`),
      )
      const storage = await withUsers(...many)
      const seen: string[] = []
      for await (const user of storage.directory.users({ domain: 'customer.com' })) {
        if (seen.length === 1500) await storage.directory.putFederation(federationOf('a'))
        seen.push(user.userPrincipalName)
      }
      expect(seen).to.deep.equal(many.map((user) => user.userPrincipalName))
    })
  })
}
