import type { Act } from './audit.ts'
import { forbid } from './directoryError.ts'
import { recorded } from './domainHistory.ts'
import type { DirectoryStore } from './ports.ts'
import type { Domain } from './types.ts'
import { domainAndAncestors, readDomain } from './upn.ts'

/** The domain's name in its normal form (lower case, A-labels). Throws DirectoryError `domainMalformed`. */
export function domainName(text: string): string {
  const reading = readDomain(text)
  if ('problem' in reading) {
    const name = text.length > 120 ? `${text.slice(0, 120)}...` : text
    return forbid('domainMalformed', 'id', `${name} is no domain name: ${reading.problem}.`)
  }
  return reading.domain
}

export interface NewDomain {
  readonly isVerified?: boolean
  readonly record?: (Act & { readonly code: string }) | null
}

/**
 * Adds a domain, inside the caller's transaction (`recorded` with 'add'). It is managed, unless a domain above it is here: then it inherits that one's authentication and federation, as
 * subdomains do in Entra, and is verified with it. Otherwise `isVerified` says that whoever adds it vouches for it; until then it
 * federates nothing. With `record`, who did it is kept, and the code that its TXT record is to have.
 * Throws DirectoryError `domainMalformed`, `domainExists`.
 */
export async function addDomainWithin(
  tx: DirectoryStore,
  name: string,
  { isVerified = true, record = null }: NewDomain = {},
): Promise<Domain> {
  const id = domainName(name)
  if ((await tx.domain(id)) !== null) {
    forbid('domainExists', 'id', `${id} is a domain here already.`)
  }
  const parent = await nearestAncestor(tx, id)
  const domain: Domain = {
    id,
    authenticationType: parent?.authenticationType ?? 'Managed',
    isVerified: isVerified || parent?.isVerified === true,
    isDefault: false,
    federationId: parent?.federationId ?? null,
  }
  await keepRootsBelow(tx, id)
  await tx.putDomain(domain)
  if (record !== null) {
    const inherits = parent?.isVerified === true
    await tx.domainRecords.putOwnership({
      domain: id,
      code: record.code,
      proof: inherits ? 'inherited' : isVerified ? 'trusted' : null,
      verifiedAt: domain.isVerified ? record.at : null,
      verifiedBy: domain.isVerified ? record.who : null,
      isRoot: parent === null,
    })
  }
  return domain
}

/** The same in a transaction of its own; with `record` kept in the history and the audit. */
export async function addDomain(
  store: DirectoryStore,
  name: string,
  options: NewDomain = {},
): Promise<Domain> {
  const { record = null } = options
  const work = (tx: DirectoryStore) => addDomainWithin(tx, name, options)
  return record === null
    ? store.transaction(work)
    : (await recorded(store, 'add', record, work)).result
}

/**
 * Makes a domain the tenant's default, in place of the one that was, inside the caller's transaction (`recorded` with 'default'). Throws DirectoryError `domainMalformed`, `domainNotFound`,
 * `domainNotVerified`, and `domainIsFederated`, since a default domain is managed: it must work when the identity provider does not.
 */
export async function setDefaultDomainWithin(tx: DirectoryStore, name: string): Promise<Domain> {
  const id = domainName(name)
  const domain = await existingDomain(tx, id)
  if (!domain.isVerified) {
    forbid('domainNotVerified', 'id', `${id} is not verified, so it cannot be the default.`)
  }
  if (domain.authenticationType === 'Federated') {
    const message = `${id} is federated, and the default domain must be managed: choose another.`
    forbid('domainIsFederated', 'id', message)
  }
  const former = (await tx.domains()).filter((other) => other.isDefault && other.id !== id)
  for (const other of former) await tx.putDomain({ ...other, isDefault: false })
  const chosen = { ...domain, isDefault: true }
  await tx.putDomain(chosen)
  return chosen
}

/** The same in a transaction of its own; with an act kept in the history and the audit. */
export async function setDefaultDomain(
  store: DirectoryStore,
  name: string,
  act: Act | null,
): Promise<Domain> {
  const work = (tx: DirectoryStore) => setDefaultDomainWithin(tx, name)
  return act === null
    ? store.transaction(work)
    : (await recorded(store, 'default', act, work)).result
}

/** The domain of that normal-form name. Throws DirectoryError `domainNotFound`. */
export async function existingDomain(store: DirectoryStore, id: string): Promise<Domain> {
  const domain = await store.domain(id)
  return (
    domain ??
    forbid('domainNotFound', 'id', `${id} is not a domain here: homerealm domains add ${id}`)
  )
}

/** A domain that stood alone has a sign-in of its own, and keeps it when one above it comes. */
async function keepRootsBelow(tx: DirectoryStore, id: string): Promise<void> {
  for (const below of await tx.domains()) {
    if (!below.id.endsWith(`.${id}`) || (await nearestAncestor(tx, below.id)) !== null) continue
    const ownership = await tx.domainRecords.ownership(below.id)
    if (ownership === null || ownership.isRoot) continue
    await tx.domainRecords.putOwnership({ ...ownership, isRoot: true })
  }
}

async function nearestAncestor(store: DirectoryStore, id: string): Promise<Domain | null> {
  for (const name of domainAndAncestors(id).slice(1)) {
    const domain = await store.domain(name)
    if (domain !== null) return domain
  }
  return null
}
