import { expect } from 'chai'
import { type Recorded, recorded, rehearsed } from '../../src/directory/domainHistory.ts'
import { manage, promote, removeDomains } from '../../src/directory/domainLifecycle.ts'
import type { DomainAction } from '../../src/directory/domainRecords.ts'
import {
  addDomain,
  addDomainWithin,
  setDefaultDomain,
  setDefaultDomainWithin,
} from '../../src/directory/domains.ts'
import { domainTree } from '../../src/directory/domainTree.ts'
import { undoWork } from '../../src/directory/domainUndo.ts'
import { type FederateInput, federate, federateWithin } from '../../src/directory/federations.ts'
import { markVerified, newVerificationCode } from '../../src/directory/ownership.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { now, userOf } from '../storage/samples.ts'
import { brokenRule, certificate, countingIds, emptyStore, okta } from './storeForTests.ts'

const act = { at: now, who: 'admin', door: 'commandLine' } as const
const record = { ...act, code: 'MS=ms00000001' }
const other: FederateInput = { ...okta, issuerUri: 'http://www.okta.com/exk2other' }

async function storeWith(...names: string[]): Promise<DirectoryStore> {
  const store = emptyStore()
  for (const name of names) {
    await store.transaction((tx) => addDomainWithin(tx, name, { record }))
  }
  return store
}

const done = <T>(
  store: DirectoryStore,
  action: DomainAction,
  work: (tx: DirectoryStore) => Promise<T>,
): Promise<Recorded<T>> => recorded(store, action, act, work)

const undo = (store: DirectoryStore, id: number) =>
  recorded(store, 'undo', act, (tx) => undoWork(tx, id), { undoes: id })

/** All that there is, without the history. */
async function everything(store: DirectoryStore) {
  return {
    domains: await store.domains(),
    federations: await store.federations(),
    ownerships: await store.domainRecords.ownerships(),
  }
}

describe('a verification code', () => {
  it('is MS=ms and eight digits, leading zeros included', () => {
    expect(newVerificationCode(systemRandom)).to.match(/^MS=ms\d{8}$/)
    expect(newVerificationCode((count) => Buffer.alloc(count, 0))).to.equal('MS=ms00000000')
  })
})

describe('manage', () => {
  it('turns a domain and its followers back to managed, and removes the federation that serves none any more', async () => {
    const store = await storeWith('customer.com', 'sales.customer.com', 'customer.co.uk')
    const { after } = await federate(store, okta, countingIds())
    const leaving = await store.transaction((tx) => manage(tx, ['Customer.com']))
    expect(leaving).to.deep.equal({
      domains: ['customer.com', 'sales.customer.com'],
      removed: [after],
    })
    expect((await store.domains()).map((each) => each.authenticationType)).to.deep.equal([
      ...['Managed', 'Managed', 'Managed'],
    ])
    expect(await store.federations()).to.deep.equal([])
  })

  it('leaves a federation that serves another domain, and a subdomain that was promoted', async () => {
    const store = await storeWith('customer.com', 'lab.customer.com', 'customer.co.uk')
    await federate(store, { ...okta, domains: ['customer.com', 'customer.co.uk'] }, countingIds())
    await promote(store, 'lab.customer.com', systemRandom)
    const leaving = await store.transaction((tx) => manage(tx, ['customer.com']))
    expect(leaving).to.deep.equal({ domains: ['customer.com'], removed: [] })
    const [federation] = await store.federations()
    const served = await store.domainsOf(federation?.id ?? '')
    expect(served.map(({ id }) => id)).to.deep.equal(['customer.co.uk', 'lab.customer.com'])
  })

  it('refuses a managed, an unknown and a following domain, and keeps nothing of the call', async () => {
    const store = await storeWith('customer.com', 'sales.customer.com', 'managed.example')
    await federate(store, okta, countingIds())
    const before = await everything(store)
    const rule = (...names: string[]) =>
      brokenRule(() => store.transaction((tx) => manage(tx, ['customer.com', ...names])))
    expect(await rule('managed.example')).to.equal('domainIsManaged')
    expect(await rule('unknown.example')).to.equal('domainNotFound')
    const alone = () => store.transaction((tx) => manage(tx, ['sales.customer.com']))
    expect(await brokenRule(alone)).to.equal('domainFollowsAnother')
    expect(await everything(store)).to.deep.equal(before)
  })
})

