import type { AadstsCode } from '../aadsts/catalogue.ts'
import type { Instant } from '../lib/clock.ts'
import type { KeptTrace, TraceStore } from '../signin/ports.ts'
import { TRACE_LIFETIME } from '../signin/service.ts'
import { traceEntry } from '../signin/trace.ts'
import type { AppRefusal } from './deps.ts'

/** What an admin does about the refusals of apps that people see on a page. */
const remedies: Partial<Record<AadstsCode, string>> = {
  50011:
    'Register the address exactly as the app sends it: homerealm apps set APP --redirect-uri ... (with those that it has).',
  50105: 'Assign the person, or a group of theirs: homerealm apps assign APP --user UPN.',
  65001: 'Grant the scope, if the app should have it: homerealm apps set APP --grant API/SCOPE.',
  700016: 'The client id is of no app here: homerealm apps list.',
  7000112: 'The app was stopped: homerealm apps set APP --enabled.',
}

/** Keeps a refusal that a person saw, for `homerealm trace`; nobody waits for it. What apps are told stands in the log alone. */
export async function keepRefusal(
  event: AppRefusal,
  traces: Pick<TraceStore, 'keepTrace'>,
  at: Instant,
): Promise<void> {
  if (event.isOnPage) await traces.keepTrace(refusalTrace(event, at))
}

/** Under the Request Id that the page shows. */
function refusalTrace(event: AppRefusal, at: Instant): KeptTrace {
  const { requestId, correlationId, aadsts, app, clientId, redirectUri } = event
  const actual = [
    `the app ${app ?? 'that nobody registered'} (client id ${clientId ?? 'none'})`,
    `redirect URI ${redirectUri ?? 'none'}`,
  ].join(', ')
  const hint = remedies[aadsts]
  const evidence = { actual, ...(hint !== undefined && { hint }) }
  return {
    requestId,
    correlationId,
    at,
    expiresAt: at + TRACE_LIFETIME,
    outcome: 'refused',
    reason: null,
    aadsts,
    userPrincipalName: null,
    federationId: null,
    trace: [traceEntry('app', 'fail', evidence)],
  }
}
