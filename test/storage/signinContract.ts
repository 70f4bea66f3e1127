import { expect } from 'chai'
import { UniqueViolation } from '../../src/directory/errors.ts'
import { hours } from '../../src/lib/clock.ts'
import type { SigninState } from '../../src/signin/ports.ts'
import { defaultRetention } from '../../src/storage/retention.ts'
import type { MakeStorage } from './contract.ts'
import { now, rejection, requestOf, sessionOf, traceOf } from './samples.ts'

type Use = Parameters<SigninState['consume']>[0]

/** The use that belongs to `requestOf('_1')`, in the middle of its time. */
const use = (more: Partial<Use> = {}): Use => ({
  requestId: '_1',
  browser: 'browser-1',
  federationId: 'fed-1',
  assertionId: 'id1',
  rememberUntil: now + 300_000,
  now: now + 1000,
  ...more,
})

export function signinContract(fresh: MakeStorage): void {
  describe('a pending request', () => {
    it('comes back as it was remembered, as often as one looks, also past its time', async () => {
      const { signin } = fresh()
      const request = requestOf('_1', { returnTo: '/me?x=1', loginHint: null })
      await signin.rememberRequest(request)
      expect(await signin.pendingRequest('_1')).to.deep.equal(request)
      expect(await signin.pendingRequest('_1')).to.deep.equal(request)
      expect(await signin.pendingRequest('_2')).to.equal(null)
    })

    it('is never replaced by another with the same id', async () => {
      const { signin } = fresh()
      await signin.rememberRequest(requestOf('_1'))
      const error = await rejection(signin.rememberRequest(requestOf('_1', { browser: 'evil' })))
      expect(error).to.be.instanceOf(UniqueViolation).with.property('property', 'id')
      expect(await signin.pendingRequest('_1')).to.deep.equal(requestOf('_1'))
    })
  })

  describe('consume', () => {
    it('uses up request and assertion together', async () => {
      const { signin } = fresh()
      await signin.rememberRequest(requestOf('_1'))
      expect(await signin.wasUsed('fed-1', 'id1')).to.equal(false)
      expect(await signin.consume(use())).to.equal('consumed')
      expect(await signin.wasUsed('fed-1', 'id1')).to.equal(true)
      expect(await signin.pendingRequest('_1')).to.equal(null)
    })

    it('of fifty parallel posts of one response, one signs in and the others are replays', async () => {
      const { signin } = fresh()
      await signin.rememberRequest(requestOf('_1'))
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => signin.consume(use())))
      expect(outcomes.filter((outcome) => outcome === 'consumed')).to.have.length(1)
      expect(outcomes.filter((outcome) => outcome === 'responseReplayed')).to.have.length(49)
    })

    it('of fifty assertions for one request, one signs in and no other is used up', async () => {
      const { signin } = fresh()
      await signin.rememberRequest(requestOf('_1'))
      const ids = Array.from({ length: 50 }, (_, n) => `id${n}`)
      const outcomes = await Promise.all(
        ids.map((assertionId) => signin.consume(use({ assertionId }))),
      )
      const used = await Promise.all(ids.map((id) => signin.wasUsed('fed-1', id)))
      expect(outcomes.filter((outcome) => outcome === 'consumed')).to.have.length(1)
      expect(outcomes.filter((outcome) => outcome === 'requestUnknown')).to.have.length(49)
      expect(used).to.deep.equal(outcomes.map((outcome) => outcome === 'consumed'))
    })

    it('a replayed assertion does not burn the request it comes with', async () => {
      const { signin } = fresh()
      await signin.rememberRequest(requestOf('_1'))
      await signin.rememberRequest(requestOf('_2'))
      await signin.consume(use())
      expect(await signin.consume(use({ requestId: '_2' }))).to.equal('responseReplayed')
      const second = use({ requestId: '_2', assertionId: 'id2' })
      expect(await signin.consume(second)).to.equal('consumed')
    })

    const strangers: Record<string, Partial<Use>> = {
      'another browser': { browser: 'browser-2' },
      'no browser cookie': { browser: null },
      'another federation': { federationId: 'fed-2' },
      'an unknown request': { requestId: '_9' },
      'a request whose time is over': { now: requestOf('_1').expiresAt },
    }
    for (const [who, more] of Object.entries(strangers)) {
      it(`${who} uses nothing up`, async () => {
        const { signin } = fresh()
        await signin.rememberRequest(requestOf('_1'))
        const stranger = use(more)
        expect(await signin.consume(stranger)).to.equal('requestUnknown')
        expect(await signin.wasUsed(stranger.federationId, 'id1')).to.equal(false)
        expect(await signin.consume(use())).to.equal('consumed')
      })
    }

    it('an unsolicited response needs no request and no browser, and is good once', async () => {
      const { signin } = fresh()
      const unsolicited = use({ requestId: null, browser: null })
      expect(await signin.consume(unsolicited)).to.equal('consumed')
      expect(await signin.consume(unsolicited)).to.equal('responseReplayed')
    })

    it('one assertion id of two federations is two assertions', async () => {
      const { signin } = fresh()
      const unsolicited = use({ requestId: null })
      expect(await signin.consume(unsolicited)).to.equal('consumed')
      expect(await signin.consume({ ...unsolicited, federationId: 'fed-2' })).to.equal('consumed')
      expect(await signin.wasUsed('fed-3', 'id1')).to.equal(false)
    })

    it('an assertion stays used when its time is over, until it is purged', async () => {
      const { signin } = fresh()
      const unsolicited = use({ requestId: null, rememberUntil: now - 1, now })
      expect(await signin.consume(unsolicited)).to.equal('consumed')
      expect(await signin.consume(unsolicited)).to.equal('responseReplayed')
    })
  })

  describe('sessions', () => {
    it('come back as they were put, until their time is over', async () => {
      const { sessions } = fresh()
      const session = sessionOf('key-1')
      await sessions.putSession(session)
      expect(await sessions.session('key-1', session.expiresAt - 1)).to.deep.equal(session)
      expect(await sessions.session('key-1', session.expiresAt)).to.equal(null)
      expect(await sessions.session('key-2', now)).to.equal(null)
    })

    it('end when they are ended, and only the one that was named', async () => {
      const { sessions } = fresh()
      await sessions.putSession(sessionOf('key-1'))
      await sessions.putSession(sessionOf('key-2'))
      await sessions.endSession('key-1')
      await sessions.endSession('key-1')
      expect(await sessions.session('key-1', now)).to.equal(null)
      expect(await sessions.session('key-2', now)).to.deep.equal(sessionOf('key-2'))
    })

    it('a second put with the same key replaces the first', async () => {
      const { sessions } = fresh()
      await sessions.putSession(sessionOf('key-1'))
      const other = sessionOf('key-1', { userId: 'user-2', claims: [] })
      await sessions.putSession(other)
      expect(await sessions.session('key-1', now)).to.deep.equal(other)
    })
  })

  describe('traces', () => {
    it('come back as they were kept, until their time is over', async () => {
      const { traces } = fresh()
      const trace = traceOf('request-1')
      await traces.keepTrace(trace)
      expect(await traces.trace('request-1', trace.expiresAt - 1)).to.deep.equal(trace)
      expect(await traces.trace('request-1', trace.expiresAt)).to.equal(null)
      expect(await traces.trace('request-2', now)).to.equal(null)
    })

    it('are replaced when kept again under the same Request Id', async () => {
      const { traces } = fresh()
      await traces.keepTrace(traceOf('request-1'))
      const signedIn = traceOf('request-1', {
        outcome: 'signedIn',
        reason: null,
        aadsts: null,
        userPrincipalName: 'alice@customer.com',
        federationId: null,
        trace: [],
      })
      await traces.keepTrace(signedIn)
      expect(await traces.trace('request-1', now)).to.deep.equal(signedIn)
    })
  })

  describe('counted sign-ins', () => {
    const day = Math.floor(now / 86_400_000)
    const signin = { day, domain: 'x.com', federationId: 'fed-1', thumbprint: 'aa', lastAt: now }

    it('of one day, domain, federation and certificate are one row, whose last one is the latest', async () => {
      const { signinCounts } = fresh()
      await signinCounts.countSignin(signin)
      await signinCounts.countSignin({ ...signin, lastAt: now + 5 })
      await signinCounts.countSignin({ ...signin, lastAt: now + 1 })
      await signinCounts.countSignin({ ...signin, thumbprint: 'bb' })
      await signinCounts.countSignin({ ...signin, domain: 'a.com', federationId: '' })
      await signinCounts.countSignin({ ...signin, day: day - 1 })
      expect(await signinCounts.signinsSince(day)).to.deep.equal([
        { ...signin, domain: 'a.com', federationId: '', count: 1 },
        { ...signin, lastAt: now + 5, count: 3 },
        { ...signin, thumbprint: 'bb', count: 1 },
      ])
      expect((await signinCounts.signinsSince(day - 1)).length).to.equal(4)
    })

    it('go after ninety days', async () => {
      const { signinCounts, purge } = fresh()
      await signinCounts.countSignin({ ...signin, day: day - 90 })
      await signinCounts.countSignin({ ...signin, day: day - 91 })
      expect((await purge(now)).signinCounts).to.equal(1)
      expect((await signinCounts.signinsSince(0)).map((each) => each.day)).to.deep.equal([day - 90])
    })
  })

  describe('a purge', () => {
    it('keeps all that is not over, and says so', async () => {
      const { signin, sessions, traces, purge } = fresh()
      await signin.rememberRequest(requestOf('_1'))
      await signin.consume(use({ requestId: null }))
      await sessions.putSession(sessionOf('key-1'))
      await traces.keepTrace(traceOf('request-1'))
      const nothing = {
        pendingRequests: 0,
        usedAssertions: 0,
        sessions: 0,
        traces: 0,
        providerRecords: 0,
        attempts: 0,
        familiarBrowsers: 0,
        steps: 0,
        logouts: 0,
        signinCounts: 0,
      }
      expect(await purge(now + 60_000)).to.deep.equal(nothing)
      expect(await signin.pendingRequest('_1')).not.to.equal(null)
      expect(await signin.wasUsed('fed-1', 'id1')).to.equal(true)
    })

    it('keeps an expired request for a day, so that it can be called expired', async () => {
      const { signin, purge } = fresh()
      const request = requestOf('_1')
      await signin.rememberRequest(request)
      await purge(request.expiresAt + hours(24))
      expect(await signin.pendingRequest('_1')).to.deep.equal(request)
      const { pendingRequests } = await purge(request.expiresAt + hours(24) + 1)
      expect(pendingRequests).to.equal(1)
      expect(await signin.pendingRequest('_1')).to.equal(null)
    })

    it('forgets a used assertion only when no node can accept it any more', async () => {
      const { signin, purge } = fresh()
      const unsolicited = use({ requestId: null })
      await signin.consume(unsolicited)
      await purge(unsolicited.rememberUntil + hours(1))
      expect(await signin.wasUsed('fed-1', 'id1')).to.equal(true)
      await purge(unsolicited.rememberUntil + hours(1) + 1)
      expect(await signin.wasUsed('fed-1', 'id1')).to.equal(false)
    })

    it('removes thousands of sessions and traces that are over', async () => {
      const { sessions, traces, purge } = fresh()
      for (let n = 0; n < 1200; n += 1) await sessions.putSession(sessionOf(`key-${n}`))
      for (let n = 0; n < 30; n += 1) await traces.keepTrace(traceOf(`request-${n}`))
      const after = traceOf('').expiresAt + 1
      await sessions.putSession(sessionOf('later', { expiresAt: after + 1 }))
      const counts = await purge(after)
      expect(counts).to.include({ sessions: 1200, traces: 30 })
      expect(await sessions.session('later', after)).not.to.equal(null)
    })

    it('keeps only so many traces, the newest', async () => {
      const { traces, purge } = fresh({ ...defaultRetention, tracesAtMost: 3 })
      for (const n of [1, 2, 3, 4, 5]) {
        await traces.keepTrace(traceOf(`r-${n}`, { expiresAt: now + n * 1000 }))
      }
      expect((await purge(now)).traces).to.equal(2)
      const left = await Promise.all([1, 2, 3, 4, 5].map((n) => traces.trace(`r-${n}`, now)))
      expect(left.map((trace) => trace !== null)).to.deep.equal([false, false, true, true, true])
    })

    it('keeps only so many expired requests, the newest, and every one that can be answered', async () => {
      const { signin, purge } = fresh({ ...defaultRetention, expiredRequestsAtMost: 10 })
      for (let n = 0; n < 40; n += 1) {
        await signin.rememberRequest(requestOf(`_${n}`, { expiresAt: now + n }))
      }
      const { pendingRequests } = await purge(now + 19)
      expect(pendingRequests).to.equal(10)
      const left = await Promise.all(
        Array.from({ length: 40 }, (_, n) => signin.pendingRequest(`_${n}`)),
      )
      expect(left.map((request) => request !== null)).to.deep.equal(left.map((_, n) => n >= 10))
    })
  })
}