describe('removeDomains', () => {
  it('removes the domain, its ownership, and its federation when that serves none any more', async () => {
    const store = await storeWith('customer.com', 'sales.customer.com')
    const { after } = await federate(store, okta, countingIds())
    const both = ['customer.com', 'sales.customer.com']
    const leaving = await store.transaction((tx) => removeDomains(tx, both))
    expect(leaving).to.deep.equal({ domains: both, removed: [after] })
    expect(await everything(store)).to.deep.equal({ domains: [], federations: [], ownerships: [] })
  })

  it('refuses one with users, the default one, and one that others follow', async () => {
    const store = await storeWith('a.example', 'b.example', 'customer.com', 'sales.customer.com')
    await store.writeUsers([{ kind: 'create', user: userOf('alice@a.example') }])
    await setDefaultDomain(store, 'b.example', null)
    const rule = (name: string) =>
      brokenRule(() => store.transaction((tx) => removeDomains(tx, [name])))
    expect(await rule('a.example')).to.equal('domainHasUsers')
    expect(await rule('b.example')).to.equal('domainIsDefault')
    expect(await rule('customer.com')).to.equal('domainHasSubdomains')
    expect(await rule('unknown.example')).to.equal('domainNotFound')
    expect((await store.domains()).length).to.equal(4)
  })
})

describe('promote', () => {
  it('keeps how the subdomain is signed in to, and takes it out of what the domain above it does later', async () => {
    const store = await storeWith('customer.com', 'sales.customer.com', 'x.sales.customer.com')
    const { after } = await federate(store, okta, countingIds())
    await promote(store, 'sales.customer.com', systemRandom)
    expect((await store.domain('sales.customer.com'))?.federationId).to.equal(after.id)
    await store.transaction((tx) => manage(tx, ['customer.com']))
    expect((await store.domain('sales.customer.com'))?.authenticationType).to.equal('Federated')
    expect((await store.domain('x.sales.customer.com'))?.federationId).to.equal(after.id)
    const tree = await domainTree(store)
    const sales = await store.domain('sales.customer.com')
    expect(sales && tree.followers(sales).map(({ id }) => id)).to.deep.equal([
      'x.sales.customer.com',
    ])
  })

  it('refuses a root, one promoted already, and one below an unverified domain', async () => {
    const store = await storeWith('customer.com', 'sales.customer.com')
    await addDomain(store, 'new.example', { isVerified: false, record })
    await addDomain(store, 'a.new.example', { isVerified: false, record })
    await promote(store, 'sales.customer.com', systemRandom)
    const rule = (name: string) => brokenRule(() => promote(store, name, systemRandom))
    expect(await rule('customer.com')).to.equal('domainIsRoot')
    expect(await rule('sales.customer.com')).to.equal('domainIsRoot')
    expect(await rule('a.new.example')).to.equal('domainNotVerified')
    expect(await rule('unknown.example')).to.equal('domainNotFound')
  })
})

describe('the domain above a domain that was here before', () => {
  it('does not make a follower of it', async () => {
    const store = await storeWith('sales.customer.com', 'customer.com')
    await federate(store, okta, countingIds())
    expect((await store.domain('sales.customer.com'))?.authenticationType).to.equal('Managed')
  })
})

