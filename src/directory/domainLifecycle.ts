import type { RandomSource } from '../lib/ids.ts'
import { forbid } from './directoryError.ts'
import { domainName, existingDomain } from './domains.ts'
import { domainTree, mayHaveOwnSignin } from './domainTree.ts'
import { removeUnused } from './federations.ts'
import { ownershipOf } from './ownership.ts'
import type { DirectoryStore } from './ports.ts'
import type { Domain, Federation } from './types.ts'

/** What happened to domains that leave their federations. */
export interface Leaving {
  /** All that changed: the given ones, and subdomains that followed them. In order of name. */
  readonly domains: readonly string[]
  /** Federations that lost their last domain and were removed. */
  readonly removed: readonly Federation[]
}

/**
 * Makes federated domains managed, and the subdomains that follow them: their people sign in with a password here. Throws
 * DirectoryError `domainMalformed`, `domainNotFound`, `domainIsManaged`, `domainFollowsAnother`.
 */
export async function manage(tx: DirectoryStore, names: readonly string[]): Promise<Leaving> {
  const tree = await domainTree(tx)
  const ids = [...new Set(names.map(domainName))]
  const leaving = new Map<string, Domain>()
  for (const id of ids) {
    const domain = await existingDomain(tx, id)
    if (domain.authenticationType === 'Managed') {
      forbid('domainIsManaged', 'domains', `${id} is managed already.`)
    }
    mayHaveOwnSignin(domain, tree, ids)
    for (const each of [domain, ...tree.followers(domain)]) leaving.set(each.id, each)
  }
  for (const domain of leaving.values()) {
    await tx.putDomain({ ...domain, authenticationType: 'Managed', federationId: null })
  }
  const removed = await removeUnused(tx, [...leaving.values()])
  return { domains: [...leaving.keys()].sort(), removed }
}

/**
 * Removes domains. Throws DirectoryError `domainMalformed`, `domainNotFound`; `domainIsDefault`; `domainHasUsers`, since their users
 * could never sign in again; `domainHasSubdomains`, when others are verified by one that goes and stay themselves.
 */
export async function removeDomains(
  tx: DirectoryStore,
  names: readonly string[],
): Promise<Leaving> {
  const tree = await domainTree(tx)
  const ids = new Set(names.map(domainName))
  const leaving: Domain[] = []
  for (const id of ids) {
    const domain = await existingDomain(tx, id)
    if (domain.isDefault) {
      forbid(
        'domainIsDefault',
        'domains',
        `${id} is the default domain: choose another first (homerealm domains default DOMAIN).`,
      )
    }
    const users = await tx.countUsers({ domain: id })
    if (users > 0) {
      const message = `${id} has ${users} ${users === 1 ? 'user' : 'users'}: move or remove them first (homerealm users list --domain ${id}).`
      forbid('domainHasUsers', 'domains', message)
    }
    const left = tree.followers(domain).filter((each) => !ids.has(each.id))
    if (left.length > 0) {
      const all = left.map((each) => each.id).join(', ')
      const message = `${all} ${left.length === 1 ? 'follows' : 'follow'} ${id}: remove it as well, or promote it first.`
      forbid('domainHasSubdomains', 'domains', message)
    }
    leaving.push(domain)
  }
  for (const { id } of leaving) await tx.domainRecords.deleteDomain(id)
  return { domains: [...ids].sort(), removed: await removeUnused(tx, leaving) }
}

/**
 * Gives a subdomain a sign-in of its own (Graph's `promote`, entra.md section 4). It stays as it is signed in to now; from here on it
 * is federated and managed apart from the domain above it. Throws DirectoryError `domainMalformed`, `domainNotFound`, `domainIsRoot`,
 * `domainNotVerified`.
 */
export async function promote(
  tx: DirectoryStore,
  name: string,
  random: RandomSource,
): Promise<Domain> {
  const domain = await existingDomain(tx, domainName(name))
  const tree = await domainTree(tx)
  const above = tree.parent(domain.id)
  if (above === null) {
    forbid('domainIsRoot', 'id', `${domain.id} has no domain above it here: it is a root already.`)
  }
  if (tree.isRoot(domain)) forbid('domainIsRoot', 'id', `${domain.id} is a root already.`)
  if (!above.isVerified || !domain.isVerified) {
    const message = `${above.id} is not verified, so ${domain.id} cannot be promoted.`
    forbid('domainNotVerified', 'id', message)
  }
  const ownership = await ownershipOf(tx, domain, random)
  await tx.domainRecords.putOwnership({ ...ownership, isRoot: true })
  return domain
}
