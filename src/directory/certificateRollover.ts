import type { Act } from './audit.ts'
import { forbid } from './directoryError.ts'
import { recorded } from './domainHistory.ts'
import { domainName, existingDomain } from './domains.ts'
import { formerCertificates } from './federations.ts'
import type { DirectoryStore } from './ports.ts'
import type { Federation } from './types.ts'

/** The federation of a domain. Throws DirectoryError `domainMalformed`, `domainNotFound`, `domainIsManaged`. */
export async function federationOfDomain(store: DirectoryStore, name: string): Promise<Federation> {
  const domain = await existingDomain(store, domainName(name))
  const federation = domain.federationId && (await store.federation(domain.federationId))
  return (
    federation || forbid('domainIsManaged', 'domain', `${domain.id} is managed: no certificates.`)
  )
}

/**
 * Makes the next certificate the one in use; the old one is a former one from then on, and verifies nothing. Throws DirectoryError as
 * `federationOfDomain`, and `noNextCertificate`.
 */
export async function rotateCertificate(
  tx: DirectoryStore,
  name: string,
): Promise<{ readonly before: Federation; readonly after: Federation }> {
  const before = await federationOfDomain(tx, name)
  const { nextSigningCertificate: next } = before
  if (next === null) {
    const message = `${before.displayName} has no next certificate: register it first (homerealm domains federate ${name} --next-certificate FILE).`
    forbid('noNextCertificate', 'nextSigningCertificate', message)
  }
  const rotated = { ...before, signingCertificate: next, nextSigningCertificate: null }
  const formerSigningCertificates = formerCertificates(before, rotated)
  const after: Federation = { ...rotated, formerSigningCertificates }
  await tx.putFederation(after)
  return { before, after }
}

/**
 * Puts a certificate that the identity provider's metadata announces in the free second slot, and keeps that in the history. False, with
 * nothing kept, when the federation is no longer as it was `seen`.
 */
export async function offerNextCertificate(
  store: DirectoryStore,
  seen: Federation,
  base64: string,
  act: Act,
): Promise<boolean> {
  const { result } = await recorded(store, 'metadata', act, async (tx) => {
    const present = await tx.federation(seen.id)
    if (JSON.stringify(present) !== JSON.stringify(seen)) return false
    await tx.putFederation({ ...seen, nextSigningCertificate: base64 })
    return true
  })
  return result
}
