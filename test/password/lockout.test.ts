import { expect } from 'chai'
import { hours, minutes } from '../../src/lib/clock.ts'
import {
  admitAttempt,
  attemptKey,
  FREE_ATTEMPTS,
  forgiveAttempts,
  LONGEST_LOCK,
} from '../../src/signin/password/lockout.ts'
import { memoryCredentials } from '../../src/storage/memory/credentials.ts'
import { now } from '../support/verified.ts'

describe('the smart lock-out', () => {
  const fresh = () => {
    const { attempts } = memoryCredentials().stores
    return {
      attempts,
      admit: async (at = now, key = 'key') => (await admitAttempt(attempts, key, at)).isAdmitted,
    }
  }

  it('lets ten failures pass, then locks for a minute', async () => {
    const { admit } = fresh()
    for (let n = 0; n < FREE_ATTEMPTS; n++) expect(await admit(), `attempt ${n}`).to.equal(true)
    expect(await admit()).to.equal(false)
    expect(await admit(now + minutes(1) - 1)).to.equal(false)
    expect(await admit(now + minutes(1))).to.equal(true)
  })

  it('doubles with each further failure, up to a quarter of an hour, and no attempt in a lock lengthens it', async () => {
    const { attempts } = fresh()
    let at = now
    for (let n = 1; n < FREE_ATTEMPTS; n++) await admitAttempt(attempts, 'key', at)
    const locks: number[] = []
    for (let n = 0; n < 7; n++) {
      const { lockedUntil } = await admitAttempt(attempts, 'key', at)
      for (let again = 0; again < 5; again++) {
        const during = await admitAttempt(attempts, 'key', lockedUntil - 1)
        expect(during).to.deep.equal({ isAdmitted: false, lockedUntil })
      }
      locks.push(lockedUntil - at)
      at = lockedUntil
    }
    expect(locks).to.deep.equal([1, 2, 4, 8, 15, 15, 15].map(minutes))
    expect(Math.max(...locks)).to.equal(LONGEST_LOCK)
  })

  it('counts before it looks: of a hundred guesses at once ten are looked at', async () => {
    const { admit } = fresh()
    const admitted = await Promise.all(Array.from({ length: 100 }, () => admit()))
    expect(admitted.filter(Boolean)).to.have.length(FREE_ATTEMPTS)
  })

  it('is forgiven by a success, and forgotten after a day', async () => {
    const { attempts, admit } = fresh()
    for (let n = 0; n < FREE_ATTEMPTS; n++) await admit()
    await forgiveAttempts(attempts, 'key')
    for (let n = 0; n < FREE_ATTEMPTS; n++) expect(await admit()).to.equal(true)
    const later = now + minutes(1) + hours(24)
    for (let n = 0; n < FREE_ATTEMPTS; n++) expect(await admit(later)).to.equal(true)
  })

  it('keeps a counter for each familiar browser, and one for all others', async () => {
    const { admit } = fresh()
    const stranger = attemptKey('max@managed.example', null)
    const own = attemptKey('max@managed.example', 'a browser of theirs')
    for (let n = 0; n < 50; n++) await admit(now, stranger)
    expect(await admit(now, stranger)).to.equal(false)
    expect(await admit(now, own)).to.equal(true)
    expect(await admit(now, attemptKey('mia@managed.example', null))).to.equal(true)
  })

  it('writes no name into the store', () => {
    expect(attemptKey('max@managed.example', null)).to.match(/^[\w-]{43}:unfamiliar$/)
  })
})
