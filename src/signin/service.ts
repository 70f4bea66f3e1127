import type { KeyObject } from 'node:crypto'
import { aadstsCode, type Evidence, type Reason, reasons } from '../aadsts/reasons.ts'
import type { DirectoryReader } from '../directory/ports.ts'
import type { Federation, Tenant } from '../directory/types.ts'
import { principalNameDomain } from '../directory/upn.ts'
import { type Clock, hours } from '../lib/clock.ts'
import type { RandomSource } from '../lib/ids.ts'
import { fingerprint } from '../lib/secrets.ts'
import type { OutgoingMessage, RequestSigner } from '../saml/authnRequest.ts'
import type { EncodedMessage, MessageLimits, SignatureTrust } from '../saml/types.ts'
import { acceptedAcsUrls } from './acsUrls.ts'
import type { Refused, SecondOpinion, Verdict } from './circumstances.ts'
import { type CountableVerdict, countVerdict } from './counting.ts'
import { judge } from './judge.ts'
import type { Finished, StartOptions } from './outcome.ts'
import { credentialsOf } from './password/credentials.ts'
import type { CredentialStores } from './password/ports.ts'
import type { KeptTrace, SessionStore, SigninCounts, SigninState, TraceStore } from './ports.ts'
import { newSession } from './session.ts'
import { startSignin } from './start.ts'
import { type NextStep, type ProvenSession, proceed } from './steps.ts'
import { traceEntry } from './trace.ts'

export type { Finished, OpenedSession, StartOptions } from './outcome.ts'

/** Verdicts are kept for the admin this long. */
export const TRACE_LIFETIME = hours(24)

/** How sign-ins are done on this deployment. Spans in milliseconds. */
export interface SigninSettings {
  /** Where browsers reach us, without trailing slash. */
  readonly publicUrl: string
  /** Our SAML entityID, the audience of every assertion. */
  readonly entityId: string
  readonly clockSkew: number
  readonly maxLifetime: number
  readonly longestSession: number
  readonly limits: MessageLimits
  readonly diagnose: boolean
}

export interface SigninDependencies {
  readonly settings: SigninSettings
  readonly tenant: Tenant
  readonly directory: DirectoryReader
  readonly state: SigninState
  readonly sessions: SessionStore
  readonly traces: TraceStore
  readonly counts: SigninCounts
  readonly clock: Clock
  readonly random: RandomSource
  readonly trustOf: (federation: Federation) => SignatureTrust
  readonly signer: RequestSigner | null
  readonly decryptionKeys: readonly KeyObject[]
  readonly secondOpinion: SecondOpinion | null
  readonly stores: Pick<CredentialStores, 'credentials' | 'steps'>
  /** A new TOTP secret for a user to enrol, sealed. */
  readonly proposeTotp: (userId: string) => string
  /** Told of every verdict, for the log and the metrics. */
  readonly onVerdict: (event: SigninEvent) => void
}

/** One wide event for each verdict. It holds no assertion, no NameID and no claim. */
export interface SigninEvent {
  readonly outcome: Verdict['outcome']
  readonly reason: Reason | null
  readonly aadsts: number | null
  readonly requestId: string
  readonly correlationId: string
  readonly federationId: string | null
  readonly federation: string | null
  /** Of the signed assertion, so that a line of the identity provider's log can be found by it (R29). */
  readonly assertionId: string | null
  readonly userId: string | null
  readonly milliseconds: number
}

/** The ids of one HTTP request: ours, and the one the client gave to tell its requests apart. */
export interface RequestIds {
  readonly requestId: string
  readonly correlationId: string
}

/** The two halves of a sign-in over the stores, for whatever carries the HTTP. */
export type Signin = ReturnType<typeof createSignin>

