/**
 * Responses signed in every way that is accepted, by the test keys of certs/, and what they say: the ground that the mutation
 * fuzzers stand on. Signed by the demo Okta's code, another parser and canonicalizer than the verifier's.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { encryptedData } from '../../src/demo-okta/encrypt.ts'
import { oktaResponse } from '../../src/demo-okta/honest.ts'
import type { IdpKey } from '../../src/demo-okta/keys.ts'
import { buildResponse, type ResponseSpec } from '../../src/demo-okta/response.ts'
import { element, ns } from '../../src/demo-okta/xml.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { readSigningCertificate } from '../../src/saml/certificates.ts'
import { decodeResponse } from '../../src/saml/decode.ts'
import { defaultLimits, type SignatureTrust, type VerifiedResponse } from '../../src/saml/types.ts'
import { verifyResponse } from '../../src/saml/verify.ts'

/** When all of this takes place; the certificates are valid then. */
export const now = Date.parse('2026-01-15T09:30:00Z')

export interface SignedKind {
  readonly name: string
  /** One for each of `people`; the last has the IDs of the first. */
  readonly documents: readonly Buffer[]
  readonly trust: SignatureTrust
  /** What the key of `trust` has signed, in all kinds together. */
  readonly signed: SignedContents
}

/** What was signed, as text to compare. */
export interface SignedContents {
  /** Assertions that carry a signature of their own. */
  readonly assertions: Set<string>
  /** Responses that carry one, each with its assertion. */
  readonly responses: Set<string>
}

const certificates = new URL('../../certs/', import.meta.url)

/** A key of certs/, which are public and for tests. */
export function testKey(name: string): IdpKey {
  const read = (file: string) => readFileSync(new URL(file, certificates), 'utf8')
  const certificatePem = read(`${name}.pem`)
  return {
    privateKeyPem: read(`${name}.key.pem`),
    certificatePem,
    certificateBase64: certificatePem.replace(/-----[^-]+-----|\s/g, ''),
  }
}

const decryptionKeys: readonly KeyObject[] = [createPrivateKey(testKey('decryption').privateKeyPem)]
const ourCertificate = testKey('decryption').certificatePem
const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'

type Change = Partial<ResponseSpec>

function encrypting(cipher: 'aes256-gcm' | 'aes256-cbc' = 'aes256-gcm'): Change {
  return { interventions: { signedAssertion: (xml) => sealed(xml, 'EncryptedAssertion', cipher) } }
}

const encryptingNameId: Change = {
  interventions: {
    assertion: (xml) =>
      xml.replace(/<saml2:NameID.*?<\/saml2:NameID>/s, (nameId) => {
        const alone = nameId.replace('<saml2:NameID', `$& xmlns:saml2="${ns.assertion}"`)
        return sealed(alone, 'EncryptedID', 'aes256-gcm')
      }),
  },
}

function sealed(xml: string, holder: string, cipher: 'aes256-gcm' | 'aes256-cbc'): string {
  const content = encryptedData(xml, {
    certificatePem: ourCertificate,
    cipher,
    transport: 'rsa-oaep-mgf1p',
    random: systemRandom,
  })
  return element(`saml2:${holder}`, { 'xmlns:saml2': ns.assertion }, content)
}

/** Name, key, how it is made, and what a federation has to allow for it. */
const rows: readonly [string, 'demo-okta' | 'ec-okta', Change, Partial<SignatureTrust>?][] = [
  ['both', 'demo-okta', { signed: 'both' }],
  ['assertion only', 'demo-okta', { signed: 'assertion' }],
  ['response only', 'demo-okta', { signed: 'response' }],
  ['both, RSA-SHA512', 'demo-okta', { signed: 'both', algorithm: 'rsa-sha512' }],
  ['both, RSA-PSS', 'demo-okta', { signed: 'both', algorithm: 'rsa-pss-sha256' }],
  ['both, ECDSA', 'ec-okta', { signed: 'both', algorithm: 'ecdsa-sha256' }],
  ['assertion only, ECDSA', 'ec-okta', { signed: 'assertion', algorithm: 'ecdsa-sha256' }],
  [
    'response only, inclusive',
    'demo-okta',
    { signed: 'response', canonicalization: inclusive },
    { allowInclusiveCanonicalization: true },
  ],
  ['both, encrypted', 'demo-okta', { signed: 'both', ...encrypting() }],
  ['assertion only, encrypted', 'demo-okta', { signed: 'assertion', ...encrypting() }],
  ['response only, encrypted', 'demo-okta', { signed: 'response', ...encrypting() }],
  [
    'both, encrypted with CBC',
    'demo-okta',
    { signed: 'both', ...encrypting('aes256-cbc') },
    { allowCbcEncryption: true },
  ],
  ['both, encrypted NameID', 'demo-okta', { signed: 'both', ...encryptingNameId }],
]

