import { expect } from 'chai'
import { readSignInUri, SignInUriError } from '../../src/saml/signInUri.ts'

describe('the address of an identity provider', () => {
  for (const uri of [
    'https://customer.okta.com/app/x/exk1/sso/saml',
    'https://idp.test:8443/sso?org=1&x=%20',
    'HTTPS://IdP.Test/SSO',
    'https://例え.テスト/sso',
    'http://127.0.0.1:3001/sso',
    'http://localhost:3001/sso',
    'http://[::1]:3001/sso',
  ]) {
    it(`may be ${uri}, and stays as it was given`, () => {
      expect(readSignInUri(uri)).to.equal(uri)
    })
  }

  const refused: [string, RegExp][] = [
    ['http://idp.test/sso', /begins with http:\/\/; expected https/],
    ['http://127.0.0.1.idp.test/sso', /begins with http:/],
    ['http://localhost.idp.test/sso', /begins with http:/],
    ['ftp://127.0.0.1/', /begins with ftp:/],
    ['javascript:alert(1)', /begins with javascript:/],
    ['data:text/html,x', /begins with data:/],
    ['/sso', /is no absolute URI/],
    ['', /is no absolute URI/],
    ['https://', /is no absolute URI/],
    ['https://idp.test/sso#a', /fragment/],
    ['https://idp.test/sso#', /fragment/],
    ['https://okta.com@evil.test/sso', /user name or a password/],
    ['https://:x@evil.test/sso', /user name or a password/],
    [' https://idp.test/sso', /white space/],
    ['https://idp.test/s\nso', /white space/],
    ['https://idp.test/s\u0000so', /white space/],
    [`https://idp.test/${'a'.repeat(2048)}`, /has 2065 characters; expected 2048 at most/],
  ]
  for (const [uri, said] of refused) {
    it(`is refused as ${JSON.stringify(uri.slice(0, 40))}`, () => {
      expect(() => readSignInUri(uri)).to.throw(SignInUriError, said)
    })
  }
})
