import { createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { DOMParser } from '@xmldom/xmldom'
import { expect } from 'chai'
import { SignedXml } from 'xml-crypto'
import {
  type AuthnRequestParts,
  buildAuthnRequest,
  type OutgoingMessage,
} from '../../src/saml/authnRequest.ts'
import { SignInUriError } from '../../src/saml/signInUri.ts'
import { type MadeCertificate, makeCertificate } from './certificateMaker.ts'
import { algorithms, seen } from './seen.ts'

const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'
const assertion = 'urn:oasis:names:tc:SAML:2.0:assertion'
const dsig = 'http://www.w3.org/2000/09/xmldsig#'

const parts: AuthnRequestParts = {
  id: '_1f0e4d1c-65f7-4b5e-9a1f-2d6f3c0a7b11',
  now: Date.parse('2026-01-15T09:30:00.070Z'),
  issuer: 'urn:federation:MicrosoftOnline',
  passiveSignInUri: 'https://customer.okta.com/app/office365/exk1/sso/saml',
  binding: 'post',
  sign: null,
  loginHint: null,
}

async function post(changes: Partial<AuthnRequestParts> = {}) {
  const message = await buildAuthnRequest({ ...parts, ...changes, binding: 'post' })
  if (message.binding !== 'post') throw new Error('not a form')
  return message
}

async function redirect(changes: Partial<AuthnRequestParts> = {}): Promise<URL> {
  const message = await buildAuthnRequest({ ...parts, ...changes, binding: 'redirect' })
  if (message.binding !== 'redirect') throw new Error('not an address')
  return new URL(message.url)
}

function xmlOfForm(message: OutgoingMessage & { binding: 'post' }): string {
  return Buffer.from(message.fields[0]?.[1] ?? '', 'base64').toString('utf8')
}

function xmlOfQuery(url: URL): string {
  return inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
}

describe('the AuthnRequest', () => {
  let signing: MadeCertificate
  before(async () => {
    signing = await makeCertificate()
  })

  it('has what Entra sends and nothing else: ID, Version, IssueInstant, Issuer, NameIDPolicy', async () => {
    const { root, names, attributes } = seen(xmlOfForm(await post()))
    expect(attributes).to.deep.equal({
      ID: parts.id,
      Version: '2.0',
      IssueInstant: '2026-01-15T09:30:00.070Z',
    })
    expect(names).to.deep.equal([
      `{${protocol}}AuthnRequest`,
      `{${assertion}}Issuer`,
      `{${protocol}}NameIDPolicy`,
    ])
    const [issuer] = Array.from(root.getElementsByTagNameNS(assertion, 'Issuer'))
    expect(issuer?.textContent).to.equal(parts.issuer)
    expect(issuer?.tagName, 'the assertion namespace is the default there').to.equal('Issuer')
    const [policy] = Array.from(root.getElementsByTagNameNS(protocol, 'NameIDPolicy'))
    expect(policy?.attributes.length).to.equal(1)
    expect(policy?.getAttribute('Format')).to.equal(
      'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    )
  })

  it('asks for one context exactly when there is one to ask for, in its schema place: after NameIDPolicy', async () => {
    const authnContextClassRef = 'http://schemas.microsoft.com/claims/multipleauthn'
    const { root, names } = seen(xmlOfForm(await post({ authnContextClassRef })))
    expect(names.slice(2)).to.deep.equal([
      `{${protocol}}NameIDPolicy`,
      `{${protocol}}RequestedAuthnContext`,
      `{${assertion}}AuthnContextClassRef`,
    ])
    const [context] = Array.from(root.getElementsByTagNameNS(protocol, 'RequestedAuthnContext'))
    expect(context?.getAttribute('Comparison')).to.equal('exact')
    expect(context?.textContent).to.equal(authnContextClassRef)
  })

  it('goes by POST as one field to the address as it was configured, without RelayState', async () => {
    const message = await post({ passiveSignInUri: 'https://idp.test/sso?a=b%20c' })
    expect(message.action).to.equal('https://idp.test/sso?a=b%20c')
    expect(message.fields.map(([name]) => name)).to.deep.equal(['SAMLRequest'])
  })

  it('goes by Redirect deflated, as the same XML', async () => {
    const url = await redirect()
    expect([...url.searchParams.keys()]).to.deep.equal(['SAMLRequest'])
    expect(url.origin + url.pathname).to.equal(parts.passiveSignInUri)
    expect(xmlOfQuery(url)).to.equal(xmlOfForm(await post()))
  })

  it('says ForceAuthn only when it was asked for', async () => {
    const { attributes } = seen(xmlOfForm(await post({ forceAuthn: true })))
    expect(attributes).to.include({ ForceAuthn: 'true' })
    expect(seen(xmlOfForm(await post({ forceAuthn: false }))).attributes).not.to.have.property(
      'ForceAuthn',
    )
  })

  it('keeps an entityID with markup in it as text', async () => {
    const issuer = 'urn:x:<Issuer a="1">&amp;\'\r\n\t'
    const { root } = seen(xmlOfForm(await post({ issuer })))
    expect(root.getElementsByTagNameNS(assertion, 'Issuer')[0]?.textContent).to.equal(issuer)
  })

  it('is not made with a character that XML cannot carry', async () => {
    for (const character of ['\u0000', '\u001f', '\ufffe', '\ud800']) {
      const error = await post({ issuer: `urn:${character}` }).catch((thrown: unknown) => thrown)
      expect(error, JSON.stringify(character)).to.be.instanceOf(TypeError)
    }
  })

  describe('with the typed e-mail', () => {
    const hint = 'a+b&SAMLRequest=x#é@customer.com'
    it('carries it as username and login_hint in the query of the address, encoded', async () => {
      const { action } = await post({
        loginHint: hint,
        passiveSignInUri: 'https://idp.test/sso?a=1',
      })
      const url = new URL(action)
      expect([...url.searchParams]).to.deep.equal([
        ['a', '1'],
        ['username', hint],
        ['login_hint', hint],
      ])
      expect(url.hash).to.equal('')
    })

    it('carries it beside the request in a Redirect', async () => {
      const url = await redirect({ loginHint: hint, passiveSignInUri: 'https://idp.test/sso?a=1' })
      expect([...url.searchParams.keys()]).to.deep.equal([
        'a',
        'username',
        'login_hint',
        'SAMLRequest',
      ])
      expect(url.searchParams.get('login_hint')).to.equal(hint)
    })

    it('does not put it into the XML', async () => {
      const message = await post({ loginHint: 'alice@customer.com', sign: signer() })
      expect(xmlOfForm(message)).not.to.include('alice')
    })
  })

  describe('signed', () => {
    it('for POST has Destination, and an RSA-SHA256 signature right after Issuer that verifies', async () => {
      const xml = xmlOfForm(await post({ sign: signer(), loginHint: 'alice@customer.com' }))
      const { root, names, attributes } = seen(xml)
      expect(attributes).to.include({ Destination: parts.passiveSignInUri })
      expect(names.slice(1, 3)).to.deep.equal([`{${assertion}}Issuer`, `{${dsig}}Signature`])
      expect(names.at(-1)).to.equal(`{${protocol}}NameIDPolicy`)
      expect(algorithms(root)).to.deep.equal({
        CanonicalizationMethod: ['http://www.w3.org/2001/10/xml-exc-c14n#'],
        SignatureMethod: ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'],
        Transform: [`${dsig}enveloped-signature`, 'http://www.w3.org/2001/10/xml-exc-c14n#'],
        DigestMethod: ['http://www.w3.org/2001/04/xmlenc#sha256'],
      })
      expect(signatureHolds(xml)).to.equal(true)
      expect(signatureHolds(xml.replace('MicrosoftOnline', 'MicrosoftOffline'))).to.equal(false)
    })

    it('names its certificate when it has one, and its key in no way otherwise', async () => {
      const withOne = seen(
        xmlOfForm(await post({ sign: { ...signer(), certificateBase64: signing.base64 } })),
      ).root.getElementsByTagNameNS(dsig, 'X509Certificate')
      expect(withOne[0]?.textContent?.replace(/\s/g, '')).to.equal(signing.base64)
      const { names } = seen(xmlOfForm(await post({ sign: signer() })))
      expect(names).not.to.include(`{${dsig}}KeyInfo`)
    })

    it('for Redirect has no signature in the XML, and one in the query over the octets sent', async () => {
      const url = await redirect({ sign: signer(), loginHint: 'alice@customer.com' })
      const { names, attributes } = seen(xmlOfQuery(url))
      expect(attributes).to.include({ Destination: parts.passiveSignInUri })
      expect(names).not.to.include(`{${dsig}}Signature`)
      expect(queryHolds(url)).to.equal(true)
      const changed = new URL(url.href.replace('SAMLRequest=', 'SAMLRequest=A'))
      expect(queryHolds(changed)).to.equal(false)
    })

    it('takes a key in any PEM form that Node reads', async () => {
      const pkcs1 = signing.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
      expect(signatureHolds(xmlOfForm(await post({ sign: { privateKeyPem: pkcs1 } })))).to.equal(
        true,
      )
      expect(queryHolds(await redirect({ sign: { privateKeyPem: pkcs1 } }))).to.equal(true)
    })

    it('is refused with a key that RSA-SHA256 cannot use, or a short one', async () => {
      const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
      for (const [key, said] of [
        [ec, /is ec .*expected an RSA key of 2048 bits/],
        [short, /is rsa 1024; expected an RSA key of 2048 bits/],
      ] as const) {
        const privateKeyPem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
        const error = await post({ sign: { privateKeyPem } }).catch((thrown: unknown) => thrown)
        expect(error).to.be.instanceOf(TypeError).with.property('message').that.matches(said)
      }
    })
  })

  it('is not sent to an address that is no https address', async () => {
    const error = await post({ passiveSignInUri: 'javascript:alert(1)' }).catch((e: unknown) => e)
    expect(error).to.be.instanceOf(SignInUriError)
  })

  function signer() {
    return { privateKeyPem: signing.privateKeyPem }
  }

  function signatureHolds(xml: string): boolean {
    const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement
    const signature = root?.getElementsByTagNameNS(dsig, 'Signature')[0]
    const verifier = new SignedXml({ publicCert: signing.pem })
    verifier.loadSignature(String(signature))
    try {
      return verifier.checkSignature(xml) && verifier.getSignedReferences().length === 1
    } catch {
      return false
    }
  }

  /** SAML bindings 3.4.4.1: the signature covers SAMLRequest and SigAlg as they stand in the query, in this order. */
  function queryHolds(url: URL): boolean {
    const pairs = url.search.slice(1).split('&')
    const raw = (name: string) => pairs.filter((pair) => pair.startsWith(`${name}=`)).join('&')
    expect(url.searchParams.get('SigAlg')).to.equal(
      'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    )
    return createVerify('RSA-SHA256')
      .update(`${raw('SAMLRequest')}&${raw('SigAlg')}`)
      .verify(createPublicKey(signing.pem), url.searchParams.get('Signature') ?? '', 'base64')
  }
})