export function createSignin(dependencies: SigninDependencies) {
  const { settings, tenant, directory, state, sessions, traces, counts, clock, random, stores } =
    dependencies

  return {
    settings,
    tenant,
    directory,
    sessions,
    traces,
    clock,
    random,

    /** First half: the message that carries a browser to the federation. `browserHandle` is the value of its cookie. */
    start(
      federation: Federation,
      loginHint: string | null,
      browserHandle: string,
      options: StartOptions = {},
    ): Promise<OutgoingMessage> {
      return send(federation, loginHint, fingerprint(browserHandle), options)
    },

    /**
     * Second half: judges what was posted to `postedTo` (one of our ACS URLs), keeps the trace, and opens the session of an
     * accepted sign-in. Rejects only when a store does.
     */
    async finish(
      message: EncodedMessage,
      arrival: RequestIds & {
        readonly postedTo: string
        readonly tenantInPath: boolean
        readonly browserHandle: string | null
      },
    ): Promise<Finished> {
      const now = clock()
      const verdict = await judge(message, {
        now,
        limits: settings.limits,
        tenantId: tenant.id,
        audience: settings.entityId,
        acs: {
          accepted: acceptedAcsUrls(settings.publicUrl, tenant.id, arrival.postedTo),
          tenantInPath: arrival.tenantInPath,
        },
        clockSkew: settings.clockSkew,
        maxLifetime: settings.maxLifetime,
        browser: arrival.browserHandle === null ? null : fingerprint(arrival.browserHandle),
        directory,
        state,
        secondFactors: { of: secondFactorOf },
        decryptionKeys: dependencies.decryptionKeys,
        trustOf: dependencies.trustOf,
        secondOpinion: dependencies.secondOpinion,
        diagnose: settings.diagnose,
      })
      const assertionId =
        verdict.outcome === 'refused' ? verdict.assertionId : verdict.verified.assertion.id
      const toKeep = { ...verdict, assertionId }
      if (verdict.outcome === 'refused') {
        await keep(toKeep, arrival, now)
        return { verdict, next: null, again: await askAgain(verdict) }
      }
      const at = { now, random, longest: settings.longestSession, requestId: arrival.requestId }
      const { session } = newSession(verdict, at)
      const returnTo = verdict.request?.returnTo ?? '/me'
      const requiresMfa = verdict.secondFactor === 'here'
      const proven = { session, returnTo, requiresMfa, provenBy: null, stepsUp: null }
      const [next] = await Promise.all([goOn(proven), keep(toKeep, arrival, now)])
      return { verdict, next, again: null }
    },

    /** Opens the session of someone who has proven who they are, or keeps the sign-in for its next step. */
    goOn,

    /** Keeps the trace of a sign-in that was judged elsewhere in this room, and tells of it. */
    keepVerdict: keep,

    /** Keeps the trace of a refusal that came before any judgement: no message, a wrong tenant ... */
    async keepRefusal(reason: Reason, evidence: Evidence, ids: RequestIds): Promise<void> {
      const hint = [evidence.hint, reasons[reason].remedy].filter(Boolean).join(' ')
      const trace = [traceEntry('request', 'fail', { ...evidence, hint }, reason)]
      const verdict = { outcome: 'refused', reason, federation: null, trace } as const
      await keep({ ...verdict, assertionId: null }, ids, clock())
    },
  }

  function send(
    federation: Federation,
    loginHint: string | null,
    browser: string,
    options: StartOptions & { readonly askForMfa?: boolean },
  ): Promise<OutgoingMessage> {
    const { returnTo = '/me', requiresMfa = false, forceAuthn = false, askForMfa = false } = options
    const { signer } = dependencies
    return startSignin(
      { federation, loginHint, browser, returnTo, requiresMfa, forceAuthn, askForMfa },
      { now: clock(), random, state, entityId: settings.entityId, signer },
    )
  }

  /** An identity provider that must do the second factor, and did not, is asked for it: once (Graph, enforceMfaByFederatedIdp). */
  async function askAgain({ reason, federation, request }: Refused): Promise<Finished['again']> {
    if (reason !== 'mfaRequired' || federation === null || request === null) return null
    const enforces = federation.federatedIdpMfaBehavior === 'enforceMfaByFederatedIdp'
    if (!enforces || request.askedForMfa) return null
    const { loginHint, browser } = request
    const message = await send(federation, loginHint, browser, { ...request, askForMfa: true })
    const [served] = await directory.domainsOf(federation.id)
    const domain = (loginHint && principalNameDomain(loginHint)) ?? served?.id ?? ''
    return { federation, message, loginHint, domain }
  }

  async function secondFactorOf(userId: string) {
    const { requireMfa, totpSecret } = await credentialsOf(stores.credentials, userId)
    return { isRequired: requireMfa, isEnrolled: totpSecret !== null }
  }

  async function goOn(proven: ProvenSession): Promise<NextStep> {
    const credentials = await credentialsOf(stores.credentials, proven.session.userId)
    const { steps } = stores
    const { proposeTotp } = dependencies
    return proceed(proven, credentials, { now: clock(), random, sessions, steps, proposeTotp })
  }

  async function keep(
    verdict: Pick<Verdict, 'outcome' | 'federation' | 'trace'> & {
      readonly reason?: Reason
      readonly assertionId: string | null
      readonly user?: { readonly id: string; readonly userPrincipalName: string }
      readonly verified?: NonNullable<CountableVerdict['verified']>
    },
    ids: RequestIds,
    startedAt: number,
  ): Promise<void> {
    const reason = verdict.reason ?? null
    const aadsts = reason && aadstsCode(reason)
    const kept: KeptTrace = {
      requestId: ids.requestId,
      correlationId: ids.correlationId,
      at: startedAt,
      expiresAt: startedAt + TRACE_LIFETIME,
      outcome: verdict.outcome,
      reason,
      aadsts,
      userPrincipalName: verdict.user?.userPrincipalName ?? null,
      federationId: verdict.federation?.id ?? null,
      trace: verdict.trace,
    }
    await Promise.all([traces.keepTrace(kept), countVerdict(counts, verdict, startedAt)])
    dependencies.onVerdict({
      outcome: verdict.outcome,
      reason,
      aadsts,
      requestId: ids.requestId,
      correlationId: ids.correlationId,
      federationId: verdict.federation?.id ?? null,
      federation: verdict.federation?.displayName ?? null,
      assertionId: verdict.assertionId,
      userId: verdict.user?.id ?? null,
      milliseconds: clock() - startedAt,
    })
  }
}
