import { randomUUID } from 'node:crypto'
import { encryptedData } from '../../src/demo-okta/encrypt.ts'
import { oktaResponse } from '../../src/demo-okta/honest.ts'
import { buildResponse, type ResponseSpec } from '../../src/demo-okta/response.ts'
import { element, ns } from '../../src/demo-okta/xml.ts'
import { minutes } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { idpKey, parties, startedAt, testKey } from './scene.ts'

/** One response, as the browser posts it. */
export interface BenchDocument {
  /** The AuthnRequest that it answers. */
  readonly requestId: string
  readonly xml: string
  readonly base64: string
  /** The same with one character of the NameID changed after signing (and before encrypting): nobody may accept it. */
  readonly tamperedBase64: string
}

export const kinds = ['bothSigned', 'assertionSigned', 'encrypted', 'thousandGroups'] as const
export type Kind = (typeof kinds)[number]

/** What is in a document of each kind, for the reader of the table. */
export const kindTitles: Readonly<Record<Kind, string>> = {
  bothSigned: 'Response and Assertion signed',
  assertionSigned: 'Assertion signed',
  encrypted: 'Assertion signed, then encrypted (AES-256-GCM, RSA-OAEP)',
  thousandGroups: 'Response and Assertion signed, 1,000 groups',
}

/** The size of the documents that peers were measured with before, in bytes of XML. */
const typicalSize = 8500
const longLived = minutes(60)

/**
 * `count` different responses of a kind: Okta-shaped, RSA-2048, SHA-256, exclusive C14N with InclusiveNamespaces `xs`, five attributes, one
 * of which is padded until the document has 8,500 bytes (but for the thousand groups, which have their own size). `extensions` is XML
 * that is signed and that nobody reads.
 */
export function makeDocuments(kind: Kind, count: number, extensions = ''): BenchDocument[] {
  return Array.from({ length: count }, () => makeDocument(kind, extensions))
}

function makeDocument(kind: Kind, extensions: string): BenchDocument {
  const requestId = `_${randomUUID()}`
  const signed = signedXml(kind, requestId, extensions)
  const tampered = tamper(signed)
  const [xml, tamperedXml] =
    kind === 'encrypted' ? [encrypted(signed), encrypted(tampered)] : [signed, tampered]
  return { requestId, xml, base64: base64(xml), tamperedBase64: base64(tamperedXml) }
}

function signedXml(kind: Kind, requestId: string, extensions: string): string {
  const build = (padding: string) =>
    buildResponse({ ...responseOf(kind, requestId, padding), extensions })
  if (kind === 'thousandGroups') return build('Sales')
  const unpadded = build('').length
  // encryption adds its own markup, and a third by base64
  const room = kind === 'encrypted' ? (typicalSize - 1800) * 0.75 : typicalSize
  const padding = 'Customer Identity and Access Management. '.repeat(200)
  return build(padding.slice(0, Math.max(5, Math.floor(room) - unpadded)))
}

function responseOf(kind: Kind, inResponseTo: string, department: string): ResponseSpec {
  const groups =
    kind === 'thousandGroups'
      ? Array.from({ length: 999 }, (_, i) => `app-customer-production-role-${i}`)
      : []
  const honest = oktaResponse({
    now: startedAt,
    responseId: newId(),
    assertionId: newId(),
    issuer: parties.issuer,
    acs: parties.acs,
    audience: parties.entityId,
    inResponseTo,
    user: {
      login: parties.userPrincipalName,
      nameId: parties.nameId,
      firstName: 'Alice',
      lastName: department || 'Jones',
      email: parties.userPrincipalName,
      groups,
    },
    key: idpKey,
  })
  return {
    ...honest,
    signed: kind === 'bothSigned' || kind === 'thousandGroups' ? 'both' : 'assertion',
    assertions: honest.assertions.map((assertion) => ({
      ...assertion,
      confirmations: assertion.confirmations.map((it) => ({
        ...it,
        notOnOrAfter: startedAt + longLived,
      })),
      conditions: assertion.conditions && {
        ...assertion.conditions,
        notOnOrAfter: startedAt + longLived,
      },
    })),
  }
}

function newId(): string {
  return `id${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`
}

function tamper(xml: string): string {
  const tampered = xml.replace(parties.nameId, parties.nameId.replace('q2', 'Q2'))
  if (tampered === xml) throw new Error('bench: the NameID to tamper with is not there')
  return tampered
}

/** AES-256-GCM, and RSA-OAEP with SHA-1: the one form that every peer understands. */
function encrypted(xml: string): string {
  const { certificatePem } = testKey('decryption')
  const options = { cipher: 'aes256-gcm', transport: 'rsa-oaep-mgf1p' } as const
  return xml.replace(/<saml2:Assertion[ >].*<\/saml2:Assertion>/s, (assertion) =>
    element(
      'saml2:EncryptedAssertion',
      { 'xmlns:saml2': ns.assertion },
      encryptedData(assertion, { ...options, certificatePem, random: systemRandom }),
    ),
  )
}

function base64(xml: string): string {
  return Buffer.from(xml, 'utf8').toString('base64')
}
