import { expect } from 'chai'
import * as pages from '../../src/web/pages.ts'
import * as passwordPages from '../../src/web/passwordPages.ts'
import { tags, texts } from './html.ts'
import * as samples from './samples.ts'

const links = (html: string) => tags(html, 'a').map((attributes) => attributes.get('href'))
const inputs = (html: string) => tags(html, 'input')

describe('the e-mail page', () => {
  it('posts one field, username, to /signin', () => {
    const html = pages.emailPage(samples.email)
    expect(Object.fromEntries(tags(html, 'form')[0] ?? [])).to.include({
      method: 'post',
      action: '/signin',
    })
    expect(inputs(html)).to.have.length(1)
    expect(Object.fromEntries(inputs(html)[0] ?? [])).to.include({
      id: 'username',
      name: 'username',
      type: 'text',
      inputmode: 'email',
      autocomplete: 'username',
      autocapitalize: 'none',
      spellcheck: 'false',
      maxlength: '254',
    })
    expect(html).to.include('<label for="username">')
    expect(html).not.to.include('role="alert"')
    expect(html).to.include('Customer Inc.')
  })

  it('says at the field what is wrong with the address, and keeps it', () => {
    const html = pages.emailPage(samples.emailProblem)
    const field = inputs(html).find((input) => input.get('name') === 'username')
    expect(field?.get('value')).to.equal('alice@custmer.com')
    expect(field?.get('aria-invalid')).to.equal('true')
    expect(field?.get('aria-describedby')).to.equal('problem')
    expect(html).to.match(/role="alert">\s*<p id="problem">/)
    expect(texts(html, 'p').join('\n')).to.include('This server does not know the domain')
    expect(texts(html, 'p').join('\n')).to.include("the domain 'custmer.com' is not set up")
    expect(links(html)).to.deep.equal(['/error?code=50059'])
    expect(texts(html, 'title')[0]).to.match(/^Error: This server does not know/)
  })

  it('needs no code to say what is wrong', () => {
    const problem = { headline: 'Type an address.', advice: 'Its form is name@domain.' }
    const html = pages.emailPage({ ...samples.email, problem })
    expect(html).to.include('Type an address.')
    expect(links(html)).to.deep.equal([])
  })

  it('takes hidden fields along', () => {
    const hidden = inputs(pages.emailPage(samples.emailProblem)).find(
      (input) => input.get('type') === 'hidden',
    )
    expect([hidden?.get('name'), hidden?.get('value')]).to.deep.equal(['returnTo', '/me'])
  })

  it('lists the people of the demo as links that work without a script, and only in the demo', () => {
    const html = pages.emailPage(samples.emailDemo)
    expect(links(html)).to.include('/signin?login_hint=alice%40customer.com')
    expect(html).to.include('his account is disabled (AADSTS50057)')
    expect(tags(html, 'script')).to.have.length(1)
    expect(pages.emailPage(samples.email)).not.to.match(/demo|<script/i)
  })
})

describe('the password page', () => {
  it('posts the name and the password, and what goes along, to this server', () => {
    const html = passwordPages.passwordPage(samples.password)
    expect(tags(html, 'form')[0]?.get('action')).to.equal('/signin/password')
    expect(inputs(html).map((input) => [input.get('name'), input.get('type')])).to.deep.equal([
      ['username', 'hidden'],
      ['return_to', 'hidden'],
      ['password', 'password'],
    ])
    expect(inputs(html)[2]?.get('autocomplete')).to.equal('current-password')
    expect(links(html)).to.deep.equal(['/signin'])
  })

  it('says what went wrong once, as an alert that the field points to', () => {
    const html = passwordPages.passwordPage(samples.passwordProblem)
    expect(html.match(/role="alert"/g)).to.have.length(1)
    expect(inputs(html).at(-1)?.get('aria-describedby')).to.equal('problem')
    expect(html).to.include('AADSTS50126: ')
    expect(texts(html, 'title')[0]).to.match(/^Error: /)
  })
})

describe('the pages of a second factor', () => {
  it('draw the QR code as a path of ours, and show the key in groups of four', () => {
    const html = passwordPages.enrolPage(samples.enrol)
    expect(html).to.match(/<svg class="qr" viewBox="0 0 (\d+) \1"/)
    expect(html).to.match(/<path class="ink" d="(M\d+ \d+h1v1h-1z)+"\/>/)
    expect(html).to.include('JBSW Y3DP EHPK 3PXP')
    expect(html).not.to.include('<img')
  })

  it('show each recovery code, and the way on', () => {
    const html = passwordPages.recoveryCodesPage(samples.recoveryCodes)
    expect(texts(html, 'code')).to.deep.equal(samples.recoveryCodes.codes)
    expect(links(html)).to.deep.equal(['/me'])
  })
})

