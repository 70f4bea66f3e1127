import { expect } from 'chai'
import { loadKeyEncryptionKey } from '../../src/cli/server/keyEncryptionKey.ts'
import type { Federation, User } from '../../src/directory/types.ts'
import { seconds } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { sealer } from '../../src/lib/seal.ts'
import { changeCredentials } from '../../src/signin/password/credentials.ts'
import {
  disableTotp,
  enableTotp,
  proposeTotp,
  readTotpSecret,
} from '../../src/signin/totp/secondFactor.ts'
import { codeAt } from '../support/authenticator.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { eachAssertion } from '../support/identityProvider.ts'
import { type Answer, fieldOf, type Visitor } from '../support/visitor.ts'

type Behavior = Federation['federatedIdpMfaBehavior']
const multipleAuthn = 'http://schemas.microsoft.com/claims/multipleauthn'
const passwordOnly = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'
const upn = 'alice@customer.com'

describe('a second factor in a federated sign-in, over sockets', () => {
  let deployment: Deployment
  let alice: User
  before(async () => {
    deployment = await startDeployment()
    alice = (await deployment.storage.directory.userByPrincipalName(upn)) as User
  })
  after(() => deployment?.close())

  async function setting(behavior: Behavior, requireMfa: boolean): Promise<void> {
    const { directory, credentials } = deployment.storage
    const federation = (await directory.federationByIssuer(deployment.idp.issuer)) as Federation
    await directory.putFederation({ ...federation, federatedIdpMfaBehavior: behavior })
    await changeCredentials(credentials, alice.id, (before) => ({ ...before, requireMfa }))
    await disableTotp(alice.id, parts())
  }

  const parts = () => ({
    ...deployment.storage,
    random: systemRandom,
    sealer: sealer(loadKeyEncryptionKey(deployment.config), 'second factors', systemRandom),
  })

  /** Gives Alice a second factor here; its secret. */
  async function enrol(): Promise<string> {
    const sealed = proposeTotp(alice.id, parts())
    const enrolment = { userId: alice.id, sealed, code: null }
    await enableTotp(enrolment, deployment.clock.at, parts())
    return readTotpSecret(sealed, alice.id, parts())
  }

  /** Answers the request of a hand-over page with a response of this AuthnContextClassRef. */
  async function answer(visitor: Visitor, requestId: string, classRef: string): Promise<Answer> {
    const change = eachAssertion(({ authn }) => ({
      authn: authn && { ...authn, contextClassRef: classRef },
    }))
    const carried = deployment.idp.respond(deployment.person(upn), requestId, change)
    return visitor.deliver(carried)
  }

  async function signIn(classRef: string, query = ''): Promise<{ visitor: Visitor; got: Answer }> {
    const visitor = deployment.visitor()
    const page = await visitor.fetch(`/signin?login_hint=alice%40customer.com${query}`)
    return { visitor, got: await answer(visitor, requestOf(page).id, classRef) }
  }

  /** The AuthnRequest that a page carries. */
  function requestOf(page: Answer): { readonly id: string; readonly xml: string } {
    const xml = Buffer.from(fieldOf(page.body, 'SAMLRequest') ?? '', 'base64').toString('utf8')
    return { id: / ID="([^"]+)"/.exec(xml)?.[1] ?? '', xml }
  }

  const locationOf = (got: Answer) => got.headers.get('location')
  const amrOf = async (visitor: Visitor) =>
    /<dt>Methods \(amr\)<\/dt><dd>([^<]*)</.exec((await visitor.fetch('/me')).body)?.[1]

  describe('acceptIfMfaDoneByFederatedIdp', () => {
    it('nothing required: in with fed, or with fed and mfa when the provider says so', async () => {
      await setting('acceptIfMfaDoneByFederatedIdp', false)
      const without = await signIn(passwordOnly)
      expect(await amrOf(without.visitor)).to.equal('fed')
      const withIt = await signIn(multipleAuthn)
      expect(await amrOf(withIt.visitor)).to.equal('fed, mfa')
    })

    it('required, and the provider did it: in', async () => {
      await setting('acceptIfMfaDoneByFederatedIdp', true)
      await enrol()
      const { visitor } = await signIn(multipleAuthn)
      expect(await amrOf(visitor)).to.equal('fed, mfa')
    })

    it('required, and the provider did not: homerealm asks who has TOTP', async () => {
      await setting('acceptIfMfaDoneByFederatedIdp', true)
      const secret = await enrol()
      const { visitor, got } = await signIn(passwordOnly)
      expect([got.status, locationOf(got)]).to.deep.equal([303, '/signin/code'])
      expect(await visitor.signedInAs()).to.equal(null)
      const code = codeAt(secret, deployment.clock.at)
      expect(locationOf(await visitor.post('/signin/code', { code }))).to.equal('/me')
      expect(await amrOf(visitor)).to.equal('fed, mfa')
    })

    it('required, and nobody can: AADSTS50079', async () => {
      await setting('acceptIfMfaDoneByFederatedIdp', true)
      const { visitor, got } = await signIn(passwordOnly)
      expect([got.status, got.aadsts]).to.deep.equal([403, 50079])
      expect(await deployment.reason(got)).to.equal('mfaRequired')
      expect(await visitor.signedInAs()).to.equal(null)
    })

    it('the app alone can require it, through the address of its sign-in', async () => {
      await setting('acceptIfMfaDoneByFederatedIdp', false)
      expect((await signIn(passwordOnly, '&mfa=required')).got.aadsts).to.equal(50079)
      await enrol()
      const { got } = await signIn(passwordOnly, '&mfa=required')
      expect(locationOf(got)).to.equal('/signin/code')
      expect(locationOf((await signIn(passwordOnly)).got)).to.equal('/me')
    })
  })

  describe('enforceMfaByFederatedIdp', () => {
    it('sends back to the provider once, with ForceAuthn and the context; its second factor then counts', async () => {
      await setting('enforceMfaByFederatedIdp', false)
      const { visitor, got } = await signIn(passwordOnly, '&return_to=%2Ferror')
      expect(got.status).to.equal(200)
      const { id, xml } = requestOf(got)
      expect(xml).to.include(' ForceAuthn="true"')
      expect(xml).to.match(
        new RegExp(
          `</?[^>]*NameIDPolicy[^>]*><samlp:RequestedAuthnContext Comparison="exact"><AuthnContextClassRef [^>]*>${multipleAuthn}</AuthnContextClassRef></samlp:RequestedAuthnContext>`,
        ),
      )
      expect(got.body).to.include('alice@customer.com')
      expect(locationOf(await answer(visitor, id, multipleAuthn))).to.equal('/error')
      expect(await amrOf(visitor)).to.equal('fed, mfa')
    })

    it('and no second time: AADSTS50079, even when there is TOTP here', async () => {
      await setting('enforceMfaByFederatedIdp', true)
      await enrol()
      const { visitor, got } = await signIn(passwordOnly)
      const second = await answer(visitor, requestOf(got).id, passwordOnly)
      expect([second.status, second.aadsts]).to.deep.equal([403, 50079])
      expect(await visitor.signedInAs()).to.equal(null)
    })

    it('the first request is asked for no context', async () => {
      await setting('enforceMfaByFederatedIdp', false)
      const page = await deployment.visitor().fetch('/signin?login_hint=alice%40customer.com')
      expect(requestOf(page).xml).not.to.match(/ForceAuthn|RequestedAuthnContext/)
    })
  })

  describe('rejectMfaByFederatedIdp', () => {
    it('the provider’s second factor does not count: homerealm asks itself', async () => {
      await setting('rejectMfaByFederatedIdp', true)
      const secret = await enrol()
      const { visitor, got } = await signIn(multipleAuthn)
      expect(locationOf(got)).to.equal('/signin/code')
      deployment.clock.at += seconds(60)
      await visitor.post('/signin/code', { code: codeAt(secret, deployment.clock.at) })
      expect(await amrOf(visitor)).to.equal('fed, mfa')
    })

    it('without TOTP here: AADSTS50079, and without being required: fed alone', async () => {
      await setting('rejectMfaByFederatedIdp', true)
      expect((await signIn(multipleAuthn)).got.aadsts).to.equal(50079)
      await setting('rejectMfaByFederatedIdp', false)
      expect(await amrOf((await signIn(multipleAuthn)).visitor)).to.equal('fed')
    })
  })
})
