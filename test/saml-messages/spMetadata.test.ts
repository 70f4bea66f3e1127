import { DOMParser } from '@xmldom/xmldom'
import { expect } from 'chai'
import { CertificateError } from '../../src/saml/certificates.ts'
import { type SpMetadata, spMetadata } from '../../src/saml/metadata/spMetadata.ts'
import { type MadeCertificate, makeCertificate } from './certificateMaker.ts'

const md = 'urn:oasis:names:tc:SAML:2.0:metadata'
const ds = 'http://www.w3.org/2000/09/xmldsig#'
const settings: SpMetadata = {
  entityId: 'urn:federation:MicrosoftOnline',
  publicUrl: 'https://login.example.test',
  tenantId: '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11',
  signingCertificate: null,
  encryptionCertificate: null,
}

/** The document as another parser sees it. */
function read(changes: Partial<SpMetadata> = {}) {
  const xml = spMetadata({ ...settings, ...changes })
  const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement
  const role = root?.getElementsByTagNameNS(md, 'SPSSODescriptor')[0]
  if (!root || !role) throw new Error('no SPSSODescriptor')
  const elements = Array.from(role.childNodes).filter((node) => node.nodeType === 1)
  return {
    root,
    role,
    children: elements.map((node) => `{${node.namespaceURI}}${node.localName}`),
    all: (namespace: string, name: string) =>
      Array.from(root.getElementsByTagNameNS(namespace, name)),
  }
}

const attributesOf = (element: ReturnType<typeof read>['role']) =>
  Object.fromEntries(Array.from(element.attributes).map(({ name, value }) => [name, value]))

describe('the metadata of this server', () => {
  let rsa: MadeCertificate
  let ec: MadeCertificate
  before(async () => {
    rsa = await makeCertificate()
    ec = await makeCertificate({ algorithm: 'P-256' })
  })

  it('is an XML document in UTF-8 of one EntityDescriptor with the entityID', () => {
    const entityId = 'urn:x:é&"<>'
    expect(spMetadata(settings)).to.match(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<EntityDescriptor /,
    )
    const { root } = read({ entityId })
    expect([root.namespaceURI, root.localName]).to.deep.equal([md, 'EntityDescriptor'])
    expect(root.getAttribute('entityID')).to.equal(entityId)
  })

  it('wants signed assertions, and promises signed requests only when told so', () => {
    expect(attributesOf(read().role)).to.deep.equal({
      WantAssertionsSigned: 'true',
      protocolSupportEnumeration: 'urn:oasis:names:tc:SAML:2.0:protocol',
    })
    const { role } = read({ authnRequestsSigned: true, signingCertificate: rsa.base64 })
    expect(role.getAttribute('AuthnRequestsSigned')).to.equal('true')
  })

  it('offers single logout by Redirect and POST to who can check its signatures, and to nobody else', () => {
    const services = (changes: Partial<SpMetadata>) =>
      read(changes).all(md, 'SingleLogoutService').map(attributesOf)
    expect(services({})).to.deep.equal([])
    const Location = 'https://login.example.test/9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11/saml2/logout'
    expect(services({ signingCertificate: rsa.base64 })).to.deep.equal([
      { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', Location },
      { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location },
    ])
  })

  it('has the ACS with the tenant as default, and the tenant-less one, both by HTTP POST', () => {
    const services = read().all(md, 'AssertionConsumerService').map(attributesOf)
    const Binding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
    expect(services).to.deep.equal([
      {
        Binding,
        Location: 'https://login.example.test/9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11/saml2',
        index: '0',
        isDefault: 'true',
      },
      { Binding, Location: 'https://login.example.test/login.srf', index: '1' },
    ])
  })

  it('lists the two NameID formats that federations accept', () => {
    expect(
      read()
        .all(md, 'NameIDFormat')
        .map((one) => one.textContent),
    ).to.deep.equal([
      'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    ])
  })

  it('has no keys when there are none', () => {
    expect(read().all(md, 'KeyDescriptor')).to.deep.equal([])
  })

  it('publishes the certificates for signing and encryption, and of encryption only what is accepted', () => {
    const { all } = read({ signingCertificate: ec.pem, encryptionCertificate: rsa.base64 })
    expect(all(md, 'KeyDescriptor').map((one) => one.getAttribute('use'))).to.deep.equal([
      'signing',
      'encryption',
    ])
    expect(all(ds, 'X509Certificate').map((one) => one.textContent)).to.deep.equal([
      ec.base64,
      rsa.base64,
    ])
    const methods = all(md, 'EncryptionMethod').map((one) => one.getAttribute('Algorithm'))
    expect(methods).to.deep.equal([
      'http://www.w3.org/2009/xmlenc11#aes256-gcm',
      'http://www.w3.org/2009/xmlenc11#aes192-gcm',
      'http://www.w3.org/2009/xmlenc11#aes128-gcm',
      'http://www.w3.org/2009/xmlenc11#rsa-oaep',
      'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
    ])
  })

  it('has its elements in the order of the schema', () => {
    const { root, children, all } = read({
      signingCertificate: rsa.base64,
      encryptionCertificate: rsa.base64,
    })
    expect(Array.from(root.childNodes).length).to.equal(1)
    expect(children).to.deep.equal(
      [
        'KeyDescriptor',
        'KeyDescriptor',
        'SingleLogoutService',
        'SingleLogoutService',
        'NameIDFormat',
        'NameIDFormat',
        'AssertionConsumerService',
        'AssertionConsumerService',
      ].map((name) => `{${md}}${name}`),
    )
    const encryption = all(md, 'KeyDescriptor')[1]
    const inside = Array.from(encryption?.childNodes ?? []).map((node) => node.localName)
    expect([...new Set(inside)]).to.deep.equal(['KeyInfo', 'EncryptionMethod'])
    expect(inside.filter((name) => name === 'KeyInfo')).to.have.length(1)
  })

  it('is not made with a private key, or an EC certificate for encryption, or a promise without a key', () => {
    expect(() => spMetadata({ ...settings, signingCertificate: rsa.privateKeyPem })).to.throw(
      CertificateError,
      /^Found a private key;/,
    )
    expect(() => spMetadata({ ...settings, encryptionCertificate: ec.base64 })).to.throw(
      CertificateError,
      /^Found an EC key of 256 bits for encryption; expected RSA\./,
    )
    expect(() => spMetadata({ ...settings, authnRequestsSigned: true })).to.throw(
      TypeError,
      /needs the signing certificate/,
    )
  })
})
