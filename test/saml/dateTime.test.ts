import { expect } from 'chai'
import fc from 'fast-check'
import { parseDateTime } from '../../src/saml/dateTime.ts'

describe('saml dateTime', () => {
  it('takes nothing but the ten digits where a digit must stand', () => {
    const sound = '2026-01-15T09:30:00.5Z'
    for (let at = 0; at < sound.length; at += 1) {
      if (!/\d/.test(sound[at] ?? '')) continue
      for (const other of ['/', ':', 'A', ' ', '٣']) {
        const changed = sound.slice(0, at) + other + sound.slice(at + 1)
        expect(parseDateTime(changed), changed).to.equal(null)
      }
    }
  })

  const good: [string, string][] = [
    ['2026-01-15T09:30:00Z', '2026-01-15T09:30:00.000Z'],
    ['2026-01-15T09:30:00.1Z', '2026-01-15T09:30:00.100Z'],
    ['2026-01-15T09:30:00.123Z', '2026-01-15T09:30:00.123Z'],
    ['2026-01-15T09:30:00.1239999Z', '2026-01-15T09:30:00.123Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ]
  for (const [text, instant] of good)
    it(`takes ${text}`, () => {
      expect(new Date(parseDateTime(text) ?? Number.NaN).toISOString()).to.equal(instant)
    })

  const bad = [
    '',
    '2026-01-15T09:30:00',
    '2026-01-15T09:30:00z',
    '2026-01-15T09:30:00+00:00',
    '2026-01-15T09:30:00+01:00',
    '2026-01-15 09:30:00Z',
    '2026-01-15T09:30Z',
    '2026-01-15Z',
    '2026-01-15T09:30:00.Z',
    '2026-01-15T09:30:00,5Z',
    '2026-01-15T09:30:00.1234567890123Z',
    '2026-01-15T09:30:00.12a4567Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-15T24:00:00Z',
    '2026-01-15T09:60:00Z',
    '2026-01-15T09:30:60Z',
    '12026-01-15T09:30:00Z',
    '-2026-01-15T09:30:00Z',
    ' 2026-01-15T09:30:00Z',
    '2026-01-15T09:30:00Z ',
    '2026-01-15T09:30:00ZZ',
    'Jan 1 2100',
    '2100',
    '２０２６-01-15T09:30:00Z',
  ]
  for (const text of bad)
    it(`refuses "${text}"`, () => {
      expect(parseDateTime(text)).to.equal(null)
    })

  it('agrees with the standard library on every instant of four-digit years', () => {
    const min = new Date('0001-01-01T00:00:00Z')
    const max = new Date('9999-12-31T23:59:59.999Z')
    fc.assert(
      fc.property(fc.date({ min, max, noInvalidDate: true }), (date) => {
        expect(parseDateTime(date.toISOString())).to.equal(date.getTime())
      }),
    )
  })
})
