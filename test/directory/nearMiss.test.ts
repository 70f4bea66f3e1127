import { expect } from 'chai'
import fc from 'fast-check'
import { classifyDifference, explainDifference } from '../../src/directory/anchorDifference.ts'
import { anchorOfGuid, readAnchorForms, swapByteOrder } from '../../src/directory/anchorForms.ts'
import type { Transform } from '../../src/directory/anchorTransforms.ts'
import { checkImmutableId } from '../../src/directory/immutableId.ts'
import { nearMisses } from '../../src/directory/nearMiss.ts'

const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => Buffer.from(array))

/** A GUID whose anchor has a + and a /, so that every transform changes it. */
const guid = 'd8f0b4c6-bf3e-4f7a-a1f8-7fbe3ffb0c1d'
const anchor = anchorOfGuid(guid)
const raw = Buffer.from(anchor, 'base64')

function transformsTo(stored: string, sent: string): readonly Transform[] | undefined {
  return nearMisses(sent).find(({ value }) => value === stored)?.transforms
}

describe('nearMisses', () => {
  it('starts from an anchor with + and /', () => {
    expect(anchor).to.match(/\+/).and.to.match(/\//)
  })

  for (const [sent, transforms] of [
    [` ${anchor}\n`, ['whiteSpace']],
    [`${anchor.slice(0, 8)}\r\n${anchor.slice(8)}`, ['whiteSpace']],
    [`\uFEFF${anchor}`, ['byteOrderMark']],
    [`ï»¿${anchor}`, ['byteOrderMark']],
    [`'${anchor}`, ['quotes']],
    [`"${anchor}"`, ['quotes']],
    [encodeURIComponent(anchor), ['urlEncoding']],
    [anchor.replaceAll('+', '.2B'), ['plusAsDot2B']],
    [anchor.replaceAll('+', ' '), ['plusAsSpace']],
    [anchor.replace(/=+$/, ''), ['padding']],
    [raw.toString('base64url'), ['base64url']],
    [raw.toString('hex'), ['hex']],
    [raw.toString('hex').toUpperCase(), ['hex']],
    [guid, ['guidText']],
    [`{${guid.toUpperCase()}}`, ['guidText']],
    [swapByteOrder(raw)?.toString('base64') ?? '', ['guidByteOrder']],
    [swapByteOrder(raw)?.toString('hex') ?? '', ['hex', 'guidByteOrder']],
    [` ${raw.toString('hex')}`, ['whiteSpace', 'hex']],
    [`\uFEFF${guid} `, ['byteOrderMark', 'whiteSpace', 'guidText']],
  ] as const) {
    it(`finds the stored anchor from ${JSON.stringify(sent)} by ${transforms.join(' and ')}`, () => {
      expect(transformsTo(anchor, sent)).to.deep.equal(transforms)
    })
  }

  it('finds a stored damaged form from the sound anchor, too', () => {
    expect(transformsTo(guid, anchor)).to.deep.equal(['guidText'])
    expect(transformsTo(raw.toString('hex'), anchor)).to.deep.equal(['hex'])
    expect(transformsTo(anchor.slice(0, 22), anchor)).to.deep.equal(['padding'])
    expect(transformsTo(anchor.replaceAll('+', '.2B'), anchor)).to.deep.equal(['plusAsDot2B'])
    expect(transformsTo(encodeURIComponent(anchor), anchor)).to.deep.equal(['urlEncoding'])
  })

  it('tells GUID text in the byte order of RFC 4122 from that of .NET', () => {
    const bigEndian = Buffer.from(guid.replaceAll('-', ''), 'hex').toString('base64')
    expect(transformsTo(bigEndian, guid)).to.deep.equal(['guidText', 'guidByteOrder'])
    expect(transformsTo(guid.replaceAll('-', ''), guid)).to.deep.equal(['guidText'])
  })

  it('never names the NameID itself, nor a value that no user can have, nor more than 64', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 80 }),
      bytes.map((b) => b.toString('base64')),
      bytes.map((b) => ` ${b.toString('hex')}%20`),
    )
    fc.assert(
      fc.property(text, (nameId) => {
        const candidates = nearMisses(nameId)
        expect(candidates.length).to.be.at.most(64)
        expect(new Set(candidates.map(({ value }) => value)).size).to.equal(candidates.length)
        for (const { value, transforms } of candidates) {
          expect(value).not.to.equal(nameId)
          expect(checkImmutableId(value)).to.equal(null)
          expect(transforms).not.to.deep.equal([])
        }
      }),
    )
  })

  it('finds every form of 16 bytes from every other form', () => {
    const forms = (b: Buffer) => [b.toString('base64'), b.toString('hex'), b.toString('base64url')]
    fc.assert(
      fc.property(bytes, (b) => {
        const stored = forms(b).filter((value) => checkImmutableId(value) === null)
        for (const sent of forms(b)) {
          for (const value of stored) {
            if (value !== sent)
              expect(transformsTo(value, sent), `${sent} ${value}`).to.be.an('array')
          }
        }
      }),
    )
  })

  it('looks at nothing that is too long', () => {
    expect(nearMisses(`${anchor}${' '.repeat(300)}`)).to.deep.equal([])
    expect(nearMisses('A'.repeat(5_000_000))).to.deep.equal([])
  })
})

