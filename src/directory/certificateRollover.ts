import { forbid } from './directoryError.ts'
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
