import { deflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { authnRequest, field, post, posted, redirected, startSite } from './site.ts'

describe('an AuthnRequest to the demo Okta', () => {
  let site: Awaited<ReturnType<typeof startSite>>
  before(async () => {
    site = await startSite()
  })
  after(() => site.close())

  /** Posts it, and gives the page's status and text. */
  async function answerTo(fields: Record<string, string> | [string, string][], query = '') {
    const answer = await post(site.ssoUrl + query, fields)
    return { status: answer.status, html: await answer.text() }
  }
  async function expectRefused(
    answer: Promise<{ status: number; html: string }>,
    why: string,
    code = 400,
  ): Promise<void> {
    const { status, html } = await answer
    expect(html).to.contain(why)
    expect(status).to.equal(code)
    expect(field(html, 'state')).to.equal(null)
  }
  const asked = (xml: string | Buffer) => answerTo({ SAMLRequest: posted(xml) })

  it('may be signed; the signature is not looked at', async () => {
    const signed = authnRequest().replace(
      '<samlp:NameIDPolicy',
      '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/><samlp:NameIDPolicy',
    )
    expect((await asked(signed)).status).to.equal(200)
  })

  const broken: [string, string | Buffer, string][] = [
    ['is not well-formed', authnRequest().slice(0, -5), 'not well-formed'],
    ['has text after its root', `${authnRequest()}text`, 'not well-formed'],
    ['is empty', ' ', 'not well-formed'],
    ['has an undefined entity', authnRequest('X="&nbsp;"'), 'not well-formed'],
    ['has a DOCTYPE', `<!DOCTYPE x [<!ENTITY e "e">]>${authnRequest()}`, 'DOCTYPE'],
    ['is not UTF-8', Buffer.from(authnRequest('X="é"'), 'latin1'), 'not UTF-8'],
    [
      'is another message',
      authnRequest().replaceAll('AuthnRequest', 'LogoutRequest'),
      'AuthnRequest',
    ],
    [
      'is of another namespace',
      authnRequest().replace('2.0:protocol', '1.0:protocol'),
      'AuthnRequest',
    ],
    ['is of another version', authnRequest().replace('Version="2.0"', 'Version="1.1"'), 'version'],
    ['has no ID', authnRequest().replace(/ ID="[^"]*"/, ''), 'no proper ID'],
    ['has an ID that is no NCName', authnRequest().replace(' ID="_', ' ID="&lt;'), 'no proper ID'],
    [
      'is meant for another address',
      authnRequest('Destination="https://x.example/"'),
      'Destination',
    ],
    ['is too large', authnRequest(`X="${'x'.repeat(65 * 1024)}"`), 'larger than 65536 bytes'],
  ]
  for (const [how, xml, why] of broken) {
    it(`is refused when it ${how}`, () => expectRefused(asked(xml), why))
  }

  it('is refused when the field is missing, doubled, or no base64', async () => {
    await expectRefused(answerTo({ RelayState: 'x' }), 'no field SAMLRequest')
    const twice: [string, string] = ['SAMLRequest', posted(authnRequest())]
    await expectRefused(answerTo([twice, twice]), 'SAMLRequest was sent more than once')
    await expectRefused(answerTo({ SAMLRequest: '<xml/>' }), 'not base64')
    await expectRefused(answerTo({ SAMLRequest: 'YWJj!' }), 'not base64')
  })

  it('is refused with a RelayState without end, or doubled', async () => {
    const SAMLRequest = posted(authnRequest())
    await expectRefused(answerTo({ SAMLRequest, RelayState: 'x'.repeat(3000) }), 'RelayState')
    const state: [string, string] = ['RelayState', 'x']
    await expectRefused(answerTo([['SAMLRequest', SAMLRequest], state, state]), 'RelayState')
  })

  it('is refused when its body is beyond all measure', () =>
    expectRefused(answerTo({ SAMLRequest: 'A'.repeat(300 * 1024) }), 'too large', 413))

  it('is refused by Redirect when it unpacks to more than 64 KiB, before it is unpacked', async () => {
    const bomb = deflateRawSync(Buffer.alloc(8 * 1024 * 1024, 'A')).toString('base64')
    expect(bomb.length).to.be.below(12_000)
    const answer = await fetch(`${site.ssoUrl}?${new URLSearchParams({ SAMLRequest: bomb })}`)
    expect(answer.status).to.equal(400)
    expect(await answer.text()).to.contain('larger than 65536 bytes when unpacked')
  })

  it('is refused by Redirect when it is not deflated, or said to be encoded otherwise', async () => {
    const ask = async (parameters: Record<string, string>) => {
      const answer = await fetch(`${site.ssoUrl}?${new URLSearchParams(parameters)}`)
      return { status: answer.status, html: await answer.text() }
    }
    await expectRefused(ask({ SAMLRequest: posted(authnRequest()) }), 'cannot be unpacked')
    const SAMLRequest = redirected(authnRequest())
    await expectRefused(ask({ SAMLRequest, SAMLEncoding: 'urn:x' }), 'SAMLEncoding')
  })

  it('is signed in to without a filled-in name when the hint is odd', async () => {
    const request = { SAMLRequest: posted(authnRequest()) }
    for (const query of ['?username=a&username=b', `?username=${'x'.repeat(300)}`, '?username=']) {
      const { status, html } = await answerTo(request, query)
      expect(status).to.equal(200)
      expect(field(html, 'username')).to.equal('')
    }
  })

  it('is served at the address of the app only, by GET and POST only', async () => {
    const elsewhere = site.ssoUrl.replace('exkdemo1', 'exkother')
    expect((await post(elsewhere, { SAMLRequest: posted(authnRequest()) })).status).to.equal(404)
    expect((await fetch(site.ssoUrl, { method: 'PUT' })).status).to.equal(404)
  })
})
