import { expect } from 'chai'
import { ns } from '../../src/saml/xml/names.ts'
import { placeOf } from '../../src/saml/xml/place.ts'
import { canonicalText, canonicalValue, plainText } from '../../src/saml/xml/text.ts'
import { attributeOf } from '../../src/saml/xml/tree.ts'
import { knownWord } from '../../src/saml/xml/vocabulary.ts'
import { parse } from './resign.ts'
import { expectRefusal } from './support.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
describe('saml/xml values, to the letter', () => {
  it('know no sixth entity, nor one that begins like one of the five or comes after one', () => {
    for (const [known, unknown] of [
      ['&amp;', '&ax;'],
      ['&lt;', '&lx;'],
      ['&gt;', '&gx;'],
      ['&quot;', '&qx;'],
      ['&apos;', '&x;'],
    ] as const)
      for (const before of ['', known, `${known}a`]) {
        parse(`<a b="${before}">${before}</a>`)
        expectRefusal('notWellFormed', () => parse(`<a>${before}${unknown}</a>`))
        expectRefusal('notWellFormed', () => parse(`<a b="${before}${unknown}"/>`))
      }
  })

  it('have one space for each line end in an attribute, and for each tab', () => {
    const value = attributeOf(parse('<a b="1\n\n2\t\n3\r\n4\r\r\n5"/>'), 'b')
    expect(plainText(value ?? '')).to.equal('1  2  3 4  5')
  })

  it('end where their run ends: nothing after it is looked at, nor before it', () => {
    expect(canonicalText('a>', 0, 1)).to.equal('a')
    expect(canonicalText(']]>', 2, 3)).to.equal('&gt;')
    expect(canonicalText(']]>', 1, 3)).to.equal(']&gt;')
    expect(canonicalValue('a"', 0, 1)).to.equal('a')
  })

  it('may hold "]" and ">" in every order but "]]>"', () => {
    for (const text of [']x>', 'x]>', ']>', '>]]', ']]', ']]x>', ']>]'])
      expect(canonicalText(text, 0, text.length)).to.equal(text.replace('>', '&gt;'))
    expectRefusal('notWellFormed', () => parse('<a>]]></a>'))
  })

  it('are told apart by what is wrong: "&" without an end near by begins no reference', () => {
    const { evidence } = expectRefusal('notWellFormed', () => parse('<a>&abcdefghijkl;</a>'))
    expect(evidence.actual).to.equal('"&" that begins no reference at line 1, column 4')
  })
})

describe('saml/xml places, to the letter', () => {
  it('count a line feed to the line that it ends, the first one too', () => {
    expect(placeOf('\nab', 2)).to.equal('line 2, column 2')
    expect(placeOf('ab\ncd', 2)).to.equal('line 1, column 3')
    expect(placeOf('ab\ncd', 3)).to.equal('line 2, column 1')
  })

  it('lie in the document or right after it', () => {
    expect(placeOf('ab', 2)).to.equal('line 1, column 3')
    expect(placeOf('ab', 9)).to.equal('line 1, column 3')
  })
})

describe('saml/xml vocabulary, to the letter', () => {
  const usual = `
    saml2p saml2 ds xs xsi ec xmlns ID Version Value Name Format Destination InResponseTo IssueInstant NameFormat type
    Algorithm URI PrefixList Method NotBefore NotOnOrAfter Recipient AuthnInstant SessionIndex Response Issuer Status
    StatusCode Assertion Signature SignedInfo CanonicalizationMethod SignatureMethod Reference Transforms Transform
    DigestMethod DigestValue SignatureValue KeyInfo X509Data X509Certificate InclusiveNamespaces Subject NameID
    SubjectConfirmation SubjectConfirmationData Conditions AudienceRestriction Audience AuthnStatement AuthnContext
    AuthnContextClassRef AttributeStatement Attribute AttributeValue EncryptedAssertion EncryptedData EncryptedKey
    EncryptionMethod CipherData CipherValue`
    .trim()
    .split(/\s+/)
    .concat(ns.protocol, ns.assertion, ns.signature, ns.encryption, ns.schema, ns.schemaInstance)
  const found = (text: string) => knownWord(Buffer.from(`<${text}=`), 1, 1 + text.length)

  it('has a word for every usual name, wherever in a document it stands', () => {
    for (const word of usual) expect(found(word), word).to.equal(word)
  })

  it('takes no other name for a word, however alike: one letter changed anywhere', () => {
    for (const word of usual)
      for (let at = 0; at < word.length; at++) {
        const other = `${word.slice(0, at)}~${word.slice(at + 1)}`
        expect(found(other), other).to.equal(undefined)
      }
  })

  it('takes no longer name for a word', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._']
    for (const word of usual)
      for (const one of letters)
        for (const two of letters) {
          const longer = word + one + two
          const taken = found(longer)
          if (taken !== undefined && taken !== longer) expect.fail(`${longer} is no ${taken}`)
        }
  })
})
