import { expect } from 'chai'
import fc from 'fast-check'
import { DirectoryError } from '../../src/directory/directoryError.ts'
import { recorded } from '../../src/directory/domainHistory.ts'
import { manage, promote, removeDomains } from '../../src/directory/domainLifecycle.ts'
import { addDomainWithin, setDefaultDomainWithin } from '../../src/directory/domains.ts'
import { domainTree } from '../../src/directory/domainTree.ts'
import { undoWork } from '../../src/directory/domainUndo.ts'
import { federateWithin } from '../../src/directory/federations.ts'
import { markVerified } from '../../src/directory/ownership.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { now } from '../storage/samples.ts'
import { countingIds, emptyStore, okta } from './storeForTests.ts'

const act = { at: now, who: 'admin', door: 'commandLine' } as const
const names = ['x.com', 'a.x.com', 'b.a.x.com', 't.onmicrosoft.com']
const name = fc.constantFrom(...names)
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), name, trust: fc.boolean() }),
  fc.record({ do: fc.constantFrom('verify', 'default', 'manage', 'remove', 'promote'), name }),
  fc.record({
    do: fc.constant('federate' as const),
    domains: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
    issuer: fc.constantFrom('urn:one', 'urn:two', 'urn:ONE'),
    replace: fc.boolean(),
  }),
  fc.record({ do: fc.constant('undo' as const), change: fc.integer({ min: 1, max: 20 }) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function take(store: DirectoryStore, each: Step, newId: () => string): Promise<void> {
  if ('issuer' in each) {
    const { domains, issuer, replace } = each
    const input = { ...okta, domains, issuerUri: issuer, replace }
    await recorded(store, 'federate', act, (tx) => federateWithin(tx, input, newId))
  } else if ('change' in each) {
    const { change } = each
    await recorded(store, 'undo', act, (tx) => undoWork(tx, change), { undoes: change })
  } else if ('trust' in each) {
    const record = { ...act, code: 'MS=ms00000000' }
    const options = { isVerified: each.trust, record }
    await recorded(store, 'add', act, (tx) => addDomainWithin(tx, each.name, options))
  } else if (each.do === 'verify') {
    await markVerified(store, each.name, 'dns', { ...act, random: systemRandom })
  } else if (each.do === 'default') {
    await recorded(store, 'default', act, (tx) => setDefaultDomainWithin(tx, each.name))
  } else if (each.do === 'manage') {
    await recorded(store, 'manage', act, (tx) => manage(tx, [each.name]))
  } else if (each.do === 'remove') {
    await recorded(store, 'remove', act, (tx) => removeDomains(tx, [each.name]))
  } else {
    await recorded(store, 'promote', act, (tx) => promote(tx, each.name, systemRandom))
  }
}

async function expectSound(store: DirectoryStore): Promise<void> {
  const [domains, federations] = [await store.domains(), await store.federations()]
  const issuers = federations.map(({ issuerUri }) => issuerUri)
  expect(new Set(issuers).size, 'two federations share an issuer').to.equal(issuers.length)
  const used = new Set(domains.map(({ federationId }) => federationId))
  for (const { id, issuerUri } of federations)
    expect(used.has(id), `${issuerUri} serves`).to.equal(true)
  const tree = await domainTree(store)
  for (const domain of domains) {
    const isFederated = domain.federationId !== null
    expect(domain.authenticationType).to.equal(isFederated ? 'Federated' : 'Managed')
    if (isFederated) {
      expect(domain, 'federated').to.include({ isVerified: true, isDefault: false })
      expect(domain.id).not.to.match(/onmicrosoft\.com$/)
    }
    const { federationId } = tree.rootOf(domain)
    const proof = (await store.domainRecords.ownership(domain.id))?.proof
    if (proof === 'inherited' && !tree.isRoot(domain)) {
      expect(tree.parent(domain.id)?.isVerified, `above ${domain.id}`).to.equal(true)
    }
    expect(domain.federationId, `${domain.id} follows`).to.equal(federationId)
  }
  expect(domains.filter(({ isDefault }) => isDefault).length).to.be.at.most(1)
}

describe('domains and federations, whatever is done to them in whatever order', () => {
  it('one domain has one federation, no two federations share an issuer, and none serves nobody', async () => {
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
      async (steps) => {
        const store = emptyStore()
        const newId = countingIds()
        for (const each of steps) {
          try {
            await take(store, each, newId)
          } catch (error) {
            if (!(error instanceof DirectoryError)) throw error
          }
          await expectSound(store)
        }
      },
    )
    await fc.assert(property, { numRuns: 600 })
  })
})
