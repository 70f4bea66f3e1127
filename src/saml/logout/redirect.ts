import { sign } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { refuse } from '../../aadsts/reasons.ts'
import type { Instant } from '../../lib/clock.ts'
import type { RequestSigner } from '../authnRequest.ts'
import { decodeBase64Lines } from '../base64.ts'
import { validityAt } from '../certificates.ts'
import { signatureAlgorithm } from '../signature/algorithms.ts'
import { holds } from '../signature/verify.ts'
import type { MessageLimits, SignatureTrust, SigningCertificate } from '../types.ts'
import { malformed } from './message.ts'

/** A message of the HTTP-Redirect binding, taken apart and not believed (SAML bindings 3.4). */
export interface RedirectMessage {
  readonly field: 'SAMLRequest' | 'SAMLResponse'
  /** The XML as bytes. */
  readonly xml: Buffer
  readonly relayState: string | null
  /** The octets that the signature covers, exactly as they came (SAML bindings 3.4.4.1). */
  readonly signedOctets: string
  readonly signatureAlgorithm: string
  readonly signature: Buffer
}

const known = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature'] as const
type Name = (typeof known)[number]
const MOST_PARAMETERS = 16
/** SAML bindings 3.4.3. */
const MAX_RELAY_STATE = 80
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'

/**
 * Takes a raw query string apart, so that what is verified and what is consumed are the same octets (saml-security R25): each
 * parameter once, no parameter whose name is percent-encoded, no message that is not signed. Inflates to `maxBytes` at most
 * (R26). Refuses with `logoutMalformed`, `notSigned`, `notBase64` or `messageTooLarge`.
 */
export function readRedirectMessage(query: string, limits: MessageLimits): RedirectMessage {
  const raw = parameters(query)
  const fields = (['SAMLRequest', 'SAMLResponse'] as const).filter((name) => raw.has(name))
  const [field] = fields
  if (field === undefined || fields.length > 1) {
    malformed('one of SAMLRequest and SAMLResponse', fields.length > 1 ? 'both' : 'neither')
  }
  const [sigAlg, signature] = [raw.get('SigAlg'), raw.get('Signature')]
  if (!sigAlg || !signature) {
    refuse('notSigned', { expected: 'SigAlg and Signature', actual: 'a message without' })
  }
  const relayState = raw.get('RelayState')
  const parts = [`${field}=${raw.get(field)}`]
  if (relayState !== undefined) parts.push(`RelayState=${relayState}`)
  parts.push(`SigAlg=${sigAlg}`)
  const readState = relayState === undefined ? null : decoded(relayState)
  checkRelayState(readState)
  return {
    field,
    xml: inflated(fromBase64(decoded(raw.get(field) ?? ''), limits), limits),
    relayState: readState,
    signedOctets: parts.join('&'),
    signatureAlgorithm: decoded(sigAlg),
    signature: decodeBase64Lines(decoded(signature)) ?? notBase64(),
  }
}

/** It goes back with our answer, so it is no longer than what a sender may send (SAML bindings 3.4.3 and 3.5.3). */
export function checkRelayState(relayState: string | null): void {
  if (relayState !== null && Buffer.byteLength(relayState) > MAX_RELAY_STATE) {
    malformed(`a RelayState of at most ${MAX_RELAY_STATE} bytes`, 'a longer one')
  }
}

/** Name to raw value. Parameters of other names are let pass, as long as they cannot be taken for one of ours. */
function parameters(query: string): ReadonlyMap<Name, string> {
  const found = new Map<Name, string>()
  const pairs = query.split('&', MOST_PARAMETERS + 1)
  if (pairs.length > MOST_PARAMETERS) malformed('a few parameters', 'many')
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const name = at < 0 ? pair : pair.slice(0, at)
    if (!/^[A-Za-z0-9_.~-]*$/.test(name)) {
      malformed('parameter names in plain letters', 'an encoded one')
    }
    const ours = known.find((each) => each.toLowerCase() === name.toLowerCase())
    if (ours === undefined) continue
    if (ours !== name || found.has(ours)) malformed(`${ours} once`, 'it twice, or in other letters')
    found.set(ours, at < 0 ? '' : pair.slice(at + 1))
  }
  return found
}

