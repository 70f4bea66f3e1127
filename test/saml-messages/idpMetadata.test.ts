import { expect } from 'chai'
import { MetadataError, readIdpMetadata } from '../../src/saml/metadata/idpMetadata.ts'
import { spMetadata } from '../../src/saml/metadata/spMetadata.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { type MadeCertificate, makeCertificate } from './certificateMaker.ts'

const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
const redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'
const sso = 'https://customer.okta.com/app/customer_entra_1/exk1/sso/saml'

describe('the metadata of an identity provider', () => {
  let made: MadeCertificate
  let other: MadeCertificate
  before(async () => {
    made = await makeCertificate()
    other = await makeCertificate({ algorithm: 'P-256' })
  })

  function keyDescriptor(certificate: string, use = ' use="signing"'): string {
    return `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
  }

  function endpoint(name: string, binding: string, location: string): string {
    return `<md:${name} Binding="${binding}" Location="${location}"/>`
  }

  /** As Okta offers it for download; a test changes what it is about. */
  function okta(
    changes: {
      root?: string
      role?: string
      keys?: string
      endpoints?: string
      entityId?: string
      attributes?: string
    } = {},
  ): string {
    const inLines = (made.base64.match(/.{1,64}/g) ?? []).join('\n')
    const {
      root = 'md:EntityDescriptor',
      role = 'md:IDPSSODescriptor',
      keys = keyDescriptor(inLines),
      endpoints = endpoint('SingleSignOnService', post, sso) +
        endpoint('SingleSignOnService', redirect, sso),
      entityId = 'http://www.okta.com/exk1fcia6d6EMsf331d8',
      attributes = 'WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"',
    } = changes
    return `<?xml version="1.0" encoding="UTF-8"?><${root} entityID="${entityId}" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"><${role} ${attributes}>${keys}<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat>${endpoints}</${role}></${root}>`
  }

  it('of Okta gives issuer, addresses and the signing certificate', () => {
    const { signingCertificates, ...rest } = readIdpMetadata(okta())
    expect(rest).to.deep.equal({
      issuerUri: 'http://www.okta.com/exk1fcia6d6EMsf331d8',
      passiveSignInUri: sso,
      requestBinding: 'post',
      redirectSignInUri: sso,
      signOutUri: null,
      wantAuthnRequestsSigned: false,
    })
    expect(signingCertificates.map((one) => one.thumbprint)).to.deep.equal([made.thumbprint])
  })

  it('may be as long as is read, and its entityID too', () => {
    const entityId = 'u'.repeat(1024)
    const xml = okta({ entityId })
    const full = xml + ' '.repeat(256 * 1024 - Buffer.byteLength(xml))
    expect(readIdpMetadata(full).issuerUri).to.equal(entityId)
  })

  it('may begin with a byte order mark, as a file saved on Windows does', () => {
    expect(readIdpMetadata(`\uFEFF${okta()}`).passiveSignInUri).to.equal(sso)
  })

  it('gives addresses with their query, references resolved', () => {
    const endpoints = endpoint('SingleSignOnService', post, 'https://idp.test/sso?a=1&amp;b=%C3%A9')
    expect(readIdpMetadata(okta({ endpoints })).passiveSignInUri).to.equal(
      'https://idp.test/sso?a=1&b=%C3%A9',
    )
  })

  it('with Redirect only gives that address, and says that requests go by Redirect', () => {
    const endpoints = endpoint('SingleSignOnService', redirect, sso)
    expect(readIdpMetadata(okta({ endpoints }))).to.include({
      passiveSignInUri: sso,
      requestBinding: 'redirect',
      redirectSignInUri: sso,
    })
  })

  it('gives the sign-out address of the Redirect binding, by which sign-out is sent', () => {
    const endpoints =
      endpoint('SingleLogoutService', post, 'https://idp.test/slo-post') +
      endpoint('SingleLogoutService', redirect, 'https://idp.test/slo') +
      endpoint('SingleSignOnService', post, sso)
    const metadata = readIdpMetadata(okta({ endpoints }))
    expect(metadata.signOutUri).to.equal('https://idp.test/slo')
    expect(metadata.redirectSignInUri).to.equal(null)
  })

  it('gives certificates for signing and for both uses, each once, and none for encryption', async () => {
    const encryption = await makeCertificate()
    const keys = [
      keyDescriptor(encryption.base64, ' use="encryption"'),
      keyDescriptor(other.base64, ''),
      keyDescriptor(made.base64),
      keyDescriptor(`\n  ${made.base64}\n  `),
    ].join('')
    expect(
      readIdpMetadata(okta({ keys })).signingCertificates.map((one) => one.thumbprint),
    ).to.deep.equal([other.thumbprint, made.thumbprint])
  })

  it('says whether requests must be signed', () => {
    const protocol = 'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"'
    const wanted = (attributes: string) =>
      readIdpMetadata(okta({ attributes: `${attributes} ${protocol}` })).wantAuthnRequestsSigned
    expect(wanted('WantAuthnRequestsSigned="true"')).to.equal(true)
    expect(wanted('WantAuthnRequestsSigned="1"')).to.equal(true)
    expect(wanted('WantAuthnRequestsSigned="0"')).to.equal(false)
    expect(wanted('')).to.equal(false)
  })

  describe('is refused with words that name what is missing:', () => {
    const cases: [string, () => string, RegExp][] = [
      [
        'no IDPSSODescriptor, but one of a service provider',
        () => okta({ role: 'md:SPSSODescriptor' }),
        /no IDPSSODescriptor: this is the metadata of a service provider/,
      ],
      [
        'our own metadata',
        () =>
          spMetadata({
            entityId: 'urn:federation:MicrosoftOnline',
            publicUrl: 'https://login.example.test',
            tenantId: '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11',
            signingCertificate: null,
            encryptionCertificate: null,
          }),
        /no IDPSSODescriptor: this is the metadata of a service provider, perhaps this server’s own/,
      ],
      [
        'no IDPSSODescriptor at all',
        () => okta({ role: 'md:AttributeAuthorityDescriptor' }),
        /no IDPSSODescriptor: this is not the metadata of a SAML identity provider/,
      ],
      [
        'an IDPSSODescriptor for SAML 1.1 only',
        () =>
          okta({ attributes: 'protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol"' }),
        /not for SAML 2\.0/,
      ],
      [
        'several entities',
        () => okta({ root: 'md:EntitiesDescriptor' }),
        /of several entities \(EntitiesDescriptor\)/,
      ],
      [
        'another document',
        () => '<html><body>Sign in</body></html>',
        /root element is html; expected EntityDescriptor/,
      ],
      [
        'the right name in another namespace',
        () => okta().replace('xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"', 'xmlns:md="urn:x"'),
        /root element is EntityDescriptor; expected EntityDescriptor of SAML 2\.0 metadata/,
      ],
      ['an empty entityID', () => okta({ entityId: '' }), /an entityID of 0 characters/],
      [
        'a long entityID',
        () => okta({ entityId: 'u'.repeat(1025) }),
        /an entityID of 1025 characters; expected 1 to 1024/,
      ],
      [
        'no address',
        () => okta({ endpoints: endpoint('SingleSignOnService', 'urn:mace:shibboleth:1.0', sso) }),
        /no SingleSignOnService with HTTP-POST or HTTP-Redirect/,
      ],
      [
        'an address that nobody should be sent to',
        () => okta({ endpoints: endpoint('SingleSignOnService', post, 'http://idp.test/sso') }),
        /Location of SingleSignOnService \(.*HTTP-POST\) cannot be used\. The URI begins with http:/,
      ],
      [
        'an address that is a script',
        () => okta({ endpoints: endpoint('SingleSignOnService', post, 'javascript:alert(1)') }),
        /cannot be used\. The URI begins with javascript:/,
      ],
      ['no certificate', () => okta({ keys: '' }), /no KeyDescriptor for signing/],
      [
        'no certificate but for encryption',
        () => okta({ keys: keyDescriptor(made.base64, ' use="encryption"') }),
        /no KeyDescriptor for signing/,
      ],
      [
        'a use that does not exist',
        () => okta({ keys: keyDescriptor(made.base64, ' use="Signing"') }),
        /another use than signing or encryption/,
      ],
      [
        'a certificate that is none',
        () => okta({ keys: keyDescriptor(other.base64) + keyDescriptor('AAAA') }),
        /certificate of KeyDescriptor 2 cannot be used\. Found content that is not DER/,
      ],
      [
        'a chain in one KeyDescriptor',
        () =>
          okta({
            keys: keyDescriptor(
              `${made.base64}</ds:X509Certificate><ds:X509Certificate>${other.base64}`,
            ),
          }),
        /KeyDescriptor 1 holds 2 certificates; expected one/,
      ],
      [
        'two roles for SAML 2.0',
        () => okta().replace(/(<md:IDPSSODescriptor[\s\S]*<\/md:IDPSSODescriptor>)/, '$1$1'),
        /2 IDPSSODescriptor elements/,
      ],
      [
        'a switch that is neither on nor off',
        () => okta().replace('WantAuthnRequestsSigned="false"', 'WantAuthnRequestsSigned="no"'),
        /WantAuthnRequestsSigned is neither true nor false/,
      ],
      ['nothing', () => '', /cannot be read: expected the root element, found the end/],
      [
        'an entity declaration',
        () => okta().replace('?>', '?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
        /cannot be read: expected .*, found a DOCTYPE at line 1, column 39/,
      ],
      [
        'a comment',
        () => okta().replace('<md:NameIDFormat>', '<!-- made by hand --><md:NameIDFormat>'),
        /found a comment at line .* take comments out/,
      ],
      ['an unclosed element', () => okta().slice(0, -8), /cannot be read: expected/],
      ['a PEM file', () => made.pem, /cannot be read: expected the root element/],
      [
        'more bytes than are read',
        () => okta() + ' '.repeat(256 * 1024),
        /has \d+ bytes; expected 262144 at most/,
      ],
    ]
    for (const [name, xml, said] of cases) {
      it(name, () => {
        expect(() => readIdpMetadata(xml())).to.throw(MetadataError, said)
      })
    }

    it('more elements than the limits allow', () => {
      expect(() => readIdpMetadata(okta(), { ...defaultLimits, maxElements: 5 })).to.throw(
        MetadataError,
        /expected at most 5 elements, found more/,
      )
    })
  })
})