describe('undo', () => {
  it('brings back exactly what was: a new federation goes, a removed one returns with its id and settings', async () => {
    const store = await storeWith('customer.com', 'sales.customer.com', 'customer.co.uk')
    const ids = countingIds()
    const states = [await everything(store)]
    const step = async (action: DomainAction, work: (tx: DirectoryStore) => Promise<unknown>) => {
      await done(store, action, work)
      states.push(await everything(store))
    }
    await step('federate', (tx) => federateWithin(tx, { ...okta, allowUnsolicited: true }, ids))
    await step('federate', (tx) =>
      federateWithin(tx, { ...okta, signingCertificate: certificate(9) }, ids),
    )
    await step('federate', (tx) => federateWithin(tx, { ...other, replace: true }, ids))
    await step('promote', (tx) => promote(tx, 'sales.customer.com', systemRandom))
    await step('manage', (tx) => manage(tx, ['customer.com']))
    await step('remove', (tx) => removeDomains(tx, ['customer.co.uk']))
    for (const id of [6, 5, 4, 3, 2, 1]) {
      expect(await everything(store)).to.deep.equal(states[id])
      await undo(store, id)
      expect(await everything(store)).to.deep.equal(states[id - 1])
    }
  })

  it('can itself be undone', async () => {
    const store = await storeWith('customer.com')
    await done(store, 'federate', (tx) => federateWithin(tx, okta, countingIds()))
    const federated = await everything(store)
    await undo(store, 1)
    await undo(store, 2)
    expect(await everything(store)).to.deep.equal(federated)
    const marks = (await store.domainRecords.changes()).map(({ undoneBy }) => undoneBy)
    expect(marks).to.deep.equal([null, 3, null])
    await undo(store, 1)
    expect(await store.federations()).to.deep.equal([])
  })

  it('refuses an unknown change, one undone already, and one that something newer stands upon', async () => {
    const store = await storeWith('customer.com')
    const ids = countingIds()
    await done(store, 'federate', (tx) => federateWithin(tx, okta, ids))
    await done(store, 'federate', (tx) =>
      federateWithin(tx, { ...okta, displayName: 'Our Okta' }, ids),
    )
    const before = await everything(store)
    expect(await brokenRule(() => undo(store, 3))).to.equal('changeNotFound')
    expect(await brokenRule(() => undo(store, 1))).to.equal('changedSince')
    expect(await everything(store)).to.deep.equal(before)
    await undo(store, 2)
    expect(await brokenRule(() => undo(store, 2))).to.equal('changeUndone')
    await undo(store, 1)
    expect((await store.domain('customer.com'))?.authenticationType).to.equal('Managed')
  })

  it('takes along a subdomain that came after the change', async () => {
    const store = await storeWith('customer.com')
    await done(store, 'federate', (tx) => federateWithin(tx, okta, countingIds()))
    await addDomain(store, 'new.customer.com', { record })
    await undo(store, 1)
    expect((await store.domain('new.customer.com'))?.authenticationType).to.equal('Managed')
    expect(await store.federations()).to.deep.equal([])
    await undo(store, 3)
    expect((await store.domain('new.customer.com'))?.authenticationType).to.equal('Federated')
  })

  it('refuses to take a federation away that serves another domain since', async () => {
    const store = await storeWith('customer.com', 'b.example')
    const ids = countingIds()
    await done(store, 'federate', (tx) => federateWithin(tx, okta, ids))
    await done(store, 'federate', (tx) =>
      federateWithin(tx, { ...okta, domains: ['b.example'] }, ids),
    )
    const before = await everything(store)
    expect(await brokenRule(() => undo(store, 1))).to.equal('changedSince')
    expect(await everything(store)).to.deep.equal(before)
  })

  it('refuses to take a domain away that has users since', async () => {
    const store = await storeWith('customer.com')
    await done(store, 'remove', (tx) => removeDomains(tx, ['customer.com']))
    await undo(store, 1)
    await store.writeUsers([{ kind: 'create', user: userOf('alice@customer.com') }])
    expect(await brokenRule(() => undo(store, 2))).to.equal('domainHasUsers')
  })

  it('refuses to take back what was changed around the history', async () => {
    const store = await storeWith('customer.com')
    const { change } = await done(store, 'federate', (tx) =>
      federateWithin(tx, okta, countingIds()),
    )
    const [federation] = change?.after.federations ?? []
    if (!federation) throw new Error('no federation')
    await store.putFederation({ ...federation, allowUnsolicited: true })
    expect(await brokenRule(() => undo(store, 1))).to.equal('changedSince')
  })
})

