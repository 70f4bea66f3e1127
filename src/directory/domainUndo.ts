import { forbid } from './directoryError.ts'
import { byKey, domainState, recordKinds } from './domainHistory.ts'
import type { DomainChange, DomainState } from './domainRecords.ts'
import { domainTree } from './domainTree.ts'
import type { DirectoryStore } from './ports.ts'
import type { Domain } from './types.ts'

/**
 * The work that brings back what was before a change. Throws DirectoryError: `changeNotFound`; `changeUndone`; `changedSince`, when
 * a record that it touched is no longer as it left it - then the newer change must be undone first.
 */
export async function undoWork(tx: DirectoryStore, id: number): Promise<DomainChange> {
  const change = await tx.domainRecords.change(id)
  if (change === null) {
    forbid('changeNotFound', 'id', `There is no change ${id}: homerealm domains history.`)
  }
  if (change.undoneBy !== null) {
    forbid('changeUndone', 'id', `Change ${id} was undone already, by change ${change.undoneBy}.`)
  }
  mustBeAsLeft(change, await domainState(tx), await tx.domainRecords.changes())
  const { before, after } = change
  for (const federation of before.federations) {
    const same = await tx.federationByIssuer(federation.issuerUri)
    if (same !== null && same.id !== federation.id) {
      const message = `${federation.displayName} cannot come back: its issuer ${federation.issuerUri} belongs to ${same.displayName} since. Undo that first.`
      forbid('changedSince', 'id', message)
    }
    await tx.putFederation(federation)
  }
  const kept = new Set(before.domains.map((domain) => domain.id))
  await mayLeaveFollowers(tx, change)
  for (const { id: name } of after.domains) {
    if (kept.has(name)) continue
    if ((await tx.countUsers({ domain: name })) > 0) {
      forbid('domainHasUsers', 'id', `${name} has users since: move or remove them first.`)
    }
    await tx.domainRecords.deleteDomain(name)
  }
  for (const ownership of before.ownerships) await tx.domainRecords.putOwnership(ownership)
  for (const domain of before.domains) await bringBack(tx, domain, id)
  await bringFollowers(tx, id)
  const stays = new Set(before.federations.map((federation) => federation.id))
  for (const federation of after.federations) {
    if (stays.has(federation.id)) continue
    const served = (await tx.domainsOf(federation.id)).map((domain) => domain.id)
    if (served.length > 0) {
      const message = `${federation.displayName} would go, and serves ${served.join(', ')} since change ${id}: undo the newer change first, or move them.`
      forbid('changedSince', 'id', message)
    }
    await tx.deleteFederation(federation.id)
  }
  // One that was there before the change may have lost its other domains since, or loses its last follower now.
  for (const { id: federationId } of await tx.federations()) {
    if ((await tx.domainsOf(federationId)).length === 0) await tx.deleteFederation(federationId)
  }
  return change
}

/** Subdomains that came since were verified by the domain above them: it must not go, or be unverified again, under them. */
async function mayLeaveFollowers(
  tx: DirectoryStore,
  { id, before, after }: DomainChange,
): Promise<void> {
  const tree = await domainTree(tx)
  const own = new Set([...before.domains, ...after.domains].map((domain) => domain.id))
  for (const domain of after.domains) {
    const then = before.domains.find((each) => each.id === domain.id)
    if (then?.isVerified === domain.isVerified) continue
    const left = tree
      .followers(domain)
      .filter((each) => !own.has(each.id) && (then === undefined || each.isVerified))
    if (left.length === 0) continue
    const message = `${left.map((each) => each.id).join(', ')} came below ${domain.id} since change ${id}: remove it first, or promote it.`
    forbid('domainHasSubdomains', 'id', message)
  }
}

/** A domain as it was. One that follows another has its sign-in from that one, whatever became of its former federation. */
async function bringBack(tx: DirectoryStore, domain: Domain, change: number): Promise<void> {
  const { id, federationId } = domain
  if (federationId === null || (await tx.federation(federationId)) !== null) {
    return tx.putDomain(domain)
  }
  const ownership = await tx.domainRecords.ownership(id)
  if (ownership?.isRoot !== false) {
    const message = `${id} cannot come back as it was: its federation is gone since change ${change}. Undo that first.`
    forbid('changedSince', 'id', message)
  }
  return tx.putDomain({ ...domain, authenticationType: 'Managed', federationId: null })
}

/**
 * Subdomains that follow the domain above them are signed in to as it is: those that came after the change, and those that follow again by
 * its undoing.
 */
async function bringFollowers(tx: DirectoryStore, change: number): Promise<void> {
  const tree = await domainTree(tx)
  for (const domain of await tx.domains()) {
    const { id, authenticationType, federationId } = tree.rootOf(domain)
    if (domain.federationId === federationId) continue
    if (federationId !== null && (domain.isDefault || !domain.isVerified)) {
      const why = domain.isDefault ? 'is the default domain' : 'is not verified'
      const message = `${domain.id} follows ${id}, which is federated, and ${why}: change ${change} cannot be undone so.`
      forbid('changedSince', 'id', message)
    }
    await tx.putDomain({ ...domain, authenticationType, federationId })
  }
}

function mustBeAsLeft(
  change: DomainChange,
  now: DomainState,
  changes: readonly DomainChange[],
): void {
  for (const kind of recordKinds) {
    const [then, left, present] = [
      byKey(change.before, kind),
      byKey(change.after, kind),
      byKey(now, kind),
    ]
    for (const name of new Set([...then.keys(), ...left.keys()])) {
      if (JSON.stringify(left.get(name)) === JSON.stringify(present.get(name))) continue
      const newer = changes.find(
        (each) =>
          each.id > change.id &&
          each.undoneBy === null &&
          (byKey(each.before, kind).has(name) || byKey(each.after, kind).has(name)),
      )
      const what = kind[0] === 'federations' ? nameOfFederation(change, name) : name
      const advice = newer
        ? `undo change ${newer.id} (${newer.action}) first`
        : 'bring it back by hand'
      forbid('changedSince', 'id', `${what} was changed since change ${change.id}: ${advice}.`)
    }
  }
}

function nameOfFederation({ before, after }: DomainChange, id: string): string {
  const federations = [...after.federations, ...before.federations]
  return federations.find((each) => each.id === id)?.displayName ?? 'A federation'
}
