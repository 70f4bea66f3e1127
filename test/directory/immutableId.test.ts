import { expect } from 'chai'
import fc from 'fast-check'
import { anchorOfGuid } from '../../src/directory/anchorForms.ts'
import { checkImmutableId, immutableIdWarnings } from '../../src/directory/immutableId.ts'

const anchor = 'q2w3ERT5+UmuwOppLkjHgA=='
const guid = fc.uuid()

describe('checkImmutableId', () => {
  it('allows base64, GUID text, numbers and e-mail addresses', () => {
    for (const text of [anchor, '2f6b0c5e-0a5b-4f0c-9a52-0c6f3f6f2b11', '00123', 'a@b.com']) {
      expect(checkImmutableId(text), text).to.equal(null)
    }
  })

  it('allows 64 characters and no more', () => {
    expect(checkImmutableId('A'.repeat(64))).to.equal(null)
    expect(checkImmutableId('A'.repeat(65))).to.equal('has 65 characters; 64 are the most')
  })

  for (const [property, text, words] of [
    ['an empty text', '', 'is empty'],
    ['a space before it', ` ${anchor}`, 'begins with white space'],
    ['a space after it', `${anchor} `, 'ends with white space'],
    ['a line break after it', `${anchor}\n`, 'ends with white space'],
    ['a no-break space after it', `${anchor}\u00A0`, 'ends with white space'],
    ['a byte order mark before it', `\uFEFF${anchor}`, 'byte order mark'],
    ['a space inside', 'q2w3 ERT5', 'white space at character 5'],
    ['a dollar sign', 'q2w$ERT5', 'the character $ at character 4'],
    ['an underscore', 'q2w3_RT5', 'the character _ at character 5'],
    ['a zero-width space', 'q2w3\u200BRT5', 'U+200B at character 5'],
    ['a NUL', 'q2w3\0RT5', 'U+0000 at character 5'],
    ['a letter with an accent', 'q2w3éRT5', 'U+00E9 at character 5'],
    ['an emoji, counted as one character', 'q😀', 'U+1F600 at character 2'],
  ] as const) {
    it(`names the fault of ${property}`, () => {
      expect(checkImmutableId(text)).to.contain(words)
    })
  }

  it('allows printable ASCII without $ and _ of 1 to 64 characters, and nothing else', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 70 }),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.base64String({ maxLength: 70 }),
    )
    fc.assert(
      fc.property(text, (value) => {
        const isAllowed = /^[!-#%-^`-~]{1,64}$/.test(value)
        expect(checkImmutableId(value) === null).to.equal(isAllowed)
      }),
    )
  })
})

describe('immutableIdWarnings', () => {
  const looks = (text: string) => immutableIdWarnings(text).map(({ looksLike }) => looksLike)
  const instead = (text: string) => immutableIdWarnings(text)[0]?.instead

  it('says nothing about the base64 of a GUID, unless by chance all its letters are of one case', () => {
    fc.assert(
      fc.property(guid, (value) => {
        const text = anchorOfGuid(value)
        const mixed = /[a-z]/.test(text) && /[A-Z]/.test(text)
        expect(looks(text)).to.deep.equal(mixed ? [] : ['foldedCase'])
      }),
    )
  })

  it('says nothing about employee numbers and e-mail addresses', () => {
    for (const text of ['00123', '4711', 'E10042', 'alice@customer.com', 'jdoe']) {
      expect(looks(text), text).to.deep.equal([])
    }
  })

  it('sees GUID text, braces or not, and gives the base64 of its bytes in .NET order', () => {
    const text = '00112233-4455-6677-8899-aabbccddeeff'
    const bytes = Buffer.from('33221100554477668899aabbccddeeff', 'hex').toString('base64')
    for (const written of [text, text.toUpperCase(), `{${text}}`]) {
      expect(looks(written), written).to.deep.equal(['guidText'])
      expect(instead(written), written).to.equal(bytes)
    }
  })

  it('sees hexadecimal and gives the base64 of the same bytes', () => {
    const bytes = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
    expect(looks(bytes.toString('hex'))).to.deep.equal(['hex'])
    expect(instead(bytes.toString('hex').toUpperCase())).to.equal(bytes.toString('base64'))
  })

  it('sees base64url, and gives plain base64', () => {
    expect(looks('q2w3ERT5-UmuwOppLkjHgA')).to.deep.equal(['base64url'])
    expect(instead('q2w3ERT5-UmuwOppLkjHgA')).to.equal(anchor)
  })

  it('sees base64 without its padding, and gives it back', () => {
    expect(looks(anchor.slice(0, 22))).to.deep.equal(['unpaddedBase64'])
    expect(instead(anchor.slice(0, 22))).to.equal(anchor)
  })

  it('sees base64 that lost a character at either end', () => {
    expect(looks(anchor.slice(0, 23))).to.deep.equal(['cutBase64'])
    expect(instead(anchor.slice(0, 23))).to.equal(anchor)
    expect(looks(anchor.slice(1))).to.deep.equal(['cutBase64'])
  })

  it('sees a last character that no 16 bytes can give', () => {
    expect(looks('q2w3ERT5+UmuwOppLkjHgB==')).to.deep.equal(['impossibleBase64'])
  })

  it('sees what spreadsheets make of anchors', () => {
    expect(looks('1.23E+15')).to.deep.equal(['scientificNotation'])
    expect(looks('1,23457E+23')).to.deep.equal(['scientificNotation'])
    expect(looks('#NAME?')).to.deep.equal(['spreadsheetError'])
    expect(looks(`'${anchor}`)).to.deep.equal(['quoted'])
    expect(instead(`"${anchor}"`)).to.equal(anchor)
  })

  it('sees base64 in one case, and escaped base64', () => {
    expect(looks(anchor.toUpperCase())).to.deep.equal(['foldedCase'])
    expect(instead('q2w3ERT5.2BUmuwOppLkjHgA==')).to.equal(anchor)
    expect(instead('q2w3ERT5%2BUmuwOppLkjHgA%3d%3D')).to.equal(anchor)
  })

  it('suggests only values that are allowed', () => {
    fc.assert(
      fc.property(fc.oneof(guid, fc.stringMatching(/^['"%.A-Za-z0-9+/=-]{1,64}$/)), (text) => {
        for (const { instead: usual, message } of immutableIdWarnings(text)) {
          if (usual === null) continue
          expect(checkImmutableId(usual)).to.equal(null)
          expect(usual).not.to.equal(text)
          expect(message).to.contain(usual)
        }
      }),
    )
    expect(immutableIdWarnings('"')[0]?.instead).to.equal(null)
  })
})