describe('anchorOfGuid', () => {
  it('has the first three groups little-endian, as Guid.ToByteArray of .NET', () => {
    const text = '00112233-4455-6677-8899-aabbccddeeff'
    const expected = Buffer.from('33221100554477668899aabbccddeeff', 'hex').toString('base64')
    expect(anchorOfGuid(text)).to.equal(expected)
  })

  it('is read back as base64 of bytes whose order turns into the digits of the GUID', () => {
    fc.assert(
      fc.property(fc.uuid(), (text) => {
        const reading = readAnchorForms(anchorOfGuid(text)).find(({ form }) => form === 'base64')
        const digits = reading && swapByteOrder(reading.bytes)?.toString('hex')
        expect(digits).to.equal(text.replaceAll('-', ''))
      }),
    )
  })
})

describe('explainDifference', () => {
  it('says nothing about equal values', () => {
    expect(explainDifference(anchor, anchor)).to.equal(null)
  })

  it('tells case, with the first place', () => {
    expect(explainDifference('q2w3ERT5', 'q2w3eRT5')).to.equal('differs in case at character 5')
    expect(explainDifference(guid.toUpperCase(), guid)).to.equal('differs in case at character 1')
  })

  it('tells a transform and case together', () => {
    const sent = ` ${anchor.toLowerCase()}`
    expect(explainDifference(sent, anchor)).to.equal('differs in white space and case')
  })

  it('tells known transforms by name, in both directions', () => {
    expect(explainDifference(guid, anchor)).to.equal('differs in GUID text against its bytes')
    expect(explainDifference(anchor, guid)).to.equal('differs in GUID text against its bytes')
    expect(explainDifference(anchor.slice(0, 22), anchor)).to.contain('padding')
    expect(explainDifference(anchor.replaceAll('+', '.2B'), anchor)).to.contain('.2B')
  })

  it('tells a cut, and which side is cut', () => {
    const cut = anchor.slice(0, 12)
    expect(explainDifference(cut, anchor)).to.contain('cut after character 12')
    expect(explainDifference(anchor, cut)).to.contain('goes on after character 12')
  })

  it('tells a single wrong character, and else where the difference begins', () => {
    expect(explainDifference('employee-1001', 'employee-1O01')).to.equal(
      'differs in one character, character 11',
    )
    expect(explainDifference('employee-1001', 'employee-2002')).to.equal(
      'differs from character 10 on',
    )
  })

  it('is null for equal values only, and shows nothing of the stored one', () => {
    const value = fc.oneof(
      fc.string({ minLength: 1 }),
      bytes.map((b) => b.toString('base64')),
    )
    fc.assert(
      fc.property(value, bytes, (sent, b) => {
        const stored = b.toString('base64')
        const words = explainDifference(sent, stored)
        expect(words === null).to.equal(sent === stored)
        expect(words ?? '').not.to.contain(stored.slice(0, 6))
        expect(classifyDifference(sent, sent)).to.equal(null)
      }),
    )
  })
})
