/** An identity provider made of samlify, configured as its documentation says. */
import express, { type Express, type Request } from 'express'
import { Constants, IdentityProvider, SamlLib, ServiceProvider, setSchemaValidator } from 'samlify'
import type { DemoOktaUser } from '../../src/demo-okta/honest.ts'
import type { IdpKey } from '../../src/demo-okta/keys.ts'
import { isoMillis, minutes } from '../../src/lib/clock.ts'
import { newGuid, systemRandom } from '../../src/lib/ids.ts'

// samlify wants a schema validator, and has none of its own; it guards what samlify reads, which here is our request.
setSchemaValidator({ validate: () => Promise.resolve('skipped') })

export const issuer = 'https://samlify.customer.test/metadata'
export const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
const { post, redirect } = Constants.namespace.binding

/** samlify's own template leaves `{AuthnStatement}` to whoever uses it. */
const authnStatement =
  '<saml:AuthnStatement AuthnInstant="{IssueInstant}" SessionIndex="{AssertionID}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>'
const attributes = ['email', 'displayName'].map((name) => ({
  name,
  valueTag: name,
  nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
  valueXsiType: 'xs:string',
}))

export interface Options {
  readonly key: IdpKey
  readonly user: DemoOktaUser
  /** The server's metadata. */
  readonly serverMetadata: string
  /** Identifier; RSA-SHA256 by default. */
  readonly signatureAlgorithm?: string
  /** Whether the Response is signed too. */
  readonly wantMessageSigned?: boolean
  readonly wantAuthnRequestsSigned?: boolean
  /** Identifier of the cipher; nothing is encrypted by default. */
  readonly dataEncryptionAlgorithm?: string
  /** What stands for `{AuthnStatement}` in the template of the response. */
  readonly authnStatement?: string
}

/** What samlify has read in a request. */
export interface SeenRequest {
  readonly issuer: unknown
  readonly id: unknown
  readonly nameIdFormat: unknown
}

/**
 * The identity provider as an Express app: `/metadata`, and `/sso` for both bindings, which signs in without asking.
 * @param origin where it stands
 * @param options is asked at every request
 */
export function samlifyApp(
  origin: () => string,
  options: () => Options,
  seen: (request: SeenRequest) => void,
): Express {
  return express()
    .get('/metadata', (_request, response) => {
      response.type('xml').send(identityProvider(origin(), options()).getMetadata())
    })
    .use('/sso', express.urlencoded({ extended: false }), async (request, response) => {
      const { context, action } = await respond(origin(), options(), request, seen)
      response.send(
        `<form method="post" action="${action}"><input name="SAMLResponse" value="${context}"></form>`,
      )
    })
}

function identityProvider(origin: string, options: Options) {
  const context = SamlLib.defaultLoginResponseTemplate.context.replace(
    '{AuthnStatement}',
    options.authnStatement ?? authnStatement,
  )
  return IdentityProvider({
    entityID: issuer,
    privateKey: options.key.privateKeyPem,
    signingCert: options.key.certificatePem,
    nameIDFormat: [persistent],
    requestSignatureAlgorithm:
      options.signatureAlgorithm ?? Constants.algorithms.signature.RSA_SHA256,
    wantAuthnRequestsSigned: options.wantAuthnRequestsSigned ?? false,
    singleSignOnService: [post, redirect].map((Binding) => ({
      Binding,
      Location: `${origin}/sso`,
    })),
    // Not used; without one samlify complains on the console.
    singleLogoutService: [{ Binding: redirect, Location: `${origin}/slo` }],
    loginResponseTemplate: { context, attributes },
    ...(options.dataEncryptionAlgorithm !== undefined && {
      isAssertionEncrypted: true,
      dataEncryptionAlgorithm: options.dataEncryptionAlgorithm,
      keyEncryptionAlgorithm: Constants.algorithms.encryption.key.RSA_OAEP_MGF1P,
    }),
  })
}

/** Reads the request, and makes the response: base64, and where it is to be posted. */
async function respond(
  origin: string,
  options: Options,
  request: Request,
  seen: (request: SeenRequest) => void,
): Promise<{ context: string; action: string }> {
  const idp = identityProvider(origin, options)
  const sp = ServiceProvider({
    metadata: options.serverMetadata,
    wantMessageSigned: options.wantMessageSigned ?? false,
  })
  const read = await idp.parseLoginRequest(sp, request.method === 'POST' ? 'post' : 'redirect', {
    query: { ...request.query },
    body: { ...request.body },
    octetString: signedOctets(request.url),
  })
  const { request: asked, issuer: by, nameIDPolicy } = read.extract
  seen({ issuer: by, id: asked?.id, nameIdFormat: nameIDPolicy?.format })
  const acs = String(sp.entityMeta.getAssertionConsumerService('post'))
  const values = {
    ...valuesOf(options.user, acs),
    Audience: sp.entityMeta.getEntityID(),
    InResponseTo: String(asked?.id),
  }
  const { context } = await idp.createLoginResponse(
    sp,
    { ...read },
    'post',
    {},
    {
      customTagReplacement: (template) => ({
        id: values.ID,
        context: SamlLib.replaceTagsByValue(template, values),
      }),
    },
  )
  return { context, action: acs }
}

/** What stands for the tags of the template. */
function valuesOf(user: DemoOktaUser, acs: string) {
  const now = Date.now()
  const until = isoMillis(now + minutes(5))
  return {
    ID: `_${newGuid(systemRandom)}`,
    AssertionID: `_${newGuid(systemRandom)}`,
    Issuer: issuer,
    IssueInstant: isoMillis(now),
    Destination: acs,
    SubjectRecipient: acs,
    StatusCode: Constants.StatusCode.Success,
    NameIDFormat: persistent,
    NameID: user.nameId,
    ConditionsNotBefore: isoMillis(now),
    ConditionsNotOnOrAfter: until,
    SubjectConfirmationDataNotOnOrAfter: until,
    attrEmail: user.email,
    attrDisplayName: `${user.firstName} & ${user.lastName}`,
  }
}

/** The part of the query that a signature by redirect covers, as it was sent (SAML bindings 3.4.4.1). */
function signedOctets(url: string): string {
  return (url.split('?')[1] ?? '')
    .split('&')
    .filter((pair) => /^(SAMLRequest|RelayState|SigAlg)=/.test(pair))
    .join('&')
}
