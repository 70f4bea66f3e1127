import { isLoopbackHost } from '../lib/loopback.ts'
import { forbid } from './directoryError.ts'
import type { FederateInput } from './federations.ts'

/**
 * The form of what a federation is given, before anything is looked up. Throws DirectoryError: `valueRequired`, `issuerMalformed`,
 * `uriMalformed`, `certificateMalformed`, `valueMalformed`.
 */
export function checkFederateInput(input: FederateInput): void {
  if (input.domains.length === 0) {
    forbid('valueRequired', 'domains', 'Name at least one domain to federate.')
  }
  checkIssuer(input.issuerUri)
  checkWebUri('passiveSignInUri', input.passiveSignInUri)
  if (input.signOutUri) checkWebUri('signOutUri', input.signOutUri)
  if (input.metadataExchangeUri) checkWebUri('metadataExchangeUri', input.metadataExchangeUri)
  checkCertificate('signingCertificate', input.signingCertificate)
  if (input.nextSigningCertificate) {
    checkCertificate('nextSigningCertificate', input.nextSigningCertificate)
  }
  if (input.nameIdFormats?.length === 0) {
    forbid('valueRequired', 'nameIdFormats', 'Allow at least one NameID format.')
  }
  if (input.groupsAttribute != null) checkAttributeName('groupsAttribute', input.groupsAttribute)
}

/** SAML core 2.7.3.1: any text; one that nobody types by mistake, and that shows in one line. */
function checkAttributeName(field: string, name: string): void {
  if (/^[^\p{Cc}\p{Zl}\p{Zp}]{1,256}$/u.test(name) && name.trim() === name) return
  const message = `The ${field} must be the Name of an attribute: 1 to 256 characters on one line, without space around them.`
  forbid('valueMalformed', field, message)
}

/** SAML core 8.3.6: a URI of 1024 characters at most. */
function checkIssuer(issuerUri: string): void {
  if (issuerUri.length > 1024 || !/^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/.test(issuerUri)) {
    const message =
      'The issuer must be a URI of 1024 characters at most without white space, exactly as it stands in the Issuer of the responses, such as http://www.okta.com/exk1abcd.'
    forbid('issuerMalformed', 'issuerUri', message)
  }
}

/** As `saml/signInUri` has it, which looks again at every sign-in. */
function checkWebUri(field: string, text: string): void {
  const url = text.length <= 2048 && URL.canParse(text) ? new URL(text) : null
  const scheme = url?.protocol
  const secure = scheme === 'https:' || (scheme === 'http:' && isLoopbackHost(url?.hostname ?? ''))
  const plain = url?.username === '' && url.password === '' && url.hash === ''
  if (!secure || !plain || /[^!-~]/.test(text)) {
    const message = `The ${field} must be an https URL without user name and fragment (http only on this machine).`
    forbid('uriMalformed', field, message)
  }
}

/** The shape only, a DER SEQUENCE in base64: whoever reads a certificate from a file has parsed it before (`saml/certificates`). */
function checkCertificate(field: string, base64: string): void {
  const der = Buffer.from(base64, 'base64')
  if (der.toString('base64') !== base64 || der[0] !== 0x30) {
    forbid(
      'certificateMalformed',
      field,
      `The ${field} must be an X.509 certificate as base64 of its DER.`,
    )
  }
}
