import type { MessageValues } from '../aadsts/catalogue.ts'
import { type Reason, Refusal, reasons } from '../aadsts/reasons.ts'
import type { EncodedMessage } from '../saml/types.ts'
import * as account from './checks/account.ts'
import type { Check } from './checks/check.ts'
import * as conditions from './checks/conditions.ts'
import * as message from './checks/message.ts'
import * as request from './checks/request.ts'
import { secondFactor } from './checks/secondFactor.ts'
import * as subject from './checks/subject.ts'
import { times } from './checks/times.ts'
import type { Circumstances, Findings, Verdict } from './circumstances.ts'
import { type TraceEntry, traceEntry } from './trace.ts'

/**
 * The way of a response, in order. One list serves the live path, which stops at the first failure, and diagnosis, which
 * goes on with every check whose needs are established.
 */
export const checks: readonly Check[] = [
  message.message,
  message.trust,
  message.status,
  message.assertion,
  message.signature,
  message.issuer,
  conditions.audience,
  conditions.recipient,
  conditions.destination,
  times,
  subject.authnStatement,
  subject.attributes,
  subject.nameId,
  request.replay,
  request.request,
  account.user,
  account.domain,
  account.enabled,
  account.idpEmail,
  account.mfa,
  secondFactor,
  account.secondOpinion,
  request.once,
]

/**
 * The one judgement: decides whether a response signs someone in, and whom. Everything it depends on stands in
 * `circumstances`; it changes nothing but to use up, as its last step, the request and the assertion it accepts.
 * Rejects only when a port does (a database out of reach): whoever calls must then refuse. Once refused, not even that: what
 * only diagnosis asks for cannot change a verdict.
 */
export async function judge(
  incoming: EncodedMessage,
  circumstances: Circumstances,
): Promise<Verdict> {
  const trace: TraceEntry[] = []
  let found: Partial<Findings> = { message: incoming }
  let refused: Reason | null = null
  // What the verdict tells of a refusal is what was known when it fell; what diagnosis finds later stays in the trace.
  let foundBefore: Partial<Findings> = found

  for (const check of checks) {
    const blocked = whyNotRun(check, found, refused, circumstances.diagnose)
    if (blocked !== null) {
      trace.push(traceEntry(check.name, 'skipped', { hint: blocked }))
      continue
    }
    try {
      const passed = await check.run(found, circumstances)
      found = { ...found, ...passed.found }
      trace.push(
        passed.notApplicable === undefined
          ? traceEntry(check.name, 'pass', passed)
          : traceEntry(check.name, 'skipped', { ...passed, hint: passed.notApplicable }),
      )
    } catch (error) {
      if (!(error instanceof Refusal)) {
        if (refused === null) throw error
        trace.push(traceEntry(check.name, 'skipped', { hint: 'Could not run: it failed itself.' }))
        continue
      }
      if (refused === null) foundBefore = found
      refused ??= error.reason
      const { evidence, reason } = error
      const hint = [evidence.hint, reasons[reason].remedy].filter(Boolean).join(' ')
      trace.push(traceEntry(check.name, 'fail', { ...evidence, hint }, reason))
    }
  }

  const { user, federation, verified, request: pending } = found
  if (refused === null && user && federation && verified && pending !== undefined) {
    const { secondFactor: factor = 'none' } = found
    return {
      outcome: 'signedIn',
      user,
      federation,
      verified,
      request: pending,
      secondFactor: factor,
      trace,
    }
  }
  if (refused === null)
    throw new Error('judge: nothing refused, and not everything was established')
  return {
    outcome: 'refused',
    reason: refused,
    values: messageValues(foundBefore, circumstances),
    federation: foundBefore.federation ?? null,
    assertionId: foundBefore.verified?.assertion.id ?? null,
    request: foundBefore.request ?? null,
    trace,
  }
}

/** Both are for responses that passed everything before: one changes state, the other is only safe on accepted input. */
const onlyWhenAccepted: ReadonlySet<Check> = new Set([account.secondOpinion, request.once])

/** Null when the check can run. */
function whyNotRun(
  check: Check,
  found: Partial<Findings>,
  refused: Reason | null,
  diagnose: boolean,
): string | null {
  if (refused !== null && !diagnose) return 'Not run: an earlier check failed.'
  if (refused !== null && onlyWhenAccepted.has(check)) return 'Not run: an earlier check failed.'
  const missing = check.needs.filter((need) => found[need] === undefined)
  return missing.length > 0 ? `Could not run: needs ${missing.join(' and ')}.` : null
}

function messageValues(found: Partial<Findings>, circumstances: Circumstances): MessageValues {
  return {
    tenant: circumstances.tenantId,
    issuer: found.claimed?.issuer ?? undefined,
    nameId: found.nameId,
    email: found.request?.loginHint ?? undefined,
  }
}
