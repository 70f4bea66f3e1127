/**
 * The logout messages of an identity provider, made by hand and signed by node:crypto or xml-crypto, so that a fault of our own
 * writer is not mirrored.
 */
import { createSign } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { IdpKey } from '../../src/demo-okta/keys.ts'
import { type AlgorithmName, signRoot } from '../../src/demo-okta/sign.ts'
import type { Instant } from '../../src/lib/clock.ts'

export const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const success = 'urn:oasis:names:tc:SAML:2.0:status:Success'

export interface LogoutSpec {
  readonly issuer: string
  readonly destination: string | null
  readonly at: Instant
  readonly nameId: string
  readonly sessionIndexes: readonly string[]
  /** Each request is good once. */
  readonly id?: string
  /** XML between the Issuer and the NameID. */
  readonly further?: string
  readonly notOnOrAfter?: Instant
}

const named = (name: string, value: string | null) => (value === null ? '' : ` ${name}="${value}"`)
const iso = (at: Instant | undefined) => (at === undefined ? null : new Date(at).toISOString())

/** A LogoutRequest; `nameId` may hold markup. */
export function logoutRequest(spec: LogoutSpec): string {
  const indexes = spec.sessionIndexes.map((each) => `<p:SessionIndex>${each}</p:SessionIndex>`)
  return `<p:LogoutRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="${spec.id ?? 'id77'}" Version="2.0" IssueInstant="${iso(spec.at)}"${named('Destination', spec.destination)}${named('NotOnOrAfter', iso(spec.notOnOrAfter))}><a:Issuer>${spec.issuer}</a:Issuer>${spec.further ?? ''}<a:NameID>${spec.nameId}</a:NameID>${indexes.join('')}</p:LogoutRequest>`
}

export function logoutResponse(
  spec: Pick<LogoutSpec, 'issuer' | 'destination' | 'at'> & {
    readonly inResponseTo: string
    /** XML of the Status; default success. */
    readonly status?: string
  },
): string {
  return `<p:LogoutResponse xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="id78" Version="2.0" IssueInstant="${iso(spec.at)}"${named('Destination', spec.destination)} InResponseTo="${spec.inResponseTo}"><a:Issuer>${spec.issuer}</a:Issuer>${spec.status ?? `<p:Status><p:StatusCode Value="${success}"/></p:Status>`}</p:LogoutResponse>`
}

/** The query of a Redirect message; `hash` and `sigAlg` may be weak ones. */
export function signedQuery(
  xml: string,
  key: Pick<IdpKey, 'privateKeyPem'>,
  options: {
    readonly field?: 'SAMLRequest' | 'SAMLResponse'
    readonly relayState?: string
    readonly hash?: string
    readonly sigAlg?: string
  } = {},
): string {
  const { field = 'SAMLRequest', relayState, hash = 'sha256', sigAlg = rsaSha256 } = options
  const encoded = encodeURIComponent(deflateRawSync(Buffer.from(xml)).toString('base64'))
  const octets = [
    `${field}=${encoded}`,
    ...(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`]),
    `SigAlg=${encodeURIComponent(sigAlg)}`,
  ].join('&')
  const signature = createSign(hash).update(octets).sign(key.privateKeyPem, 'base64')
  return `${octets}&Signature=${encodeURIComponent(signature)}`
}

/** The same message for the POST binding, with an enveloped signature after its Issuer; base64. */
export function signedPost(
  xml: string,
  key: IdpKey,
  algorithm: AlgorithmName = 'rsa-sha256',
): string {
  const options = { key, algorithm, inclusivePrefixes: [], wrongDigest: false, afterIssuer: true }
  return Buffer.from(signRoot(xml, options)).toString('base64')
}

/** The XML that a Redirect address carries. */
export function carriedBy(url: URL): string {
  const value = url.searchParams.get('SAMLRequest') ?? url.searchParams.get('SAMLResponse') ?? ''
  return inflateRawSync(Buffer.from(value, 'base64')).toString('utf8')
}
