import { expect } from 'chai'
import { assertion, issuer as issuerCheck, status, trust } from '../../src/signin/checks/message.ts'
import {
  circumstancesOf,
  fails,
  federation,
  otherFederation,
  passes,
  waiting,
} from '../support/circumstances.ts'
import {
  claimed,
  claimedResponse,
  issuer,
  success,
  verified,
  verifiedResponse,
} from '../support/verified.ts'

const claiming = (text: string | null, inResponseTo: string | null = waiting.id) => ({
  claimed: claimedResponse({
    issuer: text === null ? null : claimed(text),
    inResponseTo: inResponseTo === null ? null : claimed(inResponseTo),
  }),
})

describe('check trust: which federation is asked', () => {
  it('takes the federation that the request went to, when the Issuer is its issuerUri', async () => {
    const passed = await passes(trust)
    expect(passed.found).to.deep.equal({ federation })
    expect(passed).to.include({ expected: issuer, actual: issuer })
  })

  it('takes the federation of the Issuer when no request of ours is named', async () => {
    for (const inResponseTo of [null, '', '_another']) {
      const passed = await passes(trust, claiming(otherFederation.issuerUri, inResponseTo))
      expect(passed.found?.federation?.id).to.equal(otherFederation.id)
    }
  })

  it('refuses another federation than the one that was asked: issuerMismatch', async () => {
    const refusal = await fails(trust, claiming(otherFederation.issuerUri))
    expect(refusal.reason).to.equal('issuerMismatch')
    expect(refusal).to.include({ expected: issuer, actual: otherFederation.issuerUri })
    expect(refusal.hint).to.match(/Both are Okta apps, with different ids/)
  })

  it('refuses an Issuer of no federation: issuerNotFederated, with what was asked for', async () => {
    const refusal = await fails(trust, claiming('http://www.okta.com/exkforeign'))
    expect(refusal.reason).to.equal('issuerNotFederated')
    expect(refusal).to.include({ expected: issuer, actual: 'http://www.okta.com/exkforeign' })
  })

  it('refuses a response without Issuer: issuerNotFederated', async () => {
    const refusal = await fails(trust, claiming(null))
    expect(refusal.reason).to.equal('issuerNotFederated')
    expect(refusal.actual).to.equal('no Issuer element')
  })

  it('names the federation whose issuerUri was nearly met by an unsolicited response', async () => {
    for (const [sent, words] of [
      [`${issuer}/`, 'trailing slash'],
      [` ${issuer}\n`, 'white space'],
      ['https://www.okta.com/exk1', 'http and https'],
      ['http://www.okta.com/EXK1', 'upper and lower case'],
    ] as const) {
      const refusal = await fails(trust, claiming(sent, null))
      expect(refusal.reason, sent).to.equal('issuerNotFederated')
      expect(refusal.hint, sent).to.contain(`Did you mean ${issuer}?`).and.contain(words)
    }
  })

  it('finds a near issuerUri that has the slash, the https, which the Issuer lacks', async () => {
    const near = { ...federation, issuerUri: 'https://idp.example/' }
    const world = circumstancesOf({ federations: [near], domains: [], users: [] })
    expect((await fails(trust, claiming('https://idp.example', null), world)).hint).to.contain(
      'Did you mean https://idp.example/?',
    )
    expect((await fails(trust, claiming('http://idp.example/', null), world)).hint).to.contain(
      'Did you mean https://idp.example/?',
    )
  })

  it('speaks of two Okta apps only when both are', async () => {
    const sent = await fails(trust, claiming('urn:x'))
    expect(sent.hint).to.equal(undefined)
    const asked = { ...federation, issuerUri: 'urn:x' }
    const world = circumstancesOf({ federations: [asked, otherFederation] })
    expect((await fails(trust, claiming(issuer), world)).hint).to.equal(undefined)
  })

  it('has no hint when nothing is near', async () => {
    expect((await fails(trust, claiming('urn:x', null))).hint).to.equal(undefined)
  })

  it('refuses a federation that was switched off, asked or not: federationDisabled', async () => {
    const off = { ...federation, isEnabled: false }
    const world = circumstancesOf({ federations: [off, otherFederation] })
    for (const inResponseTo of [waiting.id, null]) {
      const refusal = await fails(trust, claiming(issuer, inResponseTo), world)
      expect(refusal.reason).to.equal('federationDisabled')
      expect(refusal.actual).to.equal(federation.displayName)
    }
  })

  it('goes by the Issuer when the federation that was asked is gone', async () => {
    const world = circumstancesOf({ requests: [{ ...waiting, federationId: 'gone' }] })
    expect((await passes(trust, {}, world)).found?.federation?.id).to.equal(federation.id)
  })
})

