import { expect } from 'chai'
import { hours, minutes } from '../../src/lib/clock.ts'
import {
  type Admission,
  admitAttempt,
  type Counter,
  FREE_ATTEMPTS,
  FREE_ATTEMPTS_ELSEWHERE,
  FREE_ATTEMPTS_OF_ADDRESS,
  forgiveAttempts,
  LONGEST_LOCK,
  nameOwner,
  passwordCounters,
  withdrawAttempt,
} from '../../src/signin/password/lockout.ts'
import { memoryCredentials } from '../../src/storage/memory/credentials.ts'
import { now } from '../support/verified.ts'

const one: readonly Counter[] = [{ key: 'key', free: FREE_ATTEMPTS, kind: 'lock' }]
const max = 'max@managed.example'

describe('the smart lock-out', () => {
  const fresh = () => {
    const { attempts } = memoryCredentials().stores
    const tried = (counters = one, at = now) => admitAttempt(attempts, counters, at)
    return {
      attempts,
      tried,
      admit: async (at = now, counters = one) => (await tried(counters, at)).isAdmitted,
      from: (name: string, address: string, familiarBrowser: string | null = null) =>
        tried(passwordCounters(name, { address, familiarBrowser })),
    }
  }
  const outcomeOf = (admission: Admission) => (admission.isAdmitted ? 'admitted' : admission.reason)

  it('lets ten failures pass, then locks for a minute', async () => {
    const { admit } = fresh()
    for (let n = 0; n < FREE_ATTEMPTS; n++) expect(await admit(), `attempt ${n}`).to.equal(true)
    expect(await admit()).to.equal(false)
    expect(await admit(now + minutes(1) - 1)).to.equal(false)
    expect(await admit(now + minutes(1))).to.equal(true)
  })

  it('doubles with each further failure, up to a quarter of an hour, and no attempt in a lock lengthens it', async () => {
    const { tried } = fresh()
    let at = now
    for (let n = 1; n < FREE_ATTEMPTS; n++) await tried(one, at)
    const locks: number[] = []
    for (let n = 0; n < 7; n++) {
      await tried(one, at)
      const locked = await tried(one, at)
      const lockedUntil = locked.isAdmitted ? 0 : locked.lockedUntil
      for (let again = 0; again < 5; again++) {
        expect(await tried(one, lockedUntil - 1)).to.deep.equal({
          isAdmitted: false,
          reason: 'accountLocked',
          lockedUntil,
        })
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
    await forgiveAttempts(attempts, one)
    for (let n = 0; n < FREE_ATTEMPTS; n++) expect(await admit()).to.equal(true)
    const later = now + minutes(1) + hours(24)
    for (let n = 0; n < FREE_ATTEMPTS; n++) expect(await admit(later)).to.equal(true)
  })

  it('an attempt that was not looked at is none: withdrawn, it leaves what was before', async () => {
    const { attempts, admit } = fresh()
    for (let n = 0; n < 5; n++) {
      await admit()
      await withdrawAttempt(attempts, one)
    }
    expect(await attempts.changeAttempts('key', (before) => before)).to.equal(null)
    for (let n = 0; n < FREE_ATTEMPTS; n++) expect(await admit()).to.equal(true)
    await withdrawAttempt(attempts, one)
    expect([await admit(), await admit()]).to.deep.equal([true, false])
  })

  it('who guesses from one address locks that address out, and neither the owner elsewhere nor their browser', async () => {
    const { from } = fresh()
    for (let n = 0; n < 1000; n++) await from(max, '192.0.2.1')
    expect(outcomeOf(await from(max, '192.0.2.1'))).to.equal('accountLocked')
    expect(outcomeOf(await from(max, '192.0.2.2'))).to.equal('admitted')
    expect(outcomeOf(await from(max, '192.0.2.1', 'own browser'))).to.equal('admitted')
    expect(outcomeOf(await from('mia@managed.example', '192.0.2.1'))).to.equal('admitted')
  })

  it('who guesses from a thousand addresses has fifty guesses, and the familiar browser its own still', async () => {
    const { from } = fresh()
    const outcomes = []
    for (let n = 0; n < 1000; n++) outcomes.push(outcomeOf(await from(max, `address ${n}`)))
    expect(outcomes.filter((each) => each === 'admitted')).to.have.length(FREE_ATTEMPTS_ELSEWHERE)
    expect(outcomes.at(-1)).to.equal('accountLocked')
    expect(outcomeOf(await from(max, 'address 1', 'own browser'))).to.equal('admitted')
  })

  it('the owner who tries while all strangers are locked out is not locked out for longer by it', async () => {
    const { attempts, from, tried } = fresh()
    for (let n = 0; n < FREE_ATTEMPTS_ELSEWHERE; n++) await from(max, `address ${n}`)
    const own = { address: 'home', familiarBrowser: null }
    for (let n = 0; n < 30; n++) {
      expect(outcomeOf(await from(max, own.address))).to.equal('accountLocked')
    }
    expect((await tried(passwordCounters(max, own), now + minutes(1))).isAdmitted).to.equal(true)
    await forgiveAttempts(attempts, passwordCounters(max, own))
    for (let n = 0; n < FREE_ATTEMPTS; n++) {
      expect(outcomeOf(await from(max, own.address))).to.equal('admitted')
    }
  })

  it('one address that fails for a hundred names in an hour waits until the hour ends; familiar browsers do not', async () => {
    const { attempts, from, tried } = fresh()
    for (let n = 0; n < FREE_ATTEMPTS_OF_ADDRESS; n++) {
      expect(outcomeOf(await from(`user${n}@managed.example`, '192.0.2.1'))).to.equal('admitted')
    }
    expect(outcomeOf(await from(max, '192.0.2.1'))).to.equal('tooManyRequests')
    expect(outcomeOf(await from(max, '192.0.2.1', 'own browser'))).to.equal('admitted')
    expect(outcomeOf(await from(max, '192.0.2.2'))).to.equal('admitted')
    const spraying = passwordCounters(max, { address: '192.0.2.1', familiarBrowser: null })
    // What the address stopped does not count against the name.
    expect(await attempts.changeAttempts(spraying[0]?.key ?? '', (before) => before)).to.equal(null)
    expect((await tried(spraying, now + hours(1) - 1)).isAdmitted).to.equal(false)
    expect((await tried(spraying, now + hours(1))).isAdmitted).to.equal(true)
  })

  it('an address is not forgiven its failures by signing in to an account of one’s own in between', async () => {
    const { attempts, from } = fresh()
    const own = passwordCounters('thief@managed.example', {
      address: '192.0.2.1',
      familiarBrowser: null,
    })
    let admitted = 0
    for (let n = 0; n < 300; n++) {
      if ((await from(`user${n}@managed.example`, '192.0.2.1')).isAdmitted) admitted++
      if ((await admitAttempt(attempts, own, now)).isAdmitted) await forgiveAttempts(attempts, own)
    }
    expect(admitted).to.equal(FREE_ATTEMPTS_OF_ADDRESS)
  })

  it('writes no name and no address into the store', () => {
    const counters = passwordCounters(max, { address: '192.0.2.1', familiarBrowser: null })
    for (const { key } of counters) expect(key).not.to.match(/max|192/)
    const owner = nameOwner(max)
    expect(counters.filter(({ key }) => key.startsWith(`${owner}:`))).to.have.length(2)
  })
})
