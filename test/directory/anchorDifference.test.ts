import { expect } from 'chai'
import fc from 'fast-check'
import {
  classifyDifference,
  differenceClass,
  explainDifference,
} from '../../src/directory/anchorDifference.ts'
import { anchorOfGuid, swapByteOrder } from '../../src/directory/anchorForms.ts'
import {
  anchorTransforms,
  familyOf,
  type Transform,
  transformsInWords,
} from '../../src/directory/anchorTransforms.ts'
import { asciiLowerCase, isEqualButCase } from '../../src/directory/characters.ts'
import { nearMisses } from '../../src/directory/nearMiss.ts'
import { spreadsheetDamage } from '../../src/directory/spreadsheetDamage.ts'

const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => Buffer.from(array))
const guid = 'd8f0b4c6-bf3e-4f7a-a1f8-7fbe3ffb0c1d'
const anchor = anchorOfGuid(guid)
const raw = Buffer.from(anchor, 'base64')

function classOf(one: string, other: string): string | null {
  const difference = classifyDifference(one, other)
  return difference && differenceClass(difference)
}

describe('what a spreadsheet does to an anchor', () => {
  for (const [sound, damaged, transform] of [
    ['00123456', '123456', 'leadingZeros'],
    ['12345678901', '1.23457E+10', 'scientificNotation'],
    ['12345678901', '1,23457E+10', 'scientificNotation'],
    ['10000000000', '1E+10', 'scientificNotation'],
    ['12E7', '1.2E+08', 'scientificNotation'],
    ['1234567890123456789', '1234567890123450000', 'digitsLost'],
    ['+NLWoRgaa025LxvBJglpBg==', '#NAME?', 'spreadsheetError'],
    ['+NLWoRgaa025LxvBJglpBg==', 'NLWoRgaa025LxvBJglpBg==', 'formula'],
    [anchor, `="${anchor}"`, 'formula'],
    [anchor, `"${anchor}"`, 'quotes'],
    [anchor, `'${anchor}`, 'quotes'],
  ] as const) {
    it(`makes ${damaged} of ${sound}, and it is told from either side: ${transform}`, () => {
      for (const [sent, stored] of [
        [damaged, sound],
        [sound, damaged],
      ] as const) {
        expect(classifyDifference(sent, stored)).to.deep.equal({
          kind: 'transforms',
          transforms: [transform],
        })
        expect(classOf(sent, stored)).to.equal('spreadsheet')
        expect(explainDifference(sent, stored)).to.equal(
          `differs in ${anchorTransforms[transform].words}`,
        )
      }
    })
  }

  it('eats one of two = at the end, which is the padding', () => {
    expect(classOf(anchor.slice(0, -1), anchor)).to.equal('padding')
    expect(classOf(anchor, anchor.slice(0, -1))).to.equal('padding')
    expect(nearMisses(anchor.slice(0, -1)).map(({ value }) => value)).to.include(anchor)
  })

  it('is not blamed for numbers that are merely others', () => {
    for (const [sound, damaged] of [
      ['12345678901', '1.23458E+10'],
      ['12345678901', '1.23457E+11'],
      ['1234567890123456789', '1234567890123460000'],
      ['1234567890123456789', '1234567890123456780'],
      ['00123', '1230'],
      ['employee', '#NAME?'],
      ['0', '0E+10'],
      ['9'.repeat(64), `1.${'0'.repeat(40)}E+64`],
    ] as const) {
      expect(spreadsheetDamage(sound, damaged), `${sound} ${damaged}`).to.equal(null)
      expect(classOf(damaged, sound), `${sound} ${damaged}`).to.equal('different')
    }
  })
})

