import { expect } from 'chai'
import { Refusal } from '../../src/aadsts/reasons.ts'
import { seconds } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { sealer } from '../../src/lib/seal.ts'
import { matchTotp, newTotpSecret, totpUri } from '../../src/signin/totp/codes.ts'
import { newRecoveryCodes, recoveryFingerprint } from '../../src/signin/totp/recovery.ts'
import {
  checkCode,
  disableTotp,
  enableTotp,
  proposeTotp,
  readTotpSecret,
} from '../../src/signin/totp/secondFactor.ts'
import { memoryCredentials } from '../../src/storage/memory/credentials.ts'
import { codeAt } from '../support/authenticator.ts'
import { now } from '../support/verified.ts'

/** RFC 6238 appendix B: the ASCII secret 12345678901234567890 in base32, and its SHA-1 codes, last six digits. */
const rfcSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const rfcCodes: [atSeconds: number, code: string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
]

describe('TOTP codes', () => {
  it('are those of RFC 6238 appendix B', () => {
    for (const [at, code] of rfcCodes) {
      const step = matchTotp(rfcSecret, code, { now: seconds(at), lastStep: null })
      expect(step, code).to.equal(Math.floor(at / 30))
    }
  })

  it('are good one step early or late, and no more', () => {
    const code = codeAt(rfcSecret, now)
    const match = (shift: number) =>
      matchTotp(rfcSecret, code, { now: now + seconds(shift), lastStep: null })
    const step = now / 30_000
    expect([match(-30), match(0), match(30)]).to.deep.equal([step, step, step])
    expect([match(-31), match(60)]).to.deep.equal([null, null])
  })

  it('are never good twice, nor is an older one after a newer', () => {
    const lastStep = now / 30_000
    for (const at of [now, now - seconds(30)]) {
      expect(matchTotp(rfcSecret, codeAt(rfcSecret, at), { now, lastStep })).to.equal(null)
    }
    const next = codeAt(rfcSecret, now + seconds(30))
    expect(matchTotp(rfcSecret, next, { now, lastStep })).to.equal(lastStep + 1)
  })

  it('may be typed with spaces, and are digits only', () => {
    const code = codeAt(rfcSecret, now)
    const match = (typed: string) => matchTotp(rfcSecret, typed, { now, lastStep: null })
    expect(match(`${code.slice(0, 3)} ${code.slice(3)}`)).to.be.a('number')
    for (const typed of ['', code.slice(1), `${code}0`, `+${code}`, '٠٠٠٠٠٠', `${code}e0`]) {
      expect(match(typed), typed).to.equal(null)
    }
  })

  it('come from a secret of 160 bits, in an address that every authenticator reads', () => {
    const secret = newTotpSecret(systemRandom)
    expect(secret).to.match(/^[A-Z2-7]{32}$/)
    const uri = new URL(totpUri(secret, 'max@managed.example', 'Customer Inc.'))
    expect(uri.href).to.match(/^otpauth:\/\/totp\/Customer%20Inc\.:max%40managed\.example\?/)
    expect(Object.fromEntries(uri.searchParams)).to.include({ secret, issuer: 'Customer Inc.' })
  })
})

describe('recovery codes', () => {
  it('are ten different ones, and read however they are typed', () => {
    const codes = newRecoveryCodes(systemRandom)
    expect(new Set(codes).size).to.equal(10)
    for (const code of codes) {
      expect(code).to.match(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/)
      const kept = recoveryFingerprint('user', code)
      for (const typed of [code.toUpperCase(), code.replaceAll('-', ''), ` ${code} `]) {
        expect(recoveryFingerprint('user', typed)).to.equal(kept)
      }
      expect(recoveryFingerprint('user', code.replaceAll('0', 'O').replaceAll('1', 'l'))).to.equal(
        kept,
      )
      expect(recoveryFingerprint('other', code)).not.to.equal(kept)
    }
  })

  it('a text that can be none has no fingerprint', () => {
    for (const typed of [
      '',
      '123456',
      'uuuu-uuuu-uuuu-uuuu',
      '7k2m-x9qa-0c4h-jv3',
      'ſ'.repeat(16),
    ]) {
      expect(recoveryFingerprint('user', typed), typed).to.equal(null)
    }
  })
})

