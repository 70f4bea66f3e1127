import { SignedXml } from 'xml-crypto'
import type { MadeCertificate } from './certificateMaker.ts'

/** A response in Okta's shape, with what a test wants to vary. Issued at 09:30:00 on 2026-01-15, good for five minutes. */
export interface ResponseOptions {
  readonly issuer?: string
  readonly audience?: string
  readonly nameId?: string
  readonly signed?: 'both' | 'assertion' | 'response'
  /** Signs the assertion, where that is not who signs the Response. */
  readonly assertionSigner?: MadeCertificate
  /** Put in place of the NameID element. */
  readonly subjectId?: string
}

export const okta = {
  issuer: 'http://www.okta.com/exk1fcia6d6EMsf331d8',
  audience: 'urn:federation:MicrosoftOnline',
  nameId: 'q2w3ZXJ0eXVpb3Bhc2RmZw==',
  acs: 'https://login.example.test/9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11/saml2',
  at: Date.parse('2026-01-15T09:30:00Z'),
}

export function makeResponse(signer: MadeCertificate, options: ResponseOptions = {}): string {
  const { issuer = okta.issuer, audience = okta.audience, nameId = okta.nameId } = options
  const { signed = 'both' } = options
  const subjectId =
    options.subjectId ??
    `<saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${nameId}</saml2:NameID>`
  const issuerElement = `<saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${issuer}</saml2:Issuer>`
  const xml = `<?xml version="1.0" encoding="UTF-8"?><saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:xs="http://www.w3.org/2001/XMLSchema" Destination="${okta.acs}" ID="id1" InResponseTo="_r1" IssueInstant="2026-01-15T09:30:00.000Z" Version="2.0">${issuerElement}<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status><saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="id2" IssueInstant="2026-01-15T09:30:00.000Z" Version="2.0">${issuerElement}<saml2:Subject>${subjectId}<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData InResponseTo="_r1" NotOnOrAfter="2026-01-15T09:35:00.000Z" Recipient="${okta.acs}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="2026-01-15T09:25:00.000Z" NotOnOrAfter="2026-01-15T09:35:00.000Z"><saml2:AudienceRestriction><saml2:Audience>${audience}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant="2026-01-15T09:29:58.000Z" SessionIndex="_r1"><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement></saml2:Assertion></saml2p:Response>`
  const inner =
    signed === 'response' ? xml : withSignature(xml, 'Assertion', options.assertionSigner ?? signer)
  return signed === 'assertion' ? inner : withSignature(inner, 'Response', signer)
}

function withSignature(xml: string, name: string, signer: MadeCertificate): string {
  const signature = new SignedXml({
    privateKey: signer.privateKeyPem,
    publicCert: signer.pem,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  })
  const xpath = `//*[local-name(.)='${name}']`
  signature.addReference({
    xpath,
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: [
      'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
      'http://www.w3.org/2001/10/xml-exc-c14n#',
    ],
  })
  signature.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `${xpath}/*[local-name(.)='Issuer']`, action: 'after' },
  })
  return signature.getSignedXml()
}
