import { expect } from 'chai'
import { minutes, seconds } from '../../src/lib/clock.ts'
import { once, replay, request } from '../../src/signin/checks/request.ts'
import type { Circumstances } from '../../src/signin/circumstances.ts'
import type { PendingRequest, SigninState } from '../../src/signin/ports.ts'
import {
  circumstancesOf,
  fails,
  federation,
  otherFederation,
  passes,
  waiting,
} from '../support/circumstances.ts'
import {
  assertionId,
  claimed,
  claimedResponse,
  conditionsWith,
  confirmationWith,
  now,
  requestId,
  time,
  verified,
  verifiedResponse,
} from '../support/verified.ts'

const answering = (inResponseTo: string | null) =>
  confirmationWith({ inResponseTo: inResponseTo === null ? null : verified(inResponseTo) })

describe('check replay', () => {
  const used = (federationId: string, id: string): Circumstances =>
    circumstancesOf(
      {},
      {
        state: {
          ...circumstancesOf().state,
          wasUsed: async (of, asked) => of === federationId && asked === id,
        },
      },
    )

  it('passes an assertion that was never used', async () => {
    expect((await passes(replay)).actual).to.equal(assertionId)
  })

  it('refuses one that was: responseReplayed', async () => {
    const refusal = await fails(replay, {}, used(federation.id, assertionId))
    expect(refusal.reason).to.equal('responseReplayed')
    expect(refusal.actual).to.equal(assertionId)
  })

  it('asks for this federation’s assertion of this ID only', async () => {
    await passes(replay, {}, used(otherFederation.id, assertionId))
    await passes(replay, {}, used(federation.id, 'id2003'))
  })
})

describe('check request', () => {
  const remembering = (more: Partial<PendingRequest>, circumstances: Partial<Circumstances> = {}) =>
    circumstancesOf({ requests: [{ ...waiting, ...more }] }, circumstances)
  const unsolicited = {
    confirmation: answering(null),
    verified: verifiedResponse({}, { inResponseTo: null }),
    claimed: claimedResponse({ inResponseTo: null }),
  }

  it('finds the request that the signed confirmation answers', async () => {
    const passed = await passes(request)
    expect(passed.found).to.deep.equal({ request: waiting })
  })

  it('refuses an ID that we never sent, and an empty one: requestUnknown', async () => {
    for (const id of ['_never', '']) {
      const refusal = await fails(request, {
        confirmation: answering(id),
        verified: verifiedResponse({}, { inResponseTo: verified(id) }),
      })
      expect(refusal.reason).to.equal('requestUnknown')
      expect(refusal.actual).to.equal(id)
    }
  })

  it('refuses a request that went to another federation: issuerMismatch', async () => {
    const refusal = await fails(request, {}, remembering({ federationId: otherFederation.id }))
    expect(refusal.reason).to.equal('issuerMismatch')
    expect(refusal.actual).to.equal(federation.issuerUri)
  })

  it('refuses an answer at the very moment the request is over, or later: requestExpired', async () => {
    await passes(request, {}, remembering({ expiresAt: now + 1 }))
    const atOnce = await fails(request, {}, remembering({ expiresAt: now }))
    expect(atOnce.reason).to.equal('requestExpired')
    const late = await fails(request, {}, remembering({ expiresAt: now - minutes(5) }))
    expect(late.reason).to.equal('requestExpired')
    expect(late).to.include({
      expected: 'an answer before 2026-01-15T09:25:00.000Z',
      actual: '5 min later',
    })
  })

  it('gives an expired request no clock tolerance: both ends are our clock', async () => {
    const refusal = await fails(
      request,
      {},
      remembering({ expiresAt: now - 1 }, { clockSkew: seconds(120) }),
    )
    expect(refusal.reason).to.equal('requestExpired')
  })

  it('refuses another browser, and one without our cookie: browserMismatch', async () => {
    const another = await fails(request, {}, remembering({}, { browser: 'another' }))
    expect(another.reason).to.equal('browserMismatch')
    expect(another.actual).to.equal('another browser')
    const none = await fails(request, {}, remembering({}, { browser: null }))
    expect(none.reason).to.equal('browserMismatch')
    expect(none.actual).to.equal('a browser without our cookie')
  })

  it('never writes the browser’s fingerprint', async () => {
    const refusal = await fails(request, {}, remembering({}, { browser: 'another' }))
    expect(JSON.stringify(refusal)).to.not.contain(waiting.browser)
  })

  it('refuses an unsolicited response unless the federation allows them: unsolicitedNotAllowed', async () => {
    const refusal = await fails(request, unsolicited)
    expect(refusal.reason).to.equal('unsolicitedNotAllowed')
    const allowing = { ...unsolicited, federation: { ...federation, allowUnsolicited: true } }
    const passed = await passes(request, allowing)
    expect(passed.found).to.deep.equal({ request: null })
    expect(passed.notApplicable).to.be.a('string')
  })

  it('still wants the request and the browser of a solicited one where unsolicited ones are allowed', async () => {
    const allowing = { federation: { ...federation, allowUnsolicited: true } }
    const refusal = await fails(request, allowing, remembering({}, { browser: 'another' }))
    expect(refusal.reason).to.equal('browserMismatch')
  })

  describe('stapling: a request ID outside the signed confirmation', () => {
    const allowing = { ...unsolicited, federation: { ...federation, allowUnsolicited: true } }

    it('is refused on the unsigned Response: subjectConfirmationInvalid', async () => {
      const refusal = await fails(request, {
        ...allowing,
        verified: verifiedResponse({}, null),
        claimed: claimedResponse({ inResponseTo: claimed(requestId) }),
      })
      expect(refusal.reason).to.equal('subjectConfirmationInvalid')
      expect(refusal.actual).to.equal('none')
      expect(refusal.expected).to.contain(requestId)
    })

    it('is refused on a signed Response: subjectConfirmationInvalid', async () => {
      const refusal = await fails(request, { ...allowing, verified: verifiedResponse() })
      expect(refusal.reason).to.equal('subjectConfirmationInvalid')
    })

    it('is refused when the two name different requests: subjectConfirmationInvalid', async () => {
      const refusal = await fails(request, { confirmation: answering('_another') })
      expect(refusal.reason).to.equal('subjectConfirmationInvalid')
      expect(refusal.actual).to.equal('_another')
    })

    it('does not matter when the Response was signed and only a copy of it claims one', async () => {
      const found = { ...allowing, claimed: claimedResponse({ inResponseTo: claimed('_other') }) }
      expect((await passes(request, found)).found).to.deep.equal({ request: null })
    })
  })

  it('takes a Response that leaves InResponseTo to the confirmation', async () => {
    const passed = await passes(request, {
      verified: verifiedResponse({}, null),
      claimed: claimedResponse({ inResponseTo: null }),
    })
    expect(passed.found?.request?.id).to.equal(requestId)
  })
})