describe('check status', () => {
  const saying = (
    code: string | null,
    subCode: string | null = null,
    text: string | null = null,
  ) => ({
    claimed: claimedResponse({
      status: {
        code: code === null ? null : claimed(code),
        subCode: subCode === null ? null : claimed(subCode),
        message: text === null ? null : claimed(text),
      },
    }),
  })

  it('passes Success and nothing else', async () => {
    expect(await passes(status)).to.include({ actual: success })
    for (const code of [null, '', 'Success', success.toLowerCase(), `${success} `]) {
      expect((await fails(status, saying(code))).reason, String(code)).to.equal('statusNotSuccess')
    }
  })

  it('tells all that the identity provider said, its text cut to 200 characters', async () => {
    const responder = 'urn:oasis:names:tc:SAML:2.0:status:Responder'
    const denied = 'urn:oasis:names:tc:SAML:2.0:status:RequestDenied'
    const refusal = await fails(status, saying(responder, denied, 'x'.repeat(300)))
    expect(refusal.expected).to.equal(success)
    expect(refusal.actual).to.equal(`${responder} / ${denied} / "${'x'.repeat(200)}"`)
    expect((await fails(status, saying(null))).actual).to.equal('no StatusCode')
    expect((await fails(status, saying(responder))).actual).to.equal(responder)
  })
})

describe('check assertion', () => {
  it('passes one assertion, encrypted or not', async () => {
    expect((await passes(assertion)).actual).to.equal('one')
    const encrypted = { claimed: claimedResponse({ encrypted: true }) }
    expect((await passes(assertion, encrypted)).actual).to.equal('one, encrypted')
  })

  it('refuses none: assertionMissing', async () => {
    const refusal = await fails(assertion, { claimed: claimedResponse({ assertionCount: 0 }) })
    expect(refusal.reason).to.equal('assertionMissing')
    expect(refusal.actual).to.equal('none')
  })
})

describe('check issuer: what the signed bytes say', () => {
  const signed = (...parts: Parameters<typeof verifiedResponse>) => ({
    verified: verifiedResponse(...parts),
  })

  it('passes the issuerUri in the assertion, and in a signed Response that has an Issuer', async () => {
    for (const envelope of [{}, { issuer: null }, null]) {
      expect((await passes(issuerCheck, signed({}, envelope))).actual).to.equal(issuer)
    }
  })

  it('refuses another Issuer of the assertion, and none: issuerMismatch', async () => {
    const other = await fails(issuerCheck, signed({ issuer: verified(`${issuer}/`) }))
    expect(other.reason).to.equal('issuerMismatch')
    expect(other).to.include({ expected: issuer, actual: `${issuer}/` })
    expect(other.hint).to.contain('trailing slash')
    const none = await fails(issuerCheck, signed({ issuer: null }))
    expect(none.reason).to.equal('issuerMismatch')
    expect(none.actual).to.equal('no Issuer in the signed assertion')
  })

  it('refuses a signed Response with another Issuer: issuerMismatch', async () => {
    const parts = signed({}, { issuer: verified(otherFederation.issuerUri) })
    const refusal = await fails(issuerCheck, parts)
    expect(refusal.reason).to.equal('issuerMismatch')
    expect(refusal.actual).to.equal(otherFederation.issuerUri)
  })

  it('refuses another Version of the assertion, and none: notAResponse', async () => {
    for (const version of [verified('1.1'), verified(''), null]) {
      expect((await fails(issuerCheck, signed({ version }))).reason).to.equal('notAResponse')
    }
  })

  it('refuses a signed status that is no Success: statusNotSuccess', async () => {
    for (const statusCode of [verified('urn:oasis:names:tc:SAML:2.0:status:Responder'), null]) {
      const refusal = await fails(issuerCheck, signed({}, { statusCode }))
      expect(refusal.reason).to.equal('statusNotSuccess')
      expect(refusal.actual).to.equal(statusCode ?? 'none')
    }
  })
})
