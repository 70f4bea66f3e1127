import { inflateRawSync } from 'node:zlib'
import { DOMParser, type Element } from '@xmldom/xmldom'
import { ns } from './xml.ts'

/** The most that one AuthnRequest may measure as XML, and, for both bindings, as it travels. Real ones have 1 to 6 KB. */
export const maxRequestBytes = 64 * 1024

/** What the demo Okta reads of an AuthnRequest. Nothing of it is authenticated: a signature is neither needed nor looked at. */
export interface AuthnRequest {
  readonly id: string
  readonly issuer: string | null
  readonly destination: string | null
  readonly assertionConsumerServiceUrl: string | null
  readonly isPassive: boolean
}

/** A request that cannot be answered. The message is for the page, and holds nothing of the request. */
export class AuthnRequestError extends Error {
  override readonly name = 'AuthnRequestError'
}

function refuseRequest(message: string): never {
  throw new AuthnRequestError(message)
}

/** The form field of the HTTP POST binding (SAML bindings section 3.5.4): base64 of the XML. */
export function decodePosted(field: string): string {
  return utf8(fromBase64(field))
}

/** The query parameter of the HTTP Redirect binding (SAML bindings section 3.4.4.1): base64 of the deflated XML. */
export function decodeRedirected(parameter: string): string {
  const deflated = fromBase64(parameter)
  let inflated: Buffer
  try {
    inflated = inflateRawSync(deflated, { maxOutputLength: maxRequestBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      refuseRequest(`The SAMLRequest is larger than ${maxRequestBytes} bytes when unpacked.`)
    }
    refuseRequest('The SAMLRequest cannot be unpacked: it is no raw DEFLATE data.')
  }
  return utf8(inflated)
}

function fromBase64(text: string): Buffer {
  if (text.length > maxRequestBytes * 2) refuseRequest('The SAMLRequest is too large.')
  const compact = text.replace(/[\r\n\t ]/g, '')
  if (compact === '' || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    refuseRequest('The SAMLRequest is not base64.')
  }
  return Buffer.from(compact, 'base64')
}

function utf8(bytes: Buffer): string {
  if (bytes.length > maxRequestBytes) {
    refuseRequest(`The SAMLRequest is larger than ${maxRequestBytes} bytes.`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    refuseRequest('The SAMLRequest is not UTF-8.')
  }
}

/** xs:ID (XML namespaces, NCName), in the ASCII that every product uses; bounded, since it travels on into our answer. */
const idPattern = /^[A-Za-z_][A-Za-z0-9_.-]{0,255}$/

/**
 * Reads an AuthnRequest (SAML core section 3.4.1).
 * @throws AuthnRequestError when it is not well-formed, has a DOCTYPE, or is something else than a SAML 2.0 AuthnRequest
 */
export function readAuthnRequest(xml: string): AuthnRequest {
  const root = parse(xml)
  if (root.localName !== 'AuthnRequest' || root.namespaceURI !== ns.protocol) {
    refuseRequest('The SAMLRequest is not a SAML 2.0 AuthnRequest.')
  }
  if (root.getAttribute('Version') !== '2.0') {
    refuseRequest('The AuthnRequest is not of version 2.0.')
  }
  const id = root.getAttribute('ID')
  if (id === null || !idPattern.test(id)) refuseRequest('The AuthnRequest has no proper ID.')
  const issuer = Array.from(root.childNodes).find(
    (child) => child.localName === 'Issuer' && child.namespaceURI === ns.assertion,
  )
  return {
    id,
    issuer: issuer?.textContent?.trim() ?? null,
    destination: root.getAttribute('Destination'),
    assertionConsumerServiceUrl: root.getAttribute('AssertionConsumerServiceURL'),
    isPassive: ['true', '1'].includes(root.getAttribute('IsPassive') ?? ''),
  }
}

function parse(xml: string): Element {
  // xmldom expands no external entities, but it does read a DTD; none is ever wanted here.
  if (/<!DOCTYPE/i.test(xml)) refuseRequest('The SAMLRequest must not have a DOCTYPE.')
  try {
    const document = new DOMParser({
      onError: (_level, message) => {
        throw new Error(message)
      },
    }).parseFromString(xml, 'text/xml')
    if (document.documentElement) return document.documentElement
  } catch {
    // What the parser says quotes the request, so it does not reach the page.
  }
  refuseRequest('The SAMLRequest is not well-formed XML.')
}
