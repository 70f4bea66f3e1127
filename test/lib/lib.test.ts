import { expect } from 'chai'
import fc from 'fast-check'
import { hours, isoMillis, isoSeconds, minutes, seconds, spanInWords } from '../../src/lib/clock.ts'
import { ascendingGuids, isGuid, newGuid, newHandle, systemRandom } from '../../src/lib/ids.ts'
import { equalSecrets, fingerprint } from '../../src/lib/secrets.ts'

describe('times', () => {
  const at = Date.UTC(2026, 0, 15, 9, 30, 7, 89)

  it('are written in UTC, to the second for people and to the millisecond for SAML', () => {
    expect(isoSeconds(at)).to.equal('2026-01-15T09:30:07Z')
    expect(isoMillis(at)).to.equal('2026-01-15T09:30:07.089Z')
  })

  it('are cut to the second, never rounded up into the future', () => {
    expect(isoSeconds(Date.UTC(2026, 11, 31, 23, 59, 59, 999))).to.equal('2026-12-31T23:59:59Z')
  })

  it('are counted in milliseconds', () => {
    expect([seconds(2), minutes(2), hours(2)]).to.deep.equal([2000, 120_000, 7_200_000])
  })

  it('are said in the two largest units that matter', () => {
    for (const [span, words] of [
      [0, '0 s'],
      [499, '0 s'],
      [500, '1 s'],
      [59_400, '59 s'],
      [seconds(60), '1 min'],
      [seconds(90), '1 min 30 s'],
      [hours(1), '1 h'],
      [hours(1) + seconds(5), '1 h 5 s'],
      [hours(24), '1 d'],
      [hours(49) + minutes(30), '2 d 1 h'],
    ] as const) {
      expect(spanInWords(span)).to.equal(words)
      expect(spanInWords(-span)).to.equal(words)
    }
  })
})

describe('ids', () => {
  it('newGuid has the version and variant bits of version 4, whatever the randomness', () => {
    const always = (byte: number) => (count: number) => Buffer.alloc(count, byte)
    expect(newGuid(always(0))).to.equal('00000000-0000-4000-8000-000000000000')
    expect(newGuid(always(255))).to.equal('ffffffff-ffff-4fff-bfff-ffffffffffff')
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const guid = newGuid(() => Buffer.from(bytes))
        return isGuid(guid) && guid[14] === '4' && '89ab'.includes(guid[19] ?? '')
      }),
    )
  })

  it('ascendingGuids are GUIDs of version 4, each greater than the one before, all over the range', () => {
    for (const count of [1, 2, 1000]) {
      const next = ascendingGuids(systemRandom, count)
      const guids = Array.from({ length: count }, next)
      expect(guids).to.deep.equal([...new Set(guids)].toSorted())
      for (const guid of guids)
        expect(guid).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/)
      expect(isGuid(guids[0] ?? '')).to.equal(true)
      expect(next).to.throw(RangeError)
    }
    const [least, most] = [0, 255].map((byte) => ascendingGuids((n) => Buffer.alloc(n, byte), 2))
    expect([least?.(), least?.()].map((guid) => guid?.slice(0, 8))).to.deep.equal([
      '00000000',
      '80000000',
    ])
    expect([most?.(), most?.()].map((guid) => guid?.slice(0, 8))).to.deep.equal([
      '7fffffff',
      'ffffffff',
    ])
  })

  it('newHandle is 32 bytes of the randomness as base64url', () => {
    const asked: number[] = []
    const handle = newHandle((count) => {
      asked.push(count)
      return Buffer.alloc(count, 0xfb)
    })
    expect(asked).to.deep.equal([32])
    expect(handle).to.match(/^[A-Za-z0-9_-]{43}$/)
    expect(Buffer.from(handle, 'base64url')).to.deep.equal(Buffer.alloc(32, 0xfb))
    expect(newHandle(systemRandom)).to.not.equal(newHandle(systemRandom))
  })

  it('isGuid takes the usual form in any case, and nothing around it', () => {
    const guid = '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11'
    expect(isGuid(guid)).to.equal(true)
    expect(isGuid(guid.toUpperCase())).to.equal(true)
    for (const text of [
      `{${guid}}`,
      ` ${guid}`,
      `${guid}\n`,
      guid.replaceAll('-', ''),
      guid.slice(1),
      guid.replace('9', 'g'),
      '',
    ]) {
      expect(isGuid(text), text).to.equal(false)
    }
  })
})

describe('secrets', () => {
  it('equalSecrets is true for equal texts only, of any length', () => {
    expect(equalSecrets('secret', 'secret')).to.equal(true)
    expect(equalSecrets('', '')).to.equal(true)
    for (const other of ['Secret', 'secre', 'secrets', '', 'secret\0']) {
      expect(equalSecrets('secret', other), other).to.equal(false)
    }
  })

  it('fingerprint is SHA-256 in base64url', () => {
    // FIPS 180-4, the example of "abc".
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(Buffer.from(fingerprint('abc'), 'base64url').toString('hex')).to.equal(digest)
    expect(fingerprint('abc')).to.match(/^[A-Za-z0-9_-]{43}$/)
  })
})
