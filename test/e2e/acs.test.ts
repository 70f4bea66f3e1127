import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'chai'
import { formLimit } from '../../src/http/formBody.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { asPosted } from '../support/identityProvider.ts'
import type { Answer } from '../support/visitor.ts'

describe('the assertion consumer service over sockets', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  const post = (path: string, body: string | FormData | Uint8Array<ArrayBuffer>, type?: string) =>
    deployment.visitor().fetch(path, {
      method: 'POST',
      body,
      ...(type !== undefined && { headers: { 'content-type': type } }),
    })
  const form = 'application/x-www-form-urlencoded'
  const multipart = new FormData()
  multipart.set('SAMLResponse', 'AAAA')

  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
    it(`${method} is answered with 405, AADSTS900561 and Allow: POST`, async () => {
      for (const path of ['/common/saml2', '/login.srf']) {
        const answer = await deployment.visitor().fetch(path, { method })
        expect(answer.status).to.equal(405)
        expect(answer.aadsts).to.equal(900561)
        expect(answer.headers.get('allow')).to.equal('POST')
      }
    })
  }

  for (const [what, send] of [
    ['an empty form', () => post('/common/saml2', '', form)],
    ['a form without SAMLResponse', () => post('/common/saml2', 'RelayState=x', form)],
    ['an empty SAMLResponse', () => post('/common/saml2', 'SAMLResponse=', form)],
    [
      'two SAMLResponse fields',
      () => post('/common/saml2', 'SAMLResponse=QQ&SAMLResponse=QQ', form),
    ],
    ['a field SAMLResponse[type]', () => post('/common/saml2', 'SAMLResponse[type]=Buffer', form)],
    ['a field SAMLResponse[]', () => post('/common/saml2', 'SAMLResponse[]=QQ', form)],
    ['a field samlresponse', () => post('/common/saml2', 'samlresponse=QQ', form)],
    ['JSON', () => post('/common/saml2', '{"SAMLResponse":"QQ=="}', 'application/json')],
    ['JSON called a form', () => post('/common/saml2', '{"SAMLResponse":"QQ=="}', form)],
    ['multipart', () => post('/common/saml2', multipart)],
    ['text', () => post('/common/saml2', 'SAMLResponse=QQ', 'text/plain')],
    ['no Content-Type', () => post('/common/saml2', new Uint8Array([65, 61]))],
    [
      'SAMLResponse in the query',
      () => post('/common/saml2?SAMLResponse=QQ', 'RelayState=x', form),
    ],
  ] as const satisfies readonly (readonly [string, () => Promise<Answer>])[]) {
    it(`${what} is refused with AADSTS750054`, async () => {
      const answer = await send()
      expect(answer.status).to.equal(400)
      expect(answer.aadsts).to.equal(750054)
      expect(await deployment.reason(answer)).to.equal('samlResponseMissing')
    })
  }

  for (const [what, samlResponse, reason] of [
    ['what is not base64', 'a response?', 'notBase64'],
    ['base64 of what is not UTF-8', Buffer.from([0xff, 0xfe, 0xfd]).toString('base64'), 'notUtf8'],
    ['base64 of what is not XML', asPosted('a response'), 'notWellFormed'],
    ['a document type', asPosted('<!DOCTYPE r [<!ENTITY e "e">]><r>&e;</r>'), 'forbiddenMarkup'],
    ['XML that is no response', asPosted('<r/>'), 'notAResponse'],
    [
      'a depth of a thousand elements',
      asPosted('<r>'.repeat(1000) + '</r>'.repeat(1000)),
      'tooComplex',
    ],
  ] as const) {
    it(`${what} is refused as ${reason}`, async () => {
      const answer = await deployment
        .visitor()
        .post('/common/saml2', { SAMLResponse: samlResponse })
      expect(answer.status).to.equal(400)
      expect(await deployment.reason(answer)).to.equal(reason)
    })
  }

  describe('a body that is too large', () => {
    const limit = () => formLimit(deployment.config.limits.maxBytes)

    it('is refused with AADSTS75005 by its declared length alone, before any of it has come', async () => {
      const head = [
        'POST /common/saml2 HTTP/1.1',
        'Host: localhost',
        `Content-Type: ${form}`,
        `Content-Length: ${limit() + 1}`,
        '\r\n',
      ].join('\r\n')
      expect(await rawAnswer([head])).to.match(/^HTTP\/1\.1 400 [\s\S]*AADSTS75005: /)
    })

    it('is refused with AADSTS75005 when it comes in chunks without a length', async () => {
      const piece = 'A'.repeat(64 * 1024)
      const chunk = `${piece.length.toString(16)}\r\n${piece}\r\n`
      const head = [
        'POST /common/saml2 HTTP/1.1',
        'Host: localhost',
        `Content-Type: ${form}`,
        'Transfer-Encoding: chunked',
        '\r\n',
      ].join('\r\n')
      const pieces = Array.from({ length: Math.ceil(limit() / piece.length) + 1 }, () => chunk)
      expect(await rawAnswer([head, ...pieces])).to.match(/^HTTP\/1\.1 400 [\s\S]*AADSTS75005: /)
    })

    it('leaves the server as it was', async () => {
      const answer = await deployment
        .visitor()
        .post('/common/saml2', { SAMLResponse: 'A'.repeat(2 * limit()) })
      expect(answer.aadsts).to.equal(75005)
      expect(await deployment.reason(answer)).to.equal('messageTooLarge')
      expect((await deployment.signInOverSockets('alice@customer.com')).status).to.equal(303)
    })
  })

  /** Writes to a plain socket and reads the answer until its page has ended; the rest of the request never comes. */
  async function rawAnswer(pieces: readonly string[]): Promise<string> {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(deployment.origin).port) })
    try {
      await once(socket, 'connect')
      let answer = ''
      const whole = new Promise<string>((resolve, reject) => {
        socket.setEncoding('utf8').on('data', (text: string) => {
          answer += text
          if (answer.includes('</html>')) resolve(answer)
        })
        socket.on('close', () => reject(new Error(`closed after: ${answer.slice(0, 200)}`)))
        socket.on('error', reject)
      })
      for (const piece of pieces) socket.write(piece)
      return await whole
    } finally {
      socket.destroy()
    }
  }

  describe('the tenant in the path', () => {
    it('is the GUID in any case, a verified domain, common, organizations, or missing at /login.srf', async () => {
      const paths = [
        `/${deployment.tenant.id}/saml2`,
        `/${deployment.tenant.id.toUpperCase()}/saml2`,
        '/customer.com/saml2',
        '/managed.example/saml2',
        '/common/saml2',
        '/organizations/saml2',
        '/login.srf',
      ]
      for (const path of paths) {
        const visitor = deployment.visitor()
        const response = await visitor.atOkta(
          await visitor.begin('alice@customer.com'),
          'alice@customer.com',
        )
        const answer = await visitor.post(path, { SAMLResponse: response.samlResponse })
        expect(answer.status, path).to.equal(303)
        expect(answer.headers.get('location'), path).to.equal('/me')
      }
    })

    it('that is another is refused with AADSTS90002, and does not use up the request', async () => {
      const visitor = deployment.visitor()
      const response = await visitor.atOkta(
        await visitor.begin('alice@customer.com'),
        'alice@customer.com',
      )
      for (const tenant of [
        'elsewhere.example',
        '00000000-0000-4000-8000-000000000000',
        '%3Cb%3E',
      ]) {
        const answer = await visitor.post(`/${tenant}/saml2`, {
          SAMLResponse: response.samlResponse,
        })
        expect(answer.status).to.equal(404)
        expect(answer.aadsts).to.equal(90002)
        expect(await deployment.reason(answer)).to.equal('tenantNotFound')
        expect(answer.body).not.to.include('<b>')
      }
      expect((await visitor.deliver(response)).status).to.equal(303)
    })
  })

  describe('the metadata', () => {
    it('names entityID and ACS, under each name of the tenant', async () => {
      for (const tenant of [deployment.tenant.id, 'customer.com', 'common']) {
        const answer = await deployment
          .visitor()
          .fetch(`/${tenant}/federationmetadata/saml20/federationmetadata.xml`)
        expect(answer.status).to.equal(200)
        expect(answer.headers.get('content-type')).to.match(/^application\/samlmetadata\+xml/)
        expect(answer.body).to.include('entityID="urn:federation:MicrosoftOnline"')
        expect(answer.body).to.include(`Location="${deployment.acs}"`)
      }
    })

    it('of another tenant is AADSTS90002', async () => {
      const path = '/elsewhere.example/federationmetadata/saml20/federationmetadata.xml'
      const answer = await deployment.visitor().fetch(path)
      expect([answer.status, answer.aadsts]).to.deep.equal([404, 90002])
    })
  })
})
