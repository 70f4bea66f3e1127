import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readSigningCertificate } from '../saml/certificates.ts'

const folder = fileURLToPath(new URL('../../certs/', import.meta.url))

/** SHA-256 thumbprints of the test certificates that come with homerealm, whose private keys everybody has. */
export function publicTestThumbprints(): ReadonlySet<string> {
  const thumbprints = new Set<string>()
  for (const file of globSync('*.pem', { cwd: folder })) {
    const text = readFileSync(folder + file, 'utf8')
    if (text.includes('BEGIN CERTIFICATE')) thumbprints.add(readSigningCertificate(text).thumbprint)
  }
  return thumbprints
}