describe('check once', () => {
  type Use = Parameters<SigninState['consume']>[0]

  function answeringWith(outcome: Awaited<ReturnType<SigninState['consume']>>) {
    const uses: Use[] = []
    const world = circumstancesOf()
    const state = {
      ...world.state,
      consume: async (use: Use) => {
        uses.push(use)
        return outcome
      },
    }
    return { uses, circumstances: { ...world, state } }
  }

  it('uses up this request and this assertion, in this browser, until validity and tolerance are over', async () => {
    const { uses, circumstances } = answeringWith('consumed')
    await passes(once, {}, circumstances)
    expect(uses).to.deep.equal([
      {
        requestId,
        browser: waiting.browser,
        federationId: federation.id,
        assertionId,
        rememberUntil: now + minutes(5) + seconds(120),
        now,
      },
    ])
  })

  it('remembers an assertion until the later of its two ends, and never less than from now on', async () => {
    const until = async (conditions: number | null, confirmation: number | null) => {
      const { uses, circumstances } = answeringWith('consumed')
      const notOnOrAfter = conditions === null ? null : time(now + conditions)
      await passes(
        once,
        {
          verified: verifiedResponse({ conditions: conditionsWith({ notOnOrAfter }) }),
          confirmation: confirmationWith({
            notOnOrAfter: confirmation === null ? null : time(now + confirmation),
          }),
        },
        circumstances,
      )
      return (uses[0]?.rememberUntil ?? 0) - now - seconds(120)
    }
    expect(await until(5000, 9000)).to.equal(9000)
    expect(await until(9000, 5000)).to.equal(9000)
    expect(await until(-5000, -9000)).to.equal(0)
    expect(await until(null, null)).to.equal(0)
  })

  it('uses up no request for an unsolicited response', async () => {
    const { uses, circumstances } = answeringWith('consumed')
    await passes(once, { request: null }, circumstances)
    expect(uses[0]?.requestId).to.equal(null)
  })

  it('refuses for the reason that the store gives', async () => {
    for (const outcome of ['requestUnknown', 'responseReplayed'] as const) {
      const { circumstances } = answeringWith(outcome)
      expect((await fails(once, {}, circumstances)).reason).to.equal(outcome)
    }
  })
})
