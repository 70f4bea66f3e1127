/**
 * Makes the keys in certs/ anew: all of them public and for tests only (certs/README.md). To be run by hand, and seldom: every
 * signed case in fixtures/cases changes with them (`npm run fixtures` makes those again).
 */
import './runtime.js'
import 'reflect-metadata'
import { writeFileSync } from 'node:fs'
import { X509CertificateGenerator } from '@peculiar/x509'
import { makeIdpKey } from '../src/demo-okta/keys.ts'

const folder = new URL('../certs/', import.meta.url)

/** File name, common name and first day of the ten years that the certificate is valid. */
const rsaKeys = [
  ['demo-okta', 'demo-okta', '2025-01-01'],
  ['next-okta', 'demo-okta', '2026-01-01'],
  ['expired-okta', 'demo-okta', '2015-01-01'],
  ['impostor', 'demo-okta', '2025-01-01'],
  ['other-okta', 'other-company', '2025-01-01'],
  ['foreign', 'somebody-else', '2025-01-01'],
  ['decryption', 'homerealm-decryption', '2025-01-01'],
] as const

function write(name: string, certificatePem: string, privateKeyPem: string): void {
  writeFileSync(new URL(`${name}.pem`, folder), certificatePem)
  writeFileSync(new URL(`${name}.key.pem`, folder), privateKeyPem)
  console.log(`certs/${name}.pem, certs/${name}.key.pem`)
}

for (const [name, commonName, from] of rsaKeys) {
  const now = Date.parse(`${from}T00:00:00Z`)
  const { certificatePem, privateKeyPem } = await makeIdpKey({ now, commonName })
  write(name, certificatePem, privateKeyPem)
}

const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const keys = await crypto.subtle.generateKey(ec, true, ['sign', 'verify'])
const certificate = await X509CertificateGenerator.createSelfSigned({
  serialNumber: '01',
  name: 'C=US, O=Okta demo, OU=SSOProvider, CN=ec-okta',
  notBefore: new Date('2025-01-01T00:00:00Z'),
  notAfter: new Date('2035-01-01T00:00:00Z'),
  signingAlgorithm: ec,
  keys,
})
const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
const lines = pkcs8.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')
write(
  'ec-okta',
  `${certificate.toString('pem')}\n`,
  `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
)
