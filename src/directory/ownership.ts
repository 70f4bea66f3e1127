import type { RandomSource } from '../lib/ids.ts'
import type { Act } from './audit.ts'
import { recorded } from './domainHistory.ts'
import type { DomainOwnership, OwnershipProof } from './domainRecords.ts'
import { existingDomain } from './domains.ts'
import { domainTree } from './domainTree.ts'
import type { DirectoryStore } from './ports.ts'
import type { Domain } from './types.ts'

/** The text of a TXT record as Entra gives it to a new domain (entra.md section 4): `MS=ms` and eight digits. */
export function newVerificationCode(random: RandomSource): string {
  const digits = random(8).readBigUInt64BE() % 100_000_000n
  return `MS=ms${digits.toString().padStart(8, '0')}`
}

/** The ownership of a domain here; a domain from before it was kept gets a record, with a code of its own. */
export async function ownershipOf(
  store: DirectoryStore,
  domain: Domain,
  random: RandomSource,
): Promise<DomainOwnership> {
  const kept = await store.domainRecords.ownership(domain.id)
  if (kept !== null) return kept
  const made: DomainOwnership = {
    domain: domain.id,
    code: newVerificationCode(random),
    proof: domain.isVerified ? 'trusted' : null,
    verifiedAt: null,
    verifiedBy: null,
    isRoot: (await domainTree(store)).isRoot(domain),
  }
  await store.domainRecords.putOwnership(made)
  return made
}

/** Whether somebody looks after the domain: its code is there to be published. */
export type VerifiableDomain = { readonly domain: Domain; readonly ownership: DomainOwnership }

/** The domain and what must stand in its TXT record. Throws DirectoryError `domainNotFound`. */
export function verifiableDomain(
  store: DirectoryStore,
  id: string,
  random: RandomSource,
): Promise<VerifiableDomain> {
  return store.transaction(async (tx) => {
    const domain = await existingDomain(tx, id)
    return { domain, ownership: await ownershipOf(tx, domain, random) }
  })
}

/**
 * Makes a domain verified, and the subdomains that follow it, inside the caller's transaction (`recorded` with 'verify'). `proof` says why that is believed; the caller has looked. Throws
 * DirectoryError `domainNotFound`.
 */
export async function markVerifiedWithin(
  tx: DirectoryStore,
  id: string,
  proof: OwnershipProof,
  { at, who, random }: Act & { readonly random: RandomSource },
): Promise<readonly Domain[]> {
  const domain = await existingDomain(tx, id)
  const following = (await domainTree(tx)).followers(domain).filter((each) => !each.isVerified)
  const verified: Domain[] = []
  for (const each of [domain, ...following]) {
    const now = { ...each, isVerified: true }
    const ownership = await ownershipOf(tx, each, random)
    await tx.domainRecords.putOwnership({
      ...ownership,
      proof: each.id === id ? proof : 'inherited',
      verifiedAt: at,
      verifiedBy: who,
    })
    await tx.putDomain(now)
    verified.push(now)
  }
  return verified
}

/** The same in a transaction of its own, kept in the history and the audit. */
export async function markVerified(
  store: DirectoryStore,
  id: string,
  proof: OwnershipProof,
  act: Act & { readonly random: RandomSource },
): Promise<readonly Domain[]> {
  const work = (tx: DirectoryStore) => markVerifiedWithin(tx, id, proof, act)
  return (await recorded(store, 'verify', act, work)).result
}