/** For whom each kind is signed, in the order of its documents, and the ID of the request that each answers. */
export const people = [
  { name: 'alice', ids: 1, nameId: 'q2w3e4r5t6y7u8i9o0pASg==', request: '_1f0e' },
  { name: 'mallory', ids: 2, nameId: 'bWFsbG9yeSBvZiBwYXJ0bmVyIQ==', request: '_2f0e' },
  { name: 'bob', ids: 1, nameId: 'Ym9iIGF0IGN1c3RvbWVyLmNvbQ==', request: '_3f0e' },
] as const

/** The name of the kind stands in an attribute, so that what was signed in one way is told from what was in another. */
function response(
  kind: string,
  person: (typeof people)[number],
  key: IdpKey,
  change: Change,
): Buffer {
  const email = `${person.name}@customer.com`
  const honest = oktaResponse({
    now,
    responseId: `id100${person.ids}`,
    assertionId: `id200${person.ids}`,
    issuer: 'http://www.okta.com/exk1',
    acs: 'https://login.example.test/9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11/saml2',
    audience: 'urn:federation:MicrosoftOnline',
    inResponseTo: person.request,
    user: {
      login: email,
      nameId: person.nameId,
      firstName: person.name,
      lastName: 'Ångström',
      email,
      groups: ['Finance & Control', kind],
    },
    key,
  })
  return Buffer.from(buildResponse({ ...honest, ...change }))
}

/** Every kind, each with its documents. Fails when the verifier does not accept them all as they are. */
export function signedKinds(): readonly SignedKind[] {
  const signedBy = new Map<string, SignedContents>()
  return rows.map(([name, keyName, change, allowed]) => {
    const key = testKey(keyName)
    const signed = signedBy.get(keyName) ?? { assertions: new Set(), responses: new Set() }
    signedBy.set(keyName, signed)
    const trust = trustIn(key, allowed)
    const documents = people.map((person) => response(name, person, key, change))
    for (const document of documents) {
      const verified = verify(document.toString('base64'), trust)
      if (change.signed !== 'response') signed.assertions.add(assertionText(verified))
      if (change.signed !== 'assertion') signed.responses.add(responseText(verified))
    }
    return { name, documents, trust, signed }
  })
}

/** Trust in a key alone, with nothing allowed but what is given. */
export function trustIn(key: IdpKey, allowed: Partial<SignatureTrust> = {}): SignatureTrust {
  return {
    certificates: [readSigningCertificate(key.certificateBase64)],
    expiredCertificates: 'refuse',
    allowSha1Signatures: false,
    allowInclusiveCanonicalization: false,
    requireSignedResponse: false,
    requireEncryptedAssertion: false,
    allowCbcEncryption: false,
    ...allowed,
  }
}

/** The verifier, from the form field on. Throws Refusal. */
export function verify(field: string, trust: SignatureTrust): VerifiedResponse {
  const claimed = decodeResponse({ encoding: 'base64', body: field }, defaultLimits)
  return verifyResponse(claimed, trust, { now, limits: defaultLimits, decryptionKeys })
}

/** Every value that the assertion hands out. */
export function assertionText({ assertion }: Pick<VerifiedResponse, 'assertion'>): string {
  return JSON.stringify(assertion)
}

/** Every value that the Response and its assertion hand out. */
export function responseText(it: Pick<VerifiedResponse, 'assertion' | 'envelope'>): string {
  return JSON.stringify([it.envelope, it.assertion])
}