describe('the second factor of a user', () => {
  const origin = { address: '192.0.2.1', familiarBrowser: null }
  const fresh = () => {
    const parts = {
      ...memoryCredentials().stores,
      sealer: sealer(systemRandom(32), 'test', systemRandom),
      random: systemRandom,
    }
    return parts
  }
  const refusal = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    )
    return error instanceof Refusal ? error.reason : error
  }
  async function enrolled() {
    const parts = fresh()
    const sealed = proposeTotp('max', parts)
    const secret = readTotpSecret(sealed, 'max', parts)
    const codes = await enableTotp({ userId: 'max', sealed, code: codeAt(secret, now) }, now, parts)
    return { parts, secret, codes }
  }

  it('begins with a right code of the new secret, and not with a wrong one', async () => {
    const parts = fresh()
    const sealed = proposeTotp('max', parts)
    const wrong = enableTotp({ userId: 'max', sealed, code: '000000' }, now, parts)
    expect(await refusal(wrong)).to.equal('codeWrong')
    expect(await parts.credentials.credentials('max')).to.equal(null)
  })

  it('its secret and its recovery codes are not to be read in the store', async () => {
    const { parts, secret, codes } = await enrolled()
    const stored = JSON.stringify(await parts.credentials.credentials('max'))
    expect(stored).not.to.include(secret)
    for (const code of codes) expect(stored).not.to.include(code)
  })

  it('the code that enrolled it does not sign in as well', async () => {
    const { parts, secret } = await enrolled()
    expect(await refusal(checkCode('max', codeAt(secret, now), origin, now, parts))).to.equal(
      'codeWrong',
    )
    const next = now + seconds(30)
    expect(await checkCode('max', codeAt(secret, next), origin, next, parts)).to.equal('totp')
  })

  it('of fifty that send one code at once, one comes through', async () => {
    const { parts, secret } = await enrolled()
    const at = now + seconds(60)
    // Fewer than the lock-out, which would refuse the others first.
    const outcomes = await Promise.allSettled(
      Array.from({ length: 9 }, () => checkCode('max', codeAt(secret, at), origin, at, parts)),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1)
  })

  it('a recovery code is good once', async () => {
    const { parts, codes } = await enrolled()
    const [code = ''] = codes
    expect(await checkCode('max', code, origin, now, parts)).to.equal('recoveryCode')
    expect(await refusal(checkCode('max', code, origin, now, parts))).to.equal('codeWrong')
    expect((await parts.credentials.credentials('max'))?.recoveryCodes).to.have.length(9)
  })

  it('locks after ten wrong codes, and the right one is refused then, too', async () => {
    const { parts, secret } = await enrolled()
    const at = now + seconds(60)
    for (let n = 0; n < 10; n++) {
      expect(await refusal(checkCode('max', '12345', origin, at, parts))).to.equal('codeWrong')
    }
    expect(await refusal(checkCode('max', codeAt(secret, at), origin, at, parts))).to.equal(
      'accountLocked',
    )
  })

  it('whoever knows the password and guesses codes does not lock the owner’s browser out', async () => {
    const { parts, secret } = await enrolled()
    const at = now + seconds(60)
    for (let n = 0; n < 200; n++) {
      const elsewhere = { address: `address ${n}`, familiarBrowser: null }
      await refusal(checkCode('max', '12345', elsewhere, at, parts))
    }
    const code = codeAt(secret, at)
    expect(await refusal(checkCode('max', code, origin, at, parts))).to.equal('accountLocked')
    const own = { ...origin, familiarBrowser: 'own' }
    expect(await checkCode('max', code, own, at, parts)).to.equal('totp')
  })

  it('an enrolment does not replace one that was made meanwhile, and forgets who was familiar', async () => {
    const { parts, codes } = await enrolled()
    const before = await parts.credentials.credentials('max')
    const sealed = proposeTotp('max', parts)
    const code = codeAt(readTotpSecret(sealed, 'max', parts), now)
    const late = enableTotp({ userId: 'max', sealed, code }, now, parts)
    expect(await refusal(late)).to.equal('requestExpired')
    expect(await parts.credentials.credentials('max')).to.deep.equal(before)
    await parts.familiarBrowsers.rememberBrowser('max', 'thief', now + seconds(900))
    await enableTotp({ userId: 'max', sealed, code: null }, now, parts)
    expect(await parts.familiarBrowsers.isFamiliar('max', 'thief', now)).to.equal(false)
    expect(await refusal(checkCode('max', codes[0] ?? '', origin, now, parts))).to.equal(
      'codeWrong',
    )
  })

  it('is gone when it is disabled', async () => {
    const { parts, secret, codes } = await enrolled()
    await disableTotp('max', parts)
    const at = now + seconds(60)
    for (const code of [codeAt(secret, at), codes[0] ?? '']) {
      expect(await refusal(checkCode('max', code, origin, at, parts))).to.equal('codeWrong')
    }
  })
})

describe('a sealer', () => {
  it('opens what it sealed, for the same context and purpose only', () => {
    const key = systemRandom(32)
    const one = sealer(key, 'a', systemRandom)
    const sealed = one.seal('secret', 'max')
    expect(one.open(sealed, 'max')).to.equal('secret')
    expect(sealer(key, 'a', systemRandom).open(sealed, 'max')).to.equal('secret')
    expect(() => one.open(sealed, 'mia')).to.throw()
    expect(() => sealer(key, 'b', systemRandom).open(sealed, 'max')).to.throw()
    expect(() => sealer(systemRandom(32), 'a', systemRandom).open(sealed, 'max')).to.throw()
    for (const broken of ['', '1.', sealed.slice(0, -2), sealed.slice(2), `${sealed}AAAA`]) {
      expect(() => one.open(broken, 'max'), broken).to.throw()
    }
  })
})