describe('differenceClass', () => {
  for (const [sent, stored, expected] of [
    [anchor.toLowerCase(), anchor, 'case'],
    [` ${anchor}`, anchor, 'whiteSpace'],
    [`\uFEFF${anchor}`, anchor, 'byteOrderMark'],
    [anchor.slice(0, 22), anchor, 'padding'],
    [raw.toString('base64url'), anchor, 'base64url'],
    [raw.toString('hex'), anchor, 'hex'],
    [guid, anchor, 'guidText'],
    [swapByteOrder(raw)?.toString('base64') ?? '', anchor, 'guidByteOrder'],
    [Buffer.from(guid.replaceAll('-', ''), 'hex').toString('base64'), guid, 'guidByteOrder'],
    [anchor.replaceAll('+', '.2B'), anchor, 'plusAsDot2B'],
    [encodeURIComponent(anchor), anchor, 'urlEncoding'],
    [anchor.replaceAll('+', ' '), anchor, 'urlEncoding'],
    ['A'.repeat(65), anchor, 'tooLong'],
    ['employee-1001', 'employee-2002', 'different'],
    [anchor.slice(0, 12), anchor, 'different'],
    // Of two ways in which a pair differs, the one that goes deeper names it.
    [` ${raw.toString('hex')} `, anchor, 'hex'],
    [`\uFEFF${anchor} `, anchor, 'byteOrderMark'],
  ] as const) {
    it(`of ${JSON.stringify(sent)} against ${JSON.stringify(stored)} is ${expected}`, () => {
      expect(classOf(sent, stored)).to.equal(expected)
    })
  }

  it('is the same from either side, but for a value that only the sent one may have', () => {
    fc.assert(
      fc.property(bytes, bytes, (b, c) => {
        const texts = [b, c].flatMap((each) => [
          each.toString('base64'),
          each.toString('hex'),
          each.toString('base64url'),
          ` ${each.toString('base64')}`,
          encodeURIComponent(each.toString('base64')),
        ])
        for (const one of texts) {
          for (const other of texts) expect(classOf(one, other)).to.equal(classOf(other, one))
        }
      }),
    )
  })

  it('counts what the hint at sign-in would name, by the same transforms', () => {
    const sent = fc.oneof(
      bytes.map((b) => b.toString('base64')),
      bytes.map((b) => b.toString('hex')),
      bytes.map((b) => `"${b.toString('base64')}" `),
      bytes.map((b) => encodeURIComponent(b.toString('base64'))),
      fc.stringMatching(/^0{0,3}[0-9]{1,20}$/),
    )
    fc.assert(
      fc.property(sent, (nameId) => {
        for (const { value, transforms } of nearMisses(nameId)) {
          const difference = classifyDifference(nameId, value)
          if (difference?.kind !== 'transforms') throw new Error(`${nameId} ${value}`)
          if (difference.transforms[0] === 'case') continue
          expect(difference.transforms, `${nameId} ${value}`).to.have.lengthOf.at.most(
            transforms.length,
          )
          if (transforms.length === 1) {
            expect(differenceClass(difference)).to.equal(familyOf(difference.transforms))
          }
        }
      }),
    )
  })

  it('looks into nothing that is far too long', () => {
    const long = 'A'.repeat(5_000_000)
    expect(classOf(`${long}=`, anchor)).to.equal('tooLong')
    expect(classOf(anchor, long)).to.equal('different')
  })

  it('has words for every transform', () => {
    const all = Object.keys(anchorTransforms) as Transform[]
    expect(new Set(all.map((each) => transformsInWords([each]))).size).to.equal(all.length)
  })
})

describe('isEqualButCase', () => {
  it('says what asciiLowerCase says, the Kelvin sign and the long s included', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'A', 'k', 'K', '\u212A', 's', '\u017F', '[', '{', '@', '`'),
    })
    fc.assert(
      fc.property(text, text, (one, other) => {
        for (const each of [other, one.toUpperCase(), one.toLowerCase()]) {
          expect(isEqualButCase(one, each)).to.equal(asciiLowerCase(one) === asciiLowerCase(each))
        }
      }),
    )
  })
})
