import { generateKeyPairSync, verify } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { makeIdpKey } from '../../src/demo-okta/keys.ts'
import type { AlgorithmName } from '../../src/demo-okta/sign.ts'
import type { Federation } from '../../src/directory/types.ts'
import { minutes } from '../../src/lib/clock.ts'
import { fingerprint } from '../../src/lib/secrets.ts'
import type { Session } from '../../src/signin/ports.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import {
  carriedBy,
  type LogoutSpec,
  logoutRequest,
  logoutResponse,
  signedPost,
  signedQuery,
} from '../support/logoutIdp.ts'
import type { Answer, Visitor } from '../support/visitor.ts'

const signOutUri = 'https://customer.okta.example/slo?app=1'
const upn = 'alice@customer.com'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

describe('SAML single logout, over sockets', () => {
  let deployment: Deployment
  let path: string
  let url: string
  const keyFolder = newDataFolder()
  before(async () => {
    const keyFile = join(keyFolder, 'signing.pem')
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    deployment = await startDeployment({ environment: { HOMEREALM_SIGNING_KEY: keyFile } })
    path = `/${deployment.tenant.id}/saml2/logout`
    url = deployment.publicUrl + path
    await change({ signOutUri })
  })
  after(async () => {
    await deployment?.close()
    rmSync(keyFolder, { recursive: true, force: true })
  })

  async function change(more: Partial<Federation>): Promise<void> {
    const { directory } = deployment.storage
    const federation = (await directory.federationByIssuer(deployment.idp.issuer)) as Federation
    await directory.putFederation({ ...federation, ...more })
  }

  /** Signs Alice in, with a client of her own; the session as it is stored. */
  async function signedIn(): Promise<{ visitor: Visitor; session: Session }> {
    const visitor = deployment.visitor()
    await visitor.signIn(upn)
    const handle = visitor.jar.get('localhost', 'homerealm-session') ?? ''
    const { storage, clock } = deployment
    const session = await storage.sessions.session(fingerprint(handle), clock.at)
    if (session === null) throw new Error('not signed in')
    return { visitor, session }
  }

  let requests = 0
  const requestFor = (session: Session, more: Partial<LogoutSpec> = {}): string =>
    logoutRequest({
      issuer: deployment.idp.issuer,
      destination: url,
      at: deployment.clock.at,
      nameId: session.nameId ?? '',
      sessionIndexes: [session.sessionIndex ?? ''],
      id: `id${++requests}`,
      ...more,
    })
  const query = (xml: string, options: Parameters<typeof signedQuery>[2] = {}) =>
    signedQuery(xml, deployment.idp.key, options)
  const locationOf = (answer: Answer) => answer.headers.get('location') ?? ''

  /** A message that must end nothing, and the reason that it is refused for. */
  async function refused(
    { visitor }: { visitor: Visitor },
    answer: Promise<Answer>,
    reason: string,
  ): Promise<void> {
    const got = await answer
    expect(await deployment.reason(got)).to.equal(reason)
    expect(got.status).to.be.within(400, 499)
    expect(await visitor.signedInAs()).to.equal(upn)
  }

  describe('begun here', () => {
    it('sends a signed LogoutRequest for the session that ended, and its answer leads on', async () => {
      const { visitor, session } = await signedIn()
      const left = await visitor.post('/signout', {})
      const at = new URL(locationOf(left))
      expect(at.href.startsWith(`${signOutUri}&SAMLRequest=`)).to.equal(true)
      expect(await visitor.signedInAs()).to.equal(null)

      const raw = at.search.slice(1).replace('app=1&', '')
      const [octets = '', signature = ''] = raw.split('&Signature=')
      const value = Buffer.from(decodeURIComponent(signature), 'base64')
      expect(verify('sha256', Buffer.from(octets), publicKey, value)).to.equal(true)
      const xml = carriedBy(at)
      expect(xml).to.include(` Destination="${signOutUri.replace('&', '&amp;')}"`)
      expect(xml).to.include(`>${session.nameId}</NameID>`)
      expect(xml).to.include(`<samlp:SessionIndex>${session.sessionIndex}</samlp:SessionIndex>`)

      const inResponseTo = / ID="([^"]+)"/.exec(xml)?.[1] ?? ''
      const { issuer } = deployment.idp
      const response = logoutResponse({
        issuer,
        destination: url,
        at: deployment.clock.at,
        inResponseTo,
      })
      const sent = () => visitor.fetch(`${path}?${query(response, { field: 'SAMLResponse' })}`)
      expect(locationOf(await sent())).to.equal('/signedout')
      expect(await deployment.reason(await sent())).to.equal('requestUnknown')
    })

    const code = (value: string, inner = '') =>
      `<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${value}">${inner}</p:StatusCode></p:Status>`
    const partial =
      '<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:PartialLogout"></p:StatusCode>'
    for (const [what, status, codes] of [
      ['failure', code('Responder'), [/:Responder$/]],
      ['partial logout', code('Responder', partial), [/:Responder$/, /:PartialLogout$/]],
      ['partial logout as a success', code('Success', partial), [/:Success$/, /:PartialLogout$/]],
      ['no status', '<p:Status></p:Status>', []],
      ['two statuses', code('Success') + code('Success'), []],
    ] as const) {
      it(`${what} in the answer: the person reads that the provider may still know them, and the log has the code`, async () => {
        const { visitor } = await signedIn()
        const left = await visitor.post('/signout', {})
        const inResponseTo = / ID="([^"]+)"/.exec(carriedBy(new URL(locationOf(left))))?.[1] ?? ''
        const { issuer } = deployment.idp
        const at = deployment.clock.at
        const response = logoutResponse({ issuer, destination: url, at, inResponseTo, status })
        const got = await visitor.fetch(`${path}?${query(response, { field: 'SAMLResponse' })}`)
        expect(locationOf(got)).to.match(/^\/signedout\?after=/)
        for (const _reload of [1, 2]) {
          const page = await visitor.fetch(locationOf(got))
          expect(page.body).to.include('You are signed out here').and.include('perhaps not at')
        }
        expect((await visitor.fetch('/signedout?after=x%20y')).body).not.to.include('perhaps not')
        // What is kept for the page is no request that an answer could be to.
        const guid = /after=\S+\+(\S+)$/.exec(locationOf(got))?.[1] ?? ''
        const stray = logoutResponse({ issuer, destination: url, at, inResponseTo: guid })
        const second = await visitor.fetch(`${path}?${query(stray, { field: 'SAMLResponse' })}`)
        expect([guid.length, await deployment.reason(second)]).to.deep.equal([36, 'requestUnknown'])
        const requestId = got.headers.get('x-ms-request-id') ?? '-'
        const line = JSON.parse(deployment.logged.find((each) => each.includes(requestId)) ?? '{}')
        expect(line).to.include({ event: 'logout', issuer })
        expect(line.statusCodes).to.have.length(codes.length)
        codes.forEach((pattern, index) => {
          expect(line.statusCodes[index]).to.match(pattern)
        })
      })
    }

    it('the page of the one who is signed in lets its form lead there', async () => {
      const { visitor } = await signedIn()
      const policy = (await visitor.fetch('/me')).headers.get('content-security-policy')
      expect(policy).to.include("form-action 'self' https:;")
    })

    it('a response that nobody waits for is refused', async () => {
      const someone = await signedIn()
      const { issuer } = deployment.idp
      for (const inResponseTo of ['_unknown', '']) {
        const xml = logoutResponse({
          issuer,
          destination: url,
          at: deployment.clock.at,
          inResponseTo,
        })
        const answer = someone.visitor.fetch(`${path}?${query(xml, { field: 'SAMLResponse' })}`)
        await refused(someone, answer, 'requestUnknown')
      }
    })

    it('a response of a federation that was switched off is refused', async () => {
      const { visitor } = await signedIn()
      const left = await visitor.post('/signout', {})
      const inResponseTo = / ID="([^"]+)"/.exec(carriedBy(new URL(locationOf(left))))?.[1] ?? ''
      const { issuer } = deployment.idp
      const at = deployment.clock.at
      const xml = logoutResponse({ issuer, destination: url, at, inResponseTo })
      const send = () => visitor.fetch(`${path}?${query(xml, { field: 'SAMLResponse' })}`)
      await change({ isEnabled: false })
      expect(await deployment.reason(await send())).to.equal('federationDisabled')
      await change({ isEnabled: true })
      expect(locationOf(await send())).to.equal('/signedout')
    })

    it('without a key, or without an address, there is no single logout', async () => {
      await change({ signOutUri: null })
      const { visitor } = await signedIn()
      expect(locationOf(await visitor.post('/signout', {}))).to.equal('/signedout')
      await change({ signOutUri })
      const keyless = await startDeployment()
      try {
        const { directory } = keyless.storage
        const federation = (await directory.federationByIssuer(keyless.idp.issuer)) as Federation
        await directory.putFederation({ ...federation, signOutUri })
        const other = keyless.visitor()
        await other.signIn(upn)
        expect(locationOf(await other.post('/signout', {}))).to.equal('/signedout')
        const metadata = `/${keyless.tenant.id}/federationmetadata/saml20/federationmetadata.xml`
        expect((await other.fetch(metadata)).body).not.to.include('SingleLogoutService')
      } finally {
        await keyless.close()
      }
    })
  })

  describe('begun by the identity provider', () => {
    it('a signed Redirect request ends the session, and is answered with a signed response', async () => {
      const { visitor, session } = await signedIn()
      const answer = await visitor.fetch(
        `${path}?${query(requestFor(session, { id: 'id77' }), { relayState: 'a b&c' })}`,
      )
      expect(answer.status).to.equal(303)
      const at = new URL(locationOf(answer))
      expect(at.href.startsWith(`${signOutUri}&SAMLResponse=`)).to.equal(true)
      expect(at.searchParams.get('RelayState')).to.equal('a b&c')
      expect(carriedBy(at)).to.include(' InResponseTo="id77"').and.include('status:Success')
      expect(await visitor.signedInAs()).to.equal(null)
      const { storage, clock } = deployment
      expect(await storage.sessions.session(session.key, clock.at)).to.equal(null)
    })

    it('a signed POST request does, with no cookie of the session, as another site’s form comes', async () => {
      const { visitor, session } = await signedIn()
      const message = signedPost(requestFor(session), deployment.idp.key)
      const answer = await deployment.visitor().post(path, { SAMLRequest: message })
      expect(locationOf(answer)).to.include('SAMLResponse=')
      expect(await visitor.signedInAs()).to.equal(null)
    })

    for (const algorithm of ['rsa-sha384', 'rsa-sha512'] as const) {
      it(`takes ${algorithm}`, async () => {
        const { visitor, session } = await signedIn()
        const sigAlg = `http://www.w3.org/2001/04/xmldsig-more#${algorithm}`
        const hash = algorithm.slice('rsa-'.length)
        await visitor.fetch(`${path}?${query(requestFor(session), { sigAlg, hash })}`)
        expect(await visitor.signedInAs()).to.equal(null)
      })
    }

    it('ends the named session alone, of all that the person has', async () => {
      const [one, two] = [await signedIn(), await signedIn()]
      await one.visitor.fetch(`${path}?${query(requestFor(one.session))}`)
      expect(await one.visitor.signedInAs()).to.equal(null)
      expect(await two.visitor.signedInAs()).to.equal(upn)
    })

    it('another’s session: a request for it ends neither it nor that of the browser it comes in', async () => {
      const [own, other] = [await signedIn(), await signedIn()]
      const answer = own.visitor.fetch(`${path}?${query(requestFor(other.session))}`)
      await refused(own, answer, 'logoutSessionMismatch')
      expect(await other.visitor.signedInAs()).to.equal(upn)
    })

    for (const [what, more] of [
      ['no SessionIndex', { sessionIndexes: [] }],
      ['another SessionIndex', { sessionIndexes: ['idOther'] }],
      ['another NameID', { nameId: 'someoneElse==' }],
    ] as const) {
      it(`with ${what} it ends nothing`, async () => {
        const someone = await signedIn()
        const answer = someone.visitor.fetch(`${path}?${query(requestFor(someone.session, more))}`)
        await refused(someone, answer, 'logoutSessionMismatch')
      })
    }
  })

  describe('is refused, and ends nothing', () => {
    const weak: [what: string, hash: string, sigAlg: string, reason: string][] = [
      ['rsa-sha1', 'sha1', 'http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'algorithmNotAllowed'],
      ['rsa-md5', 'md5', 'http://www.w3.org/2001/04/xmldsig-more#rsa-md5', 'algorithmNotAllowed'],
      ['no algorithm', 'sha256', '', 'notSigned'],
    ]
    for (const [what, hash, sigAlg, reason] of weak) {
      it(`a query signed with ${what}, even where the federation allows SHA-1 for responses`, async () => {
        await change({ allowSha1Signatures: true })
        const someone = await signedIn()
        const xml = requestFor(someone.session)
        const answer = someone.visitor.fetch(`${path}?${query(xml, { hash, sigAlg })}`)
        await refused(someone, answer, reason)
        await change({ allowSha1Signatures: false })
      })
    }

    for (const [algorithm, reason] of [
      ['rsa-sha1', 'algorithmNotAllowed'],
      ['hmac-sha256', 'algorithmNotAllowed'],
    ] as [AlgorithmName, string][]) {
      it(`a form signed with ${algorithm}`, async () => {
        await change({ allowSha1Signatures: true })
        const someone = await signedIn()
        const SAMLRequest = signedPost(requestFor(someone.session), deployment.idp.key, algorithm)
        await refused(someone, someone.visitor.post(path, { SAMLRequest }), reason)
        await change({ allowSha1Signatures: false })
      })
    }

    it('an unsigned message, by query or by form', async () => {
      const someone = await signedIn()
      const xml = requestFor(someone.session)
      const [unsigned = ''] = query(xml).split('&SigAlg=')
      await refused(someone, someone.visitor.fetch(`${path}?${unsigned}`), 'notSigned')
      const [withoutValue = ''] = query(xml).split('&Signature=')
      await refused(someone, someone.visitor.fetch(`${path}?${withoutValue}`), 'notSigned')
      const SAMLRequest = Buffer.from(xml).toString('base64')
      await refused(someone, someone.visitor.post(path, { SAMLRequest }), 'notSigned')
    })

    it('a signature by another key, or over other octets', async () => {
      const someone = await signedIn()
      const xml = requestFor(someone.session)
      const stranger = await makeIdpKey({ now: Date.now() })
      const foreign = signedQuery(xml, stranger)
      await refused(someone, someone.visitor.fetch(`${path}?${foreign}`), 'signatureInvalid')
      const SAMLRequest = signedPost(xml, stranger)
      await refused(someone, someone.visitor.post(path, { SAMLRequest }), 'signingKeyUnknown')
      for (const changed of [
        query(xml, { relayState: 'a' }).replace('RelayState=a', 'RelayState=b'),
        query(xml).replace('&SigAlg', '&RelayState=added&SigAlg'),
        query(xml).replace('http%3A', 'http%3a'),
      ]) {
        await refused(someone, someone.visitor.fetch(`${path}?${changed}`), 'signatureInvalid')
      }
    })

    describe('a mix of parameters', () => {
      const mixes: [what: string, (good: string, evil: string) => string][] = [
        ['an encoded name beside the plain one', (good, evil) => `${good}&SAML%52equest=${evil}`],
        ['the encoded name in front', (good, evil) => `SAML%52equest=${evil}&${good}`],
        ['the parameter twice', (good, evil) => `${good}&SAMLRequest=${evil}`],
        ['the name in other letters', (good, evil) => `${good}&samlrequest=${evil}`],
        ['a response beside the request', (good, evil) => `${good}&SAMLResponse=${evil}`],
        ['two signatures', (good) => `${good}&Signature=AAAA`],
        ['two algorithms', (good) => `${good}&SigAlg=x`],
        ['a name with a plus', (good, evil) => `${good}&SAML+Request=${evil}`],
        ['very many parameters', (good) => `${good}${'&a=b'.repeat(20)}`],
      ]
      for (const [what, mix] of mixes) {
        it(what, async () => {
          const someone = await signedIn()
          const good = query(requestFor(someone.session))
          const evil = encodeURIComponent(deflateRawSync('<x/>').toString('base64'))
          const answer = someone.visitor.fetch(`${path}?${mix(good, evil)}`)
          await refused(someone, answer, 'logoutMalformed')
        })
      }

      it('a form with both messages, or one twice', async () => {
        const someone = await signedIn()
        const message = signedPost(requestFor(someone.session), deployment.idp.key)
        for (const fields of [
          [
            ['SAMLRequest', message],
            ['SAMLRequest', message],
          ],
          [
            ['SAMLRequest', message],
            ['SAMLResponse', message],
          ],
        ] as [string, string][][]) {
          await refused(someone, someone.visitor.post(path, fields), 'logoutMalformed')
        }
      })
    })

    const markup: [what: string, nameId: (right: string) => string, reason: string][] = [
      ['a processing instruction', (right) => `${right}<?x?>.evil`, 'forbiddenMarkup'],
      ['a comment', (right) => `${right}<!---->.evil`, 'forbiddenMarkup'],
      ['an element', (right) => `${right}<b/>`, 'logoutMalformed'],
    ]
    for (const [what, nameId, reason] of markup) {
      it(`${what} in the NameID`, async () => {
        const someone = await signedIn()
        const xml = requestFor(someone.session, { nameId: nameId(someone.session.nameId ?? '') })
        await refused(someone, someone.visitor.fetch(`${path}?${query(xml)}`), reason)
      })
    }

    it('two NameIDs', async () => {
      const someone = await signedIn()
      const further = `<a:NameID>${someone.session.nameId}</a:NameID>`
      const xml = requestFor(someone.session, { further })
      await refused(someone, someone.visitor.fetch(`${path}?${query(xml)}`), 'logoutMalformed')
    })

    it('a signature that covers another element, and one wrapped away', async () => {
      const someone = await signedIn()
      const xml = requestFor(someone.session)
      const signed = Buffer.from(signedPost(xml, deployment.idp.key), 'base64').toString()
      const signature = /<ds:Signature.*<\/ds:Signature>/s.exec(signed)?.[0] ?? ''
      const evil = xml.replace(/ ID="[^"]+"/, ' ID="evil"')
      const issuerEnd = '</a:Issuer>'
      const post = (text: string) =>
        someone.visitor.post(path, { SAMLRequest: Buffer.from(text).toString('base64') })
      // The signature of the honest one, in a request with another ID.
      await refused(
        someone,
        post(evil.replace(issuerEnd, issuerEnd + signature)),
        'signaturePlacement',
      )
      // The honest one whole, inside the evil one.
      const wrapping = `<p:Extensions>${signed}</p:Extensions>`
      await refused(
        someone,
        post(evil.replace(issuerEnd, issuerEnd + wrapping)),
        'signaturePlacement',
      )
      // Changed after it was signed.
      await refused(
        someone,
        post(signed.replace('</p:SessionIndex>', 'x</p:SessionIndex>')),
        'digestMismatch',
      )
    })

    it('a deflate bomb', async () => {
      const someone = await signedIn()
      // As much as fits into the address that node takes: 16 KiB of headers.
      const small = deflateRawSync(Buffer.alloc(8 * 1024 * 1024)).toString('base64')
      expect(small.length).to.be.below(12_000)
      const fields = `SAMLRequest=${encodeURIComponent(small)}&SigAlg=x&Signature=AAAA`
      await refused(someone, someone.visitor.fetch(`${path}?${fields}`), 'messageTooLarge')
    })

    for (const [what, more, reason] of [
      ['no Destination', { destination: null }, 'destinationMismatch'],
      ['another Destination', { destination: 'https://other.example/slo' }, 'destinationMismatch'],
      ['an unknown Issuer', { issuer: 'http://www.okta.com/unknown' }, 'issuerNotFederated'],
    ] as const) {
      it(`a message with ${what}`, async () => {
        const someone = await signedIn()
        const xml = requestFor(someone.session, more)
        await refused(someone, someone.visitor.fetch(`${path}?${query(xml)}`), reason)
      })
    }

    it('a message of another time', async () => {
      const someone = await signedIn()
      const { at } = deployment.clock
      for (const more of [
        { at: at - minutes(8) },
        { at: at + minutes(3) },
        { notOnOrAfter: at - minutes(3) },
      ]) {
        const xml = requestFor(someone.session, more)
        await refused(someone, someone.visitor.fetch(`${path}?${query(xml)}`), 'assertionExpired')
      }
    })

    it('a request in the field of a response, and what is neither', async () => {
      const someone = await signedIn()
      const asResponse = query(requestFor(someone.session), { field: 'SAMLResponse' })
      await refused(someone, someone.visitor.fetch(`${path}?${asResponse}`), 'logoutMalformed')
      const neither = requestFor(someone.session).replaceAll('LogoutRequest', 'AuthnRequest')
      await refused(someone, someone.visitor.fetch(`${path}?${query(neither)}`), 'logoutMalformed')
      await refused(someone, someone.visitor.fetch(path), 'logoutMalformed')
    })

    it('anything at the ACS: it takes POST only, and never signs out', async () => {
      const someone = await signedIn()
      const { visitor, session } = someone
      const acs = `/${deployment.tenant.id}/saml2`
      const got = await visitor.fetch(`${acs}?${query(requestFor(session))}`)
      expect([got.status, got.aadsts]).to.deep.equal([405, 900561])
      const SAMLRequest = signedPost(requestFor(session), deployment.idp.key)
      expect((await visitor.post(acs, { SAMLRequest })).aadsts).to.equal(750054)
      const posted = await visitor.post(acs, { SAMLResponse: SAMLRequest })
      expect(posted.status).to.equal(400)
      expect(await visitor.signedInAs()).to.equal(upn)
    })
  })
})