describe('adding, verifying and choosing the default', () => {
  it('stand in the history, and are undone', async () => {
    const store = emptyStore()
    const options = { isVerified: false, record }
    await done(store, 'add', (tx) => addDomainWithin(tx, 'customer.com', options))
    await done(store, 'add', (tx) => addDomainWithin(tx, 'b.example', { record }))
    const added = await everything(store)
    await markVerified(store, 'customer.com', 'dns', { ...act, random: systemRandom })
    await done(store, 'default', (tx) => setDefaultDomainWithin(tx, 'b.example'))
    await done(store, 'default', (tx) => setDefaultDomainWithin(tx, 'customer.com'))
    const actions = (await store.domainRecords.changes()).map(({ action }) => action)
    expect(actions).to.deep.equal(['default', 'default', 'verify', 'add', 'add'])
    expect(await brokenRule(() => undo(store, 3))).to.equal('changedSince')
    await undo(store, 5)
    expect((await store.domain('b.example'))?.isDefault).to.equal(true)
    await undo(store, 4)
    await undo(store, 3)
    expect(await everything(store)).to.deep.equal(added)
    await undo(store, 1)
    expect((await store.domains()).map(({ id }) => id)).to.deep.equal(['b.example'])
  })

  it('are not undone under subdomains that were verified by them since', async () => {
    const store = emptyStore()
    const options = { isVerified: false, record }
    await done(store, 'add', (tx) => addDomainWithin(tx, 'customer.com', options))
    await markVerified(store, 'customer.com', 'dns', { ...act, random: systemRandom })
    await done(store, 'add', (tx) => addDomainWithin(tx, 'a.customer.com', options))
    expect(await brokenRule(() => undo(store, 2))).to.equal('domainHasSubdomains')
    await undo(store, 3)
    await undo(store, 2)
    await done(store, 'add', (tx) => addDomainWithin(tx, 'a.customer.com', options))
    expect(await brokenRule(() => undo(store, 1))).to.equal('domainHasSubdomains')
  })
})

describe('the audit of a change of domains', () => {
  it('has one record, with thumbprints in place of certificates and the number of the change; an undo names it', async () => {
    const store = await storeWith('customer.com')
    await done(store, 'federate', (tx) => federateWithin(tx, okta, countingIds()))
    await undo(store, 1)
    const records = await store.audit.latest(5)
    expect(records.map(({ action, undoes, target }) => [action, undoes, target])).to.deep.equal([
      ['domainsChanged', null, { kind: 'domain', id: 'customer.com', name: 'customer.com' }],
      ['domainsChanged', 1, { kind: 'domain', id: 'customer.com', name: 'customer.com' }],
    ])
    const [federated] = records
    expect(federated).to.include({ who: 'admin', door: 'commandLine', at: now })
    expect(federated?.after).to.include({ change: 1, kind: 'federate' })
    expect(JSON.stringify(records)).not.to.include(certificate())
    expect(JSON.stringify(federated?.after)).to.match(/"signingCertificate":"[0-9a-f]{64}"/)
    expect(federated?.before).to.deep.equal({
      domains: [
        {
          id: 'customer.com',
          authenticationType: 'Managed',
          isVerified: true,
          isDefault: false,
          federationId: null,
        },
      ],
    })
  })

  it('has none for a rehearsal, nor for what changes nothing', async () => {
    const store = await storeWith('customer.com')
    const work = (tx: DirectoryStore) => federateWithin(tx, okta, countingIds())
    await rehearsed(store, 'federate', act, work)
    expect(await store.audit.latest(5)).to.deep.equal([])
    await done(store, 'federate', work)
    await done(store, 'federate', work)
    expect(await store.audit.latest(5)).to.have.length(1)
  })
})

describe('a rehearsal', () => {
  it('says what would be done, and keeps neither it nor a line of history', async () => {
    const store = await storeWith('customer.com')
    const before = await everything(store)
    const seen = await rehearsed(store, 'federate', act, (tx) =>
      federateWithin(tx, okta, countingIds()),
    )
    expect(seen.change?.domains).to.deep.equal(['customer.com'])
    expect(seen.result.addedDomains).to.deep.equal(['customer.com'])
    expect(await everything(store)).to.deep.equal(before)
    expect(await store.domainRecords.changes()).to.deep.equal([])
  })

  it('that changes nothing is no change', async () => {
    const store = await storeWith('customer.com')
    await federate(store, okta, countingIds())
    const seen = await rehearsed(store, 'federate', act, (tx) =>
      federateWithin(tx, okta, countingIds()),
    )
    expect(seen.change).to.equal(null)
  })
})
