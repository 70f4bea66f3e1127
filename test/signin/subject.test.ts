import { expect } from 'chai'
import { attributes, authnStatement, nameId } from '../../src/signin/checks/subject.ts'
import { fails, federation, passes } from '../support/circumstances.ts'
import {
  aliceAnchor,
  attribute,
  nameIdWith,
  persistent,
  statementWith,
  unspecified,
  verified,
  verifiedResponse,
} from '../support/verified.ts'

describe('check authnStatement', () => {
  const stating = (...authnStatements: ReturnType<typeof statementWith>[]) => ({
    verified: verifiedResponse({ authnStatements }),
  })

  it('passes one statement, and tells its AuthnContextClassRef', async () => {
    expect((await passes(authnStatement)).actual).to.match(/:PasswordProtectedTransport$/)
    const without = await passes(authnStatement, stating(statementWith({ classRef: null })))
    expect(without.actual).to.equal('one, without AuthnContextClassRef')
  })

  it('refuses none, several, and one without AuthnInstant: authnStatementMissing', async () => {
    for (const [found, actual] of [
      [stating(), 'none'],
      [stating(statementWith(), statementWith()), '2'],
      [stating(statementWith({ authnInstant: null })), 'none'],
    ] as const) {
      const refusal = await fails(authnStatement, found)
      expect(refusal.reason).to.equal('authnStatementMissing')
      expect(refusal.actual).to.equal(actual)
    }
  })
})

describe('check attributes', () => {
  const sending = (...sent: ReturnType<typeof attribute>[]) => ({
    verified: verifiedResponse({ attributes: sent }),
  })

  it('passes none and several, and lists their names but no value', async () => {
    expect((await passes(attributes, sending())).actual).to.equal('none')
    const passed = await passes(
      attributes,
      sending(attribute('email', 'a@b.example'), attribute('x')),
    )
    expect(passed.actual).to.equal('email, x')
  })

  it('refuses a name twice, whatever stands between: attributeMalformed', async () => {
    const found = sending(attribute('email', 'a'), attribute('x'), attribute('email', 'b'))
    const refusal = await fails(attributes, found)
    expect(refusal.reason).to.equal('attributeMalformed')
    expect(refusal.actual).to.equal("'email' twice")
  })

  it('refuses an attribute without Name: attributeMalformed', async () => {
    const refusal = await fails(attributes, sending(attribute('', 'x')))
    expect(refusal.reason).to.equal('attributeMalformed')
    expect(refusal.actual).to.equal('an attribute without Name')
  })

  it('takes names that an object would trip over, and tells case apart', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'Email', 'email']
    const passed = await passes(attributes, sending(...names.map((name) => attribute(name, 'x'))))
    expect(passed.actual).to.equal(names.join(', '))
  })
})

describe('check nameId', () => {
  const sending = (value: string, more: Parameters<typeof nameIdWith>[0] = {}) => ({
    verified: verifiedResponse({ nameId: nameIdWith({ value: verified(value), ...more }) }),
  })

  it('hands on the verified value and shows the format only', async () => {
    const passed = await passes(nameId)
    expect(passed.found).to.deep.equal({ nameId: aliceAnchor })
    expect(passed.actual).to.equal(persistent)
    expect(`${passed.expected}${passed.hint}`).to.not.contain(aliceAnchor)
  })

  it('takes a missing Format as unspecified (SAML core 2.2.2)', async () => {
    expect((await passes(nameId, sending('x', { format: null }))).actual).to.equal(unspecified)
    const strict = { federation: { ...federation, nameIdFormats: [persistent] } }
    const refusal = await fails(nameId, { ...sending('x', { format: null }), ...strict })
    expect(refusal.reason).to.equal('nameIdFormatNotAllowed')
  })

  it('refuses a format that is not in the federation’s list: nameIdFormatNotAllowed', async () => {
    const format = verified('urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress')
    const refusal = await fails(nameId, sending('x', { format }))
    expect(refusal.reason).to.equal('nameIdFormatNotAllowed')
    expect(refusal).to.include({ expected: `${persistent} or ${unspecified}`, actual: format })
    const listed = { federation: { ...federation, nameIdFormats: [format] } }
    expect((await passes(nameId, { ...sending('x', { format }), ...listed })).actual).to.equal(
      format,
    )
  })

  it('refuses none, two, and an empty one: nameIdMissing', async () => {
    const none = { verified: verifiedResponse({ nameId: null, identifierCount: 0 }) }
    const two = { verified: verifiedResponse({ identifierCount: 2 }) }
    for (const [found, actual] of [
      [none, 'none'],
      [two, '2 elements that could be one'],
      [sending(''), 'an empty NameID'],
    ] as const) {
      const refusal = await fails(nameId, found)
      expect(refusal.reason).to.equal('nameIdMissing')
      expect(refusal.actual).to.equal(actual)
    }
  })

  it('refuses elements inside the NameID: nameIdMalformed', async () => {
    const refusal = await fails(nameId, sending('x', { hasChildren: true }))
    expect(refusal.reason).to.equal('nameIdMalformed')
    expect(refusal.actual).to.equal('elements inside the NameID')
  })

  it('refuses more than 256 characters: nameIdMalformed', async () => {
    await passes(nameId, sending('x'.repeat(256)))
    const refusal = await fails(nameId, sending('x'.repeat(257)))
    expect(refusal.reason).to.equal('nameIdMalformed')
    expect(refusal.actual).to.equal('257 characters, more than 256')
  })

  for (const [what, value] of [
    ['a space before it', ' x'],
    ['a space after it', 'x '],
    ['a line break after it', 'x\n'],
    ['a no-break space after it', 'x\u00A0'],
    ['nothing but white space', '   '],
  ] as const) {
    it(`refuses ${what}: nameIdMalformed`, async () => {
      const refusal = await fails(nameId, sending(value))
      expect(refusal.reason).to.equal('nameIdMalformed')
      expect(refusal.actual).to.equal('white space around the value')
    })
  }

  for (const [code, value, position] of [
    ['U+0009', 'a\tb', 2],
    ['U+0085', 'a\u0085b', 2],
    ['U+200B', 'ab\u200Bc', 3],
    ['U+202E', 'a\u202Eb', 2],
    ['U+00AD', 'a\u00ADb', 2],
    ['U+2028', 'a\u2028b', 2],
    ['U+2029', 'a\u2029b', 2],
    ['U+E0061', 'a\u{E0061}b', 2],
  ] as const) {
    it(`refuses the invisible ${code} and says where: nameIdMalformed`, async () => {
      const refusal = await fails(nameId, sending(value))
      expect(refusal.reason).to.equal('nameIdMalformed')
      expect(refusal.actual).to.equal(`the character ${code} at position ${position}`)
    })
  }

  it('refuses what is not in normalization form C: nameIdMalformed', async () => {
    await passes(nameId, sending('\u00C5ngstr\u00F6m'))
    const refusal = await fails(nameId, sending('A\u030Angstro\u0308m'))
    expect(refusal.reason).to.equal('nameIdMalformed')
    expect(refusal.actual).to.contain('normalization form C')
  })

  it('leaves white space inside to the look-up, which then misses', async () => {
    expect((await passes(nameId, sending('a b'))).found?.nameId).to.equal('a b')
  })
})
