import { expect } from 'chai'
import { hours, minutes } from '../../src/lib/clock.ts'
import { fingerprint } from '../../src/lib/secrets.ts'
import type { SignedIn } from '../../src/signin/circumstances.ts'
import { newSession } from '../../src/signin/session.ts'
import { alice, federation, waiting } from '../support/circumstances.ts'
import {
  aliceAnchor,
  attribute,
  now,
  persistent,
  requestId,
  statementWith,
  time,
  verifiedResponse,
} from '../support/verified.ts'

const accepted = (...parts: Parameters<typeof verifiedResponse>): SignedIn => ({
  outcome: 'signedIn',
  user: alice,
  federation,
  verified: verifiedResponse(...parts),
  request: waiting,
  secondFactor: 'none',
  trace: [],
})
const at = (longest = hours(12)) => ({
  now,
  random: (byteCount: number) => Buffer.alloc(byteCount, 7),
  longest,
  requestId: 'request-1',
})
const until = (sessionNotOnOrAfter: number) =>
  accepted({ authnStatements: [statementWith({ sessionNotOnOrAfter: time(sessionNotOnOrAfter) })] })

describe('newSession', () => {
  it('keeps what the signed assertion says, in its order', () => {
    const attributes = [attribute('groups', 'b', 'a'), attribute('__proto__', 'x')]
    const { session } = newSession(accepted({ attributes }), at())
    expect(session).to.deep.include({
      userId: alice.id,
      federationId: federation.id,
      nameId: aliceAnchor,
      nameIdFormat: persistent,
      sessionIndex: requestId,
      authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      authenticatedAt: now - minutes(1),
      createdAt: now,
      claims: [
        ['groups', ['b', 'a']],
        ['__proto__', ['x']],
      ],
      requestId: 'request-1',
    })
  })

  it('stores the fingerprint of the handle and not the handle', () => {
    const { handle, session } = newSession(accepted(), at())
    expect(handle).to.match(/^[A-Za-z0-9_-]{43}$/)
    expect(session.key).to.equal(fingerprint(handle))
    expect(JSON.stringify(session)).to.not.contain(handle)
  })

  it('ends after the configured time, and after twelve hours at the latest', () => {
    const ends = (longest: number) => newSession(accepted(), at(longest)).session.expiresAt
    expect(ends(hours(1))).to.equal(now + hours(1))
    expect(ends(hours(12))).to.equal(now + hours(12))
    expect(ends(hours(13))).to.equal(now + hours(12))
  })

  it('ends at SessionNotOnOrAfter when that is earlier, and never later for it', () => {
    const ends = (end: number) => newSession(until(end), at(hours(2))).session.expiresAt
    expect(ends(now + minutes(30))).to.equal(now + minutes(30))
    expect(ends(now + hours(2))).to.equal(now + hours(2))
    expect(ends(now + hours(9))).to.equal(now + hours(2))
  })

  it('leaves out what the assertion does not say', () => {
    const bare = statementWith({ sessionIndex: null, classRef: null })
    const { session } = newSession(accepted({ authnStatements: [bare] }), at())
    expect([session.sessionIndex, session.authnContextClassRef]).to.deep.equal([null, null])
  })
})