describe('the page that sends to the identity provider', () => {
  it('posts the given fields in order, with a button for browsers without scripts', () => {
    const html = pages.sendToIdpPage(samples.send)
    expect(Object.fromEntries(tags(html, 'form')[0] ?? [])).to.include({
      method: 'post',
      action: samples.send.action,
    })
    expect(inputs(html).map((input) => [input.get('name'), input.get('value')])).to.deep.equal(
      samples.send.fields,
    )
    expect(texts(html, 'button')).to.deep.equal(['Continue'])
    expect(html).to.include('role="status"').and.include('Taking you to your organization’s')
  })

  it('offers a new request, or another address, to one who came back', () => {
    expect(links(pages.sendToIdpPage(samples.send))).to.deep.equal([
      '/signin',
      '/signin?login_hint=alice%40customer.com',
    ])
    expect(links(pages.sendToIdpPage({ ...samples.send, email: null }))).to.deep.equal([
      '/signin',
      '/signin?domain_hint=customer.com',
    ])
    const againUrl = '/9f3c/oauth2/v2.0/authorize?client_id=a&state=b'
    expect(links(pages.sendToIdpPage({ ...samples.send, againUrl }))[1]).to.equal(againUrl)
  })
})

describe('the page of the one who is signed in', () => {
  const html = pages.mePage(samples.me)

  it('names the person, the tenant, the identity provider, and the end of the session', () => {
    const values = texts(html, 'dd')
    expect(html).to.include('Alice Adams')
    expect(values).to.include.members([
      samples.me.userId,
      samples.me.tenantId,
      'Customer Okta',
      samples.me.nameId,
      '2026-01-15 21:30:00 UTC',
      samples.me.requestId,
    ])
    expect(texts(html, 'title')[0]).to.equal('Signed in as alice@customer.com · homerealm')
  })

  it('shows every value of every claim', () => {
    expect(texts(html, 'th')).to.include.members(['IDPEmail', 'groups'])
    expect(texts(html, 'td')).to.deep.equal([
      'alice@customer.com',
      'alice@customer.com',
      'Everyone Engineering Berlin',
    ])
  })

  it('lists the checks in order, each with its result, what was expected and what was found', () => {
    const rows = texts(html, 'li')
    expect(rows).to.have.length(4)
    expect(rows[0]).to.match(/^passed issuer expected ?http:\S+ actual ?http:\S+$/)
    expect(rows[2]).to.match(
      /^failed audience audienceMismatch expected ?urn:\S+ actual ?https.* hint ?Set/,
    )
    expect(rows[3]).to.match(/^skipped idpEmail hint ?The federation/)
    expect(html).to.include('4 checks: 2 passed, 1 failed, 1 skipped.')
  })

  it('signs out by POST', () => {
    expect(Object.fromEntries(tags(html, 'form')[0] ?? [])).to.include({
      method: 'post',
      action: '/signout',
    })
  })

  it('leaves out what the assertion did not carry', () => {
    const bare = pages.mePage({
      ...samples.me,
      sessionIndex: null,
      nameIdFormat: null,
      authnContext: null,
      claims: [],
      trace: null,
    })
    expect(texts(bare, 'dt')).not.to.include.members(['SessionIndex'])
    expect(tags(bare, 'table')).to.deep.equal([])
    expect(bare).to.include('carried no attributes').and.include('is not kept any more')
  })
})

describe('the page of a refusal', () => {
  const html = pages.refusedPage(samples.refused)

  it('begins as people know it, then says what happened and what to do', () => {
    expect(texts(html, 'h1')).to.deep.equal(['Sorry, but we’re having trouble signing you in.'])
    expect(html.indexOf(samples.refused.happened)).to.be.greaterThan(html.indexOf('</h1>'))
    expect(html.indexOf(samples.refused.personCan)).to.be.greaterThan(
      html.indexOf(samples.refused.happened),
    )
    expect(html).to.match(/role="alert">\s*<p class="happened">/)
  })

  it('gives Request Id, Correlation Id, Timestamp and Message, in this order', () => {
    const { requestId, correlationId, message } = samples.refused
    expect(texts(html, 'dt')).to.deep.equal([
      'Request Id',
      'Correlation Id',
      'Timestamp',
      'Message',
    ])
    expect(texts(html, 'dd')).to.deep.equal([
      requestId,
      correlationId,
      '2026-01-15T09:30:00Z',
      message,
    ])
  })

  it('hides the copy button until a script can serve it', () => {
    expect(tags(html, 'button')[0]?.has('hidden')).to.equal(true)
  })

  it('leads to the start, and to the explanation of its code if it has one', () => {
    expect(links(html)).to.deep.equal(['/signin', '/error?code=51004'])
    expect(links(pages.refusedPage({ ...samples.refused, code: null }))).to.deep.equal(['/signin'])
  })

  it('says who is still signed in, only if someone is', () => {
    const still = pages.refusedPage({ ...samples.refused, signedInAs: 'erin@customer.com' })
    expect(texts(still, 'p').join('\n')).to.include('You are still signed in as erin@customer.com.')
    expect(links(still)).to.include('/me')
    expect(html).not.to.include('still signed in')
  })

  it('takes another heading, for a fault that is no sign-in', () => {
    const other = pages.refusedPage({
      ...samples.refused,
      heading: 'Something broke here.',
      code: null,
    })
    expect(texts(other, 'h1')).to.deep.equal(['Something broke here.'])
    expect(texts(other, 'title')).to.deep.equal(['Something broke here. · homerealm'])
  })
})
