import { expect } from 'chai'
import { audienceHint, issuerHint, urlHint } from '../../src/signin/checks/hints.ts'
import { acs } from '../support/verified.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
describe('hints, to the letter', () => {
  it('see white space on either side', () => {
    expect(issuerHint('urn:a', ' urn:a')).to.contain('white space')
    expect(audienceHint(['urn:a'], 'urn:a ')).to.contain('white space')
  })

  it('take for Okta apps whole Okta issuers only, of any length', () => {
    const other = 'http://www.okta.com/exk2345'
    expect(issuerHint('http://www.okta.com/exk1234', other)).to.contain('Both are Okta apps')
    expect(issuerHint('urn:http://www.okta.com/exk1234', other)).to.equal(undefined)
    expect(issuerHint('http://www.okta.com/exk1234/sso', other)).to.equal(undefined)
  })

  it('take for ACS URLs whole URLs only, of either scheme', () => {
    for (const scheme of ['http', 'https'])
      expect(audienceHint([`${scheme}://sp.example/t/saml2`], 'urn:a')).to.contain(
        'It is an ACS URL',
      )
    for (const audience of ['urn:https://sp.example/t/saml2', 'https://sp.example/saml2/metadata'])
      expect(audienceHint([audience], 'urn:a')).to.equal(undefined)
    expect(urlHint('https://login.example.test/t/saml2/more', [acs])).to.contain('not an ACS URL')
  })

  it('compare without the scheme, which stands at the start or is missing', () => {
    expect(audienceHint(['sp.example'], 'https://sp.example')).to.contain('http and https')
    expect(audienceHint(['urn:https://a'], 'urn:a')).to.equal(undefined)
  })
})
