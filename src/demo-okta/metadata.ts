import { nameIdFormats } from './honest.ts'
import type { IdpKey } from './keys.ts'
import { element, escapeXml, inLines, ns, xmlDeclaration } from './xml.ts'

/**
 * The IdP metadata of the app (SAML metadata section 2.4.3), element by element as Okta publishes it: one signing certificate, two
 * NameID formats, POST before Redirect, no validUntil, not signed.
 */
export function idpMetadata(options: {
  readonly issuer: string
  readonly ssoUrl: string
  readonly key: IdpKey
}): string {
  const certificate = element('ds:X509Certificate', {}, inLines(options.key.certificateBase64))
  const formats = [
    nameIdFormats.unspecified,
    'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  ]
  const bindings = ['HTTP-POST', 'HTTP-Redirect']
  return (
    xmlDeclaration +
    element(
      'md:EntityDescriptor',
      { 'xmlns:md': ns.metadata, entityID: options.issuer },
      element(
        'md:IDPSSODescriptor',
        { WantAuthnRequestsSigned: 'false', protocolSupportEnumeration: ns.protocol },
        element(
          'md:KeyDescriptor',
          { use: 'signing' },
          element('ds:KeyInfo', { 'xmlns:ds': ns.ds }, element('ds:X509Data', {}, certificate)),
        ),
        ...formats.map((format) => element('md:NameIDFormat', {}, escapeXml(format))),
        ...bindings.map((binding) =>
          element('md:SingleSignOnService', {
            Binding: `urn:oasis:names:tc:SAML:2.0:bindings:${binding}`,
            Location: options.ssoUrl,
          }),
        ),
      ),
    )
  )
}