/** Form decoding, as senders encode; strict about `%`. */
function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw.replaceAll('+', ' '))
  } catch {
    return malformed('percent-encoding of UTF-8', 'another')
  }
}

function fromBase64(text: string, { maxBytes }: MessageLimits): Buffer {
  if (text.length > maxBytes * 2) {
    refuse('messageTooLarge', { expected: `at most ${maxBytes} bytes`, actual: 'more' })
  }
  return decodeBase64Lines(text) ?? notBase64()
}

function notBase64(): never {
  refuse('notBase64', { expected: 'base64 of RFC 4648 section 4', actual: 'something else' })
}

/** DEFLATE (RFC 1951), bounded: a bomb is stopped at the limit and never held whole. */
function inflated(bytes: Buffer, { maxBytes }: MessageLimits): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      refuse('messageTooLarge', { expected: `at most ${maxBytes} bytes inflated`, actual: 'more' })
    }
    return malformed('DEFLATE', 'something else')
  }
}

/**
 * Whether a certificate of the federation signed the octets: RSA with SHA-256 or more, whatever the federation may allow for
 * responses; ECDSA has no one encoding here. Refuses with `algorithmNotAllowed`, `signatureInvalid` or
 * `signingCertificateExpired`.
 */
export function verifyRedirectSignature(
  { signedOctets, signatureAlgorithm: identifier, signature }: RedirectMessage,
  trust: SignatureTrust,
  now: Instant,
): SigningCertificate {
  const algorithm = signatureAlgorithm(identifier, { ...trust, allowSha1Signatures: false })
  if (algorithm.scheme !== 'pkcs1') {
    refuse('algorithmNotAllowed', { expected: RSA_SHA256, actual: identifier.slice(0, 128) })
  }
  const octets = Buffer.from(signedOctets, 'utf8')
  const signers = trust.certificates.filter((each) => holds(algorithm, octets, each, signature))
  // One inside its validity is preferred: renewals often keep the key.
  const signer = signers.find((each) => validityAt(each, now) === 'valid') ?? signers[0]
  if (signer === undefined) {
    refuse('signatureInvalid', {
      expected: 'a signature of the query by one of the federation’s certificates',
      actual: 'one that none of them verifies',
    })
  }
  if (trust.expiredCertificates === 'refuse' && validityAt(signer, now) !== 'valid') {
    refuse('signingCertificateExpired', {
      expected: 'a certificate that is valid now',
      actual: validityAt(signer, now),
    })
  }
  return signer
}

/** The address that carries a message to `destination`, signed with RSA-SHA256 (SAML bindings 3.4.4.1). */
export function signedRedirectUrl(
  destination: string,
  message: {
    readonly field: 'SAMLRequest' | 'SAMLResponse'
    readonly xml: string
    readonly relayState: string | null
  },
  { privateKeyPem }: RequestSigner,
): string {
  const encoded = deflateRawSync(Buffer.from(message.xml, 'utf8')).toString('base64')
  const parts = [`${message.field}=${encodeURIComponent(encoded)}`]
  if (message.relayState !== null)
    parts.push(`RelayState=${encodeURIComponent(message.relayState)}`)
  parts.push(`SigAlg=${encodeURIComponent(RSA_SHA256)}`)
  const octets = parts.join('&')
  const signature = sign('sha256', Buffer.from(octets, 'utf8'), privateKeyPem).toString('base64')
  const joint = destination.includes('?') ? '&' : '?'
  return `${destination}${joint}${octets}&Signature=${encodeURIComponent(signature)}`
}
