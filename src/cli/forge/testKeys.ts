import { createPrivateKey, X509Certificate } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { IdpKey } from '../../demo-okta/keys.ts'
import { readText } from '../replay/caseFile.ts'
import { UsageError } from '../usageError.ts'

/** The keys of certs/ (certs/README.md): public ones, for tests only. */
export type TestKeyName =
  | 'demo-okta'
  | 'next-okta'
  | 'expired-okta'
  | 'other-okta'
  | 'foreign'
  | 'impostor'
  | 'ec-okta'
  | 'decryption'

const folder = new URL('../../../certs/', import.meta.url)
const loaded = new Map<TestKeyName, IdpKey>()

/** One of them; read once. */
export function testKey(name: TestKeyName): IdpKey {
  const known = loaded.get(name)
  if (known) return known
  const file = (ending: string) => fileURLToPath(new URL(`${name}${ending}`, folder))
  const key = readKeyPair(file('.key.pem'), file('.pem'))
  loaded.set(name, key)
  return key
}

/** Under which name a key stands in certs/, for a path to its certificate; null for any other key. */
export function nameOfTestKey(key: IdpKey): TestKeyName | null {
  for (const [name, one] of loaded) if (one === key) return name
  return null
}

/** A private key in PEM and its certificate in PEM. Throws UsageError that names the file. */
export function readKeyPair(keyFile: string, certificateFile: string): IdpKey {
  const privateKeyPem = readText(keyFile)
  const certificatePem = readText(certificateFile)
  const certificate = parsed(certificateFile, 'a certificate in PEM', () => {
    return new X509Certificate(certificatePem)
  })
  const key = parsed(keyFile, 'a private key in PEM without passphrase', () => {
    return createPrivateKey(privateKeyPem)
  })
  if (!certificate.checkPrivateKey(key)) {
    throw new UsageError(`${certificateFile}: is not the certificate of the key in ${keyFile}.`)
  }
  return { privateKeyPem, certificatePem, certificateBase64: certificate.raw.toString('base64') }
}

function parsed<T>(file: string, expected: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw new UsageError(`${file}: is not ${expected}.`)
  }
}
