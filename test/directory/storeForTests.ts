import { DirectoryError, type DirectoryRule } from '../../src/directory/directoryError.ts'
import type { FederateInput } from '../../src/directory/federations.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { memoryDirectory } from '../../src/storage/memory.ts'

export function emptyStore(): DirectoryStore {
  return memoryDirectory({ principalNameKey })
}

/** Ids that count: id-1, id-2 ... */
export function countingIds(): () => string {
  let count = 0
  return () => `id-${++count}`
}

/** A DER SEQUENCE in base64: what the directory's rules want of a certificate, the rest is `saml/certificates`'. */
export function certificate(serial = 7): string {
  return Buffer.from([0x30, 0x03, 0x02, 0x01, serial]).toString('base64')
}

export const okta: FederateInput = {
  domains: ['customer.com'],
  issuerUri: 'http://www.okta.com/exk1demo',
  passiveSignInUri: 'https://customer.okta.com/app/x/exk1demo/sso/saml',
  signingCertificate: certificate(),
}

/** The rule that the work breaks; fails when it breaks none. */
export async function brokenRule(work: () => Promise<unknown>): Promise<DirectoryRule> {
  try {
    await work()
  } catch (error) {
    if (error instanceof DirectoryError) return error.rule
    throw error
  }
  throw new Error('no rule was broken')
}
