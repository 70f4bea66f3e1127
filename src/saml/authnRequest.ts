import { createPrivateKey } from 'node:crypto'
import { SAML, type SamlConfig } from '@node-saml/node-saml'
// Not among the package's public names: its signing of a request for HTTP POST, which the base class couples to its own XML.
import { signAuthnRequestPost } from '@node-saml/node-saml/lib/saml-post-signing.js'
import { type Instant, isoMillis } from '../lib/clock.ts'
import { readSigningCertificate } from './certificates.ts'
import { readSignInUri } from './signInUri.ts'
import { element, type Markup } from './xmlWriter.ts'

/** The key that AuthnRequests are signed with: RSA, PEM. The certificate goes into KeyInfo when there is one. */
export interface RequestSigner {
  readonly privateKeyPem: string
  /** base64 of the DER, one line. */
  readonly certificateBase64?: string | null
}

/** The signer of a deployment, from its PEM files; null without a key. Throws CertificateError. */
export function requestSigner({
  signingKey,
  signingCertificate,
}: {
  readonly signingKey: string | null
  readonly signingCertificate: string | null
}): RequestSigner | null {
  if (signingKey === null) return null
  const certificateBase64 = signingCertificate
    ? readSigningCertificate(signingCertificate).base64
    : null
  return { privateKeyPem: signingKey, certificateBase64 }
}

export interface AuthnRequestParts {
  /** `_` and a GUID; the Response's InResponseTo will repeat it. */
  readonly id: string
  readonly now: Instant
  /** This server's entityID. */
  readonly issuer: string
  /** The IdP's sign-in address; https, or http on loopback. */
  readonly passiveSignInUri: string
  readonly binding: 'post' | 'redirect'
  readonly sign: RequestSigner | null
  /** The e-mail as typed; goes along as `username` and `login_hint` in the query of the IdP's address. */
  readonly loginHint: string | null
  /** Asks the IdP to authenticate anew; false when left out. */
  readonly forceAuthn?: boolean
  /** The one AuthnContextClassRef that will do (SAML core 3.3.2.2.1, exact); none is asked for when left out. */
  readonly authnContextClassRef?: string
}

/** A message on its way through the browser: a form to submit, or an address to go to. */
export type OutgoingMessage =
  | {
      readonly binding: 'post'
      /** Where the form goes. */
      readonly action: string
      /** Hidden fields, name and value. */
      readonly fields: readonly (readonly [name: string, value: string])[]
    }
  | { readonly binding: 'redirect'; readonly url: string }

/**
 * The AuthnRequest as Entra sends it to the IdP of a federated domain: ID, Version, IssueInstant, Issuer and a NameIDPolicy, and
 * nothing else, so that the IdP answers at the ACS that it has configured. A signed one also has Destination, and is signed with
 * RSA-SHA256: inside the XML for POST, in the query for Redirect (SAML bindings 3.4.4.1 and 3.5.4). There is no RelayState: the
 * response finds its request by InResponseTo. Rejects with SignInUriError for an address nobody should be sent to, and with
 * TypeError for a key that is no RSA key of 2048 bits or more.
 */
export async function buildAuthnRequest(parts: AuthnRequestParts): Promise<OutgoingMessage> {
  const address = withHint(readSignInUri(parts.passiveSignInUri), parts.loginHint)
  const request = new EntraAuthnRequest(parts, address)
  if (parts.binding === 'redirect') {
    return { binding: 'redirect', url: await request.getAuthorizeUrlAsync('', undefined, {}) }
  }
  const message = await request.getAuthorizeMessageAsync('')
  return {
    binding: 'post',
    action: address,
    fields: [['SAMLRequest', String(message.SAMLRequest)]],
  }
}

/** Entra passes the typed name as both; which of them an IdP reads differs (Okta: LoginHint and login_hint). */
function withHint(passiveSignInUri: string, loginHint: string | null): string {
  if (loginHint === null) return passiveSignInUri
  const url = new URL(passiveSignInUri)
  url.searchParams.set('username', loginHint)
  url.searchParams.set('login_hint', loginHint)
  return url.href
}

/**
 * node-saml with another request in it. It does the encoding for both bindings and both ways of signing. Its own XML cannot be
 * had without ProtocolBinding, AllowCreate and Destination, and takes its time from the machine's clock, so that the one method
 * that writes it is replaced.
 */
class EntraAuthnRequest extends SAML {
  readonly #parts: AuthnRequestParts
  readonly #signing: SigningOptions | null

  constructor(parts: AuthnRequestParts, address: string) {
    const signing = parts.sign === null ? null : signingOptions(parts.sign)
    super({
      ...requiredButUnused,
      ...signing,
      issuer: parts.issuer,
      entryPoint: address,
      generateUniqueId: () => parts.id,
      forceAuthn: parts.forceAuthn ?? false,
      identifierFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      // DEFLATE is for Redirect only (SAML bindings 3.4.4.1).
      skipRequestCompression: parts.binding === 'post',
    })
    this.#parts = parts
    this.#signing = signing
  }

  protected override async generateAuthorizeRequestAsync(
    _isPassive: boolean,
    isHttpPostBinding: boolean,
  ): Promise<string> {
    const { options } = this
    const signing = this.#signing
    const { xml } = element(
      'samlp:AuthnRequest',
      {
        'xmlns:samlp': 'urn:oasis:names:tc:SAML:2.0:protocol',
        ID: options.generateUniqueId(),
        Version: '2.0',
        IssueInstant: isoMillis(this.#parts.now),
        Destination: signing !== null ? this.#parts.passiveSignInUri : null,
        ForceAuthn: options.forceAuthn ? 'true' : null,
      },
      element('Issuer', { xmlns: 'urn:oasis:names:tc:SAML:2.0:assertion' }, options.issuer),
      element('samlp:NameIDPolicy', { Format: options.identifierFormat }),
      ...requestedContext(this.#parts.authnContextClassRef),
    )
    return signing !== null && isHttpPostBinding ? signAuthnRequestPost(xml, signing) : xml
  }
}

function requestedContext(classRef: string | undefined): Markup[] {
  if (classRef === undefined) return []
  const assertionNamespace = { xmlns: 'urn:oasis:names:tc:SAML:2.0:assertion' }
  return [
    element(
      'samlp:RequestedAuthnContext',
      { Comparison: 'exact' },
      element('AuthnContextClassRef', assertionNamespace, classRef),
    ),
  ]
}

/** node-saml asks for these although a request needs none of them. No response is ever judged by such an instance. */
const requiredButUnused = {
  callbackUrl: 'about:blank',
  idpCert: (done) => done(new Error('this instance of node-saml only sends')),
} as const satisfies Partial<SamlConfig>

const minRsaBits = 2048

interface SigningOptions {
  readonly privateKey: string
  readonly publicCert?: string
  readonly signatureAlgorithm: 'sha256'
  readonly digestAlgorithm: 'sha256'
}

function signingOptions(signer: RequestSigner): SigningOptions {
  const key = createPrivateKey(signer.privateKeyPem)
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < minRsaBits) {
    throw new TypeError(
      `The key for AuthnRequests is ${key.asymmetricKeyType} ${bits || ''}; expected an RSA key of ${minRsaBits} bits or more, for RSA-SHA256.`,
    )
  }
  const certificate = signer.certificateBase64 ?? null
  return {
    // As PKCS#8, the one form that both of node-saml's signers take.
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ...(certificate === null ? {} : { publicCert: pemOf(certificate) }),
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
  }
}

function pemOf(certificateBase64: string): string {
  const lines = certificateBase64.match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
