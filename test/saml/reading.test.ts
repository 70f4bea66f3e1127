import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import type { VerifiedResponse } from '../../src/saml/types.ts'
import {
  acs,
  aliceId,
  attribute,
  issuer,
  makeSigner,
  oktaAssertion,
  oktaResponse,
  type ResponseParts,
  type Signer,
  sign,
  signedResponse,
} from './sign.ts'
import { accept, change, trustIn } from './support.ts'

describe('saml verifyResponse: what is read', () => {
  let okta: Signer
  const read = (parts: ResponseParts = {}) => accept(signedResponse(okta, parts), trustIn(okta))
  /** Reads an assertion after a change that was made before it was signed. */
  const readChanged = (from: string | RegExp, to: string) =>
    accept(sign(change(oktaResponse(), from, to), 'Response', okta), trustIn(okta)).assertion

  before(async () => {
    okta = await makeSigner('okta')
  })

  it('is the assertion of an Okta-shaped response, whole', () => {
    expect(read().assertion).to.deep.equal({
      id: 'id2002',
      version: '2.0',
      issuer,
      issueInstant: { text: '2026-01-15T09:29:58.123Z', at: Date.UTC(2026, 0, 15, 9, 29, 58, 123) },
      subjectCount: 1,
      identifierCount: 1,
      nameId: {
        value: aliceId,
        format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        nameQualifier: null,
        spNameQualifier: null,
        hasChildren: false,
      },
      subjectConfirmations: [
        {
          method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer',
          recipient: acs,
          inResponseTo: '_1f0e',
          notBefore: null,
          notOnOrAfter: {
            text: '2026-01-15T09:34:58.123Z',
            at: Date.UTC(2026, 0, 15, 9, 34, 58, 123),
          },
        },
      ],
      conditionsCount: 1,
      conditions: {
        notBefore: {
          text: '2026-01-15T09:24:58.123Z',
          at: Date.UTC(2026, 0, 15, 9, 24, 58, 123),
        },
        notOnOrAfter: {
          text: '2026-01-15T09:34:58.123Z',
          at: Date.UTC(2026, 0, 15, 9, 34, 58, 123),
        },
        audienceRestrictions: [['urn:federation:MicrosoftOnline']],
        oneTimeUse: false,
        unknown: [],
      },
      authnStatements: [
        {
          authnInstant: { text: '2026-01-15T09:20:11.000Z', at: Date.UTC(2026, 0, 15, 9, 20, 11) },
          sessionIndex: '_1f0e',
          sessionNotOnOrAfter: null,
          classRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
        },
      ],
      attributes: [
        ['IDPEmail', 'alice@customer.com'],
        ['firstName', 'Alice'],
        ['lastName', 'Ångström'],
        ['email', 'alice@customer.com'],
        ['groups', 'Everyone', 'Finance & Control'],
      ].map(([name, ...values]) => ({
        name,
        nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified',
        values,
      })),
    })
  })

  it('is the Response’s own attributes and status, when it is signed', () => {
    expect(read().envelope).to.deep.equal({
      id: 'id1001',
      version: '2.0',
      issuer,
      issueInstant: { text: '2026-01-15T09:29:58.123Z', at: Date.UTC(2026, 0, 15, 9, 29, 58, 123) },
      destination: acs,
      inResponseTo: '_1f0e',
      statusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
    })
  })

  it('keeps each AudienceRestriction apart, with its audiences', () => {
    const { conditions } = readChanged(
      '</saml2:AudienceRestriction>',
      '<saml2:Audience>urn:b</saml2:Audience></saml2:AudienceRestriction><saml2:AudienceRestriction/>',
    )
    expect(conditions?.audienceRestrictions).to.deep.equal([
      ['urn:federation:MicrosoftOnline', 'urn:b'],
      [],
    ])
  })

  it('tells known conditions from unknown ones, by namespace too', () => {
    const { conditions } = readChanged(
      '</saml2:Conditions>',
      '<saml2:OneTimeUse/><saml2:ProxyRestriction/><saml2:Condition/><x:OneTimeUse xmlns:x="urn:x"/></saml2:Conditions>',
    )
    expect(conditions?.oneTimeUse).to.equal(true)
    expect(conditions?.unknown).to.deep.equal(['saml2:Condition', 'x:OneTimeUse'])
  })

  it('takes none of two Issuers, and no time that is none', () => {
    const issuers = readChanged('<saml2:Subject ', '<saml2:Issuer>x</saml2:Issuer><saml2:Subject ')
    expect(issuers.issuer).to.equal(null)
    const { issueInstant } = readChanged(
      /(?<=<saml2:Assertion [^>]*)IssueInstant="[^"]*"/,
      'IssueInstant="Jan 1 2100"',
    )
    expect(issueInstant).to.deep.equal({ text: 'Jan 1 2100', at: null })
  })

  it('says what is missing by counts and nulls', () => {
    const empty = oktaAssertion().replace(/(?<=<\/saml2:Issuer>).*(?=<\/saml2:Assertion>)/s, '')
    const assertion = readChanged(/<saml2:Assertion .*<\/saml2:Assertion>/s, empty)
    expect(assertion).to.deep.include({
      subjectCount: 0,
      identifierCount: 0,
      nameId: null,
      subjectConfirmations: [],
      conditionsCount: 0,
      conditions: null,
      authnStatements: [],
      attributes: [],
    })
  })

  it('reads long values and every plane of Unicode', () => {
    const long = `${'日本語'.repeat(2000)}😀`
    const { attributes } = read({ attributes: attribute('long', long, '') }).assertion
    expect(attributes[0]?.values).to.deep.equal([long, ''])
  })

  it('takes a Response whose PrefixList names a prefix that stands on the Response only', () => {
    const inner = change(oktaResponse(), / xmlns:xs="[^"]*"(?=><saml2:Issuer Format)/, '')
    const xml = sign(sign(inner, 'Assertion', okta), 'Response', okta, { inclusivePrefixes: [] })
    expect(accept(xml, trustIn(okta)).assertion.nameId?.value).to.equal(aliceId)
  })

  it('keeps no document in memory', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const spacious = change(
      oktaResponse(),
      '<saml2p:Status ',
      `${' '.repeat(200_000)}<saml2p:Status `,
    )
    const padded = sign(spacious, 'Response', okta)
    const kept: VerifiedResponse['assertion'][] = []
    collect()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 100; i++) kept.push(accept(padded, trustIn(okta)).assertion)
    collect()
    const grown = process.memoryUsage().heapUsed - before
    expect(kept).to.have.length(100)
    expect(grown).to.be.lessThan(4_000_000) // the documents alone are 20 million bytes
  })
})
