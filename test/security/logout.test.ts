import { generateKeyPairSync } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { makeIdpKey } from '../../src/demo-okta/keys.ts'
import type { Federation } from '../../src/directory/types.ts'
import { hours, minutes } from '../../src/lib/clock.ts'
import { fingerprint } from '../../src/lib/secrets.ts'
import { readSigningCertificate, signingTrust } from '../../src/saml/certificates.ts'
import { readRedirectMessage, verifyRedirectSignature } from '../../src/saml/logout/redirect.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import type { Session } from '../../src/signin/ports.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { logoutRequest, signedPost, signedQuery } from '../support/logoutIdp.ts'
import type { Answer, Visitor } from '../support/visitor.ts'

const signOutUri = 'https://customer.okta.example/slo'
const upn = 'alice@customer.com'
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

describe('an attacker with logout messages', () => {
  let deployment: Deployment
  let path: string
  const folder = newDataFolder()
  before(async () => {
    const keyFile = join(folder, 'signing.pem')
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    deployment = await startDeployment({ environment: { HOMEREALM_SIGNING_KEY: keyFile } })
    path = `/${deployment.tenant.id}/saml2/logout`
    const { directory } = deployment.storage
    const federation = (await directory.federationByIssuer(deployment.idp.issuer)) as Federation
    await directory.putFederation({ ...federation, signOutUri })
  })
  after(async () => {
    await deployment?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function signedIn(): Promise<{ visitor: Visitor; handle: string; session: Session }> {
    const visitor = deployment.visitor()
    await visitor.signIn(upn)
    const handle = visitor.jar.get('localhost', 'homerealm-session') ?? ''
    const { storage, clock } = deployment
    const session = await storage.sessions.session(fingerprint(handle), clock.at)
    if (session === null) throw new Error('not signed in')
    return { visitor, handle, session }
  }

  let requests = 0
  const requestFor = (session: Session): string =>
    logoutRequest({
      issuer: deployment.idp.issuer,
      destination: deployment.publicUrl + path,
      at: deployment.clock.at,
      nameId: session.nameId ?? '',
      sessionIndexes: [session.sessionIndex ?? ''],
      id: `id${++requests}`,
    })
  const encoded = (xml: string) => encodeURIComponent(deflateRawSync(xml).toString('base64'))

  it('cannot use a request that was sent before: not on a later session with the same SessionIndex', async () => {
    for (const send of [
      (message: string) => {
        const query = signedQuery(message, deployment.idp.key)
        return () => deployment.visitor().fetch(`${path}?${query}`)
      },
      (message: string) => {
        const SAMLRequest = signedPost(message, deployment.idp.key)
        return () => deployment.visitor().post(path, { SAMLRequest })
      },
    ]) {
      const { visitor, session } = await signedIn()
      const captured = requestFor(session)
      const replay = send(captured)
      expect((await replay()).status).to.equal(303)
      expect(await visitor.signedInAs()).to.equal(null)
      // An identity provider whose own session went on opens one here under the same SessionIndex.
      await deployment.storage.sessions.putSession(session)
      const again = await replay()
      expect(await deployment.reason(again)).to.equal('responseReplayed')
      const { storage, clock } = deployment
      expect(await storage.sessions.session(session.key, clock.at)).to.deep.equal(session)
    }
  })

  it('of twenty that send one request at once, one is answered', async () => {
    const { session } = await signedIn()
    const xml = requestFor(session)
    const query = signedQuery(xml, deployment.idp.key)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => deployment.visitor().fetch(`${path}?${query}`)),
    )
    expect(answers.filter(({ status }) => status === 303)).to.have.length(1)
  })

  it('a request that is refused for the browser it came in is not used up', async () => {
    const [own, other] = [await signedIn(), await signedIn()]
    const xml = requestFor(other.session)
    const query = signedQuery(xml, deployment.idp.key)
    const mismatch = await own.visitor.fetch(`${path}?${query}`)
    expect(await deployment.reason(mismatch)).to.equal('logoutSessionMismatch')
    expect((await other.visitor.fetch(`${path}?${query}`)).status).to.equal(303)
    expect(await other.visitor.signedInAs()).to.equal(null)
  })

  it('cannot have us carry more than a RelayState on to the identity provider, by form either', async () => {
    const someone = await signedIn()
    const SAMLRequest = signedPost(requestFor(someone.session), deployment.idp.key)
    const RelayState = 'x'.repeat(81)
    const answer = await someone.visitor.post(path, { SAMLRequest, RelayState })
    expect(await deployment.reason(answer)).to.equal('logoutMalformed')
    expect(await someone.visitor.signedInAs()).to.equal(upn)
  })

  it('a RelayState goes to the identity provider encoded, and nowhere else', async () => {
    const { visitor, session } = await signedIn()
    const xml = requestFor(session)
    const relayState = '&Signature=x#"><script>\r\nSet-Cookie: a=b'
    const answer = await visitor.fetch(
      `${path}?${signedQuery(xml, deployment.idp.key, { relayState })}`,
    )
    const location = new URL(answer.headers.get('location') ?? '')
    expect(location.origin + location.pathname).to.equal(signOutUri)
    expect([...location.searchParams.keys()]).to.deep.equal([
      'SAMLResponse',
      'RelayState',
      'SigAlg',
      'Signature',
    ])
    expect(location.searchParams.get('RelayState')).to.equal(relayState)
    expect(answer.headers.getSetCookie().join()).not.to.include('a=b')
  })

  it('cannot fill the store with what nobody signed', async () => {
    const issuer = `http://evil.example/${'x'.repeat(150_000)}`
    const xml = logoutRequest({
      issuer,
      destination: null,
      at: deployment.clock.at,
      nameId: 'n',
      sessionIndexes: [],
    })
    const SAMLRequest = Buffer.from(xml).toString('base64')
    const answer = await deployment.visitor().post(path, { SAMLRequest })
    const kept = await deployment.kept(answer)
    expect(kept.reason).to.equal('issuerNotFederated')
    expect(JSON.stringify(kept).length).to.be.below(4096)
  })

  describe('who holds one good signature', () => {
    /** A signed message of the identity provider, and mixes of it with a forged one: none may end the victim's session. */
    const mixes: [what: string, (good: string, evil: string) => string][] = [
      ['the forged one last, under a name with a percent', (g, e) => `${g}&SAMLReques%74=${e}`],
      ['the forged one under a name with an overlong percent', (g, e) => `${g}&%53AMLRequest=${e}`],
      ['a name with a tab', (g, e) => `SAMLRequest%09=${e}&${g}`],
      ['a name with a null', (g, e) => `${g}&SAMLRequest%00=${e}`],
      ['a name with brackets', (g, e) => `${g}&SAMLRequest[]=${e}`],
      ['a semicolon', (g, e) => `${g};SAMLRequest=${e}`],
      ['the forged one in front', (g, e) => `SAMLRequest=${e}&${g}`],
      [
        'the good one as a response',
        (g, e) => `SAMLRequest=${e}&${g.replace('Request', 'Response')}`,
      ],
      ['a fragment in the value', (g, e) => g.replace('&SigAlg', `%26SAMLRequest=${e}&SigAlg`)],
      [
        'the good one in the RelayState',
        (g, e) => `SAMLRequest=${e}&RelayState=${g.replace('SAMLRequest=', '')}`,
      ],
    ]
    for (const [what, mix] of mixes) {
      it(`cannot bring a forged request in by ${what}`, async () => {
        const [thief, victim] = [await signedIn(), await signedIn()]
        const good = signedQuery(requestFor(thief.session), deployment.idp.key)
        const evil = encoded(requestFor(victim.session))
        const answer: Answer = await deployment.visitor().fetch(`${path}?${mix(good, evil)}`)
        expect(answer.status, answer.body).to.be.within(400, 499)
        expect(await victim.visitor.signedInAs()).to.equal(upn)
      })
    }

    it('cannot end another’s session by a form whose signed part names their own', async () => {
      const [thief, victim] = [await signedIn(), await signedIn()]
      const signed = Buffer.from(
        signedPost(requestFor(thief.session), deployment.idp.key),
        'base64',
      ).toString()
      const named = `<p:SessionIndex>${thief.session.sessionIndex}</p:SessionIndex>`
      const evil = `<p:SessionIndex>${victim.session.sessionIndex}</p:SessionIndex>`
      const root = /<p:LogoutRequest[^>]*>/.exec(signed)?.[0] ?? ''
      const forgeries = [
        signed.replace(named, evil),
        signed.replace(named, named + evil),
        signed.replace(
          named,
          `<p:SessionIndex>${victim.session.sessionIndex}<?x ${named}?></p:SessionIndex>`,
        ),
        signed.replace(named, `<!--${named}-->${evil}`),
        signed.replace('<ds:KeyInfo', `<ds:Object>${evil}</ds:Object><ds:KeyInfo`),
        `${root.replace(/ ID="[^"]+"/, ' ID="evil"')}${signed.slice(root.length)}`,
        signed.replace(
          '</p:LogoutRequest>',
          `<p:Extensions xml:id="id${requests}">${evil}</p:Extensions></p:LogoutRequest>`,
        ),
      ]
      for (const [n, forged] of forgeries.entries()) {
        const SAMLRequest = Buffer.from(forged).toString('base64')
        const answer = await deployment.visitor().post(path, { SAMLRequest })
        expect(answer.status, `forgery ${n}: ${answer.body}`).to.be.within(400, 499)
        expect(await victim.visitor.signedInAs(), `forgery ${n}`).to.equal(upn)
      }
    })
  })

  it('an identity provider that renewed its certificate with the same key is still believed', async () => {
    const now = Date.now()
    const made = await makeIdpKey({ now })
    const certificate = readSigningCertificate(made.certificateBase64)
    const old = { ...certificate, notBefore: now - hours(48), notAfter: now - minutes(1) }
    const renewed = { ...certificate, notBefore: now - hours(1), notAfter: now + hours(24) }
    const settings = await deployment.storage.directory.federationByIssuer(deployment.idp.issuer)
    const trust = {
      ...signingTrust(settings as Federation),
      certificates: [old, renewed],
      expiredCertificates: 'refuse',
    } as const
    const message = readRedirectMessage(signedQuery('<x/>', made), defaultLimits)
    expect(verifyRedirectSignature(message, trust, now)).to.equal(renewed)
  })
})
