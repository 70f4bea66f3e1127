import { expect } from 'chai'
import fc from 'fast-check'
import { asset, assetCacheControl, assets } from '../../src/web/assets.ts'
import { contentSecurityPolicy, formActionTo } from '../../src/web/headers.ts'
import * as pages from '../../src/web/pages.ts'
import { recoveryCodesPage } from '../../src/web/passwordPages.ts'
import { safeUrl } from '../../src/web/url.ts'
import * as samples from './samples.ts'

describe('content security policy', () => {
  const directives = new Map(
    contentSecurityPolicy({ formAction: ["'self'", 'https://customer.okta.com:8443'] })
      .split('; ')
      .map((directive) => {
        const [name = '', ...values] = directive.split(' ')
        return [name, values.join(' ')]
      }),
  )

  it('loads scripts, styles and pictures from this server only, and nothing else', () => {
    expect(directives.get('default-src')).to.equal("'none'")
    for (const name of ['script-src', 'style-src', 'img-src']) {
      expect(directives.get(name), name).to.equal("'self'")
    }
  })

  it('lets nobody frame the page or move its base, and no script make HTML from text', () => {
    expect(directives.get('frame-ancestors')).to.equal("'none'")
    expect(directives.get('base-uri')).to.equal("'none'")
    expect(directives.get('require-trusted-types-for')).to.equal("'script'")
    expect(directives.get('trusted-types')).to.equal("'none'")
  })

  it('names the form targets that were given', () => {
    expect(directives.get('form-action')).to.equal("'self' https://customer.okta.com:8443")
  })

  for (const source of [
    "'self'; script-src *",
    'https://okta.example,',
    'https://okta.example/path',
    "'unsafe-inline'",
    '*',
    'javascript:',
    '',
    'https://a\r\nSet-Cookie: b=c',
  ]) {
    it(`refuses ${JSON.stringify(source)} as a form target`, () => {
      expect(() => contentSecurityPolicy({ formAction: [source] })).to.throw(
        TypeError,
        'formAction',
      )
    })
  }

  it('refuses an empty list, which would mean none without saying so', () => {
    expect(() => contentSecurityPolicy({ formAction: [] })).to.throw(TypeError, 'name a target')
  })

  it('opens the form to the scheme of the identity provider, so that it may redirect', () => {
    expect(formActionTo('https://customer.okta.com/app/x/sso/saml')).to.deep.equal(['https:'])
    expect(formActionTo('http://127.0.0.1:3001/sso')).to.deep.equal(['http:'])
    expect(() => formActionTo('javascript:alert(1)')).to.throw(TypeError, 'http(s)')
  })
})

describe('addresses in pages', () => {
  const bad = [
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    '//evil.example/',
    '/\\evil.example/',
    '\\\\evil.example',
    '/\t/evil.example',
    'https:evil.example',
    'https:///evil.example',
    'ftp://evil.example/',
    'signin',
    '?x',
    '',
    'https://',
  ]
  for (const address of bad) {
    it(`refuses ${JSON.stringify(address)} wherever a page takes an address`, () => {
      const makers: [string, () => string][] = [
        ['action', () => pages.sendToIdpPage({ ...samples.send, action: address })],
        ['againUrl', () => pages.sendToIdpPage({ ...samples.send, againUrl: address })],
        ['startUrl', () => pages.sendToIdpPage({ ...samples.send, startUrl: address })],
        ['continueUrl', () => recoveryCodesPage({ codes: [], continueUrl: address })],
        ['startUrl', () => pages.refusedPage({ ...samples.refused, startUrl: address })],
        ['startUrl', () => pages.signedOutPage({ ...samples.signedOut, startUrl: address })],
        ['continueUrl', () => pages.signedOutPage({ ...samples.signedOut, continueUrl: address })],
      ]
      for (const [field, make] of makers) expect(make, field).to.throw(TypeError, `${field}: `)
    })
  }

  it('takes paths of this server and http(s) URLs as they are', () => {
    for (const address of [
      '/',
      '/signin?login_hint=a%40b',
      'https://x.example/a?b#c',
      'http://[::1]:3001/',
    ]) {
      expect(safeUrl('startUrl', address)).to.equal(address)
    }
  })

  it('wants the form to the identity provider to name its target in full', () => {
    expect(() => pages.sendToIdpPage({ ...samples.send, action: '/sso' })).to.throw(
      TypeError,
      'action: "/sso" is not an http(s) URL',
    )
  })

  it('resolves to http(s) in every browser, for whatever it lets through', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string().map((tail) => `/${tail}`),
          fc.string(),
        ),
        (address) => {
          let accepted: string
          try {
            accepted = safeUrl('startUrl', address)
          } catch (error) {
            expect(error).to.be.instanceOf(TypeError)
            return
          }
          const resolved = new URL(accepted, 'https://here.example/folder/')
          expect(resolved.protocol).to.match(/^https?:$/)
          if (accepted.startsWith('/')) expect(resolved.host).to.equal('here.example')
        },
      ),
    )
  })
})

describe('assets', () => {
  it('are the stylesheet, the favicon and four scripts, each with its type', () => {
    const types = [...assets].map(([name, { contentType }]) => `${name} ${contentType}`).sort()
    expect(types).to.deep.equal([
      'copy.js text/javascript; charset=utf-8',
      'demo.js text/javascript; charset=utf-8',
      'favicon.svg image/svg+xml',
      'go.js text/javascript; charset=utf-8',
      'leave.js text/javascript; charset=utf-8',
      'style.css text/css; charset=utf-8',
    ])
  })

  it('may be kept for ever under the link with their own hash, and under no other', () => {
    const style = asset('style.css')
    expect(style.url).to.equal(`/assets/style.css?v=${style.hash}`)
    expect(style.etag).to.equal(`"${style.hash}"`)
    expect(assetCacheControl(style, style.hash)).to.include('immutable')
    expect(assetCacheControl(style, 'older')).to.equal('no-cache')
    expect(assetCacheControl(style, undefined)).to.equal('no-cache')
  })

  it('load nothing from elsewhere', () => {
    for (const [name, { body }] of assets) {
      const text = body.toString('utf8').replaceAll('http://www.w3.org/2000/svg', '')
      expect(text, name).not.to.match(/https?:|url\(|@import|import\s|fetch\(/)
    }
  })

  it('are asked for by their names only', () => {
    expect(() => asset('../pages.ts')).to.throw(Error, 'is missing')
    expect(assets.get('constructor')).to.equal(undefined)
  })
})
