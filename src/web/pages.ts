import { isoSeconds } from '../lib/clock.ts'
import type { Trace } from '../signin/trace.ts'
import type {
  CodePageModel,
  CodeUnknownPageModel,
  EmailPageModel,
  Field,
  MePageModel,
  NotFoundPageModel,
  RefusedPageModel,
  SendToIdpPageModel,
  SignedOutPageModel,
} from './models.ts'
import { render } from './templates.ts'
import { safeHttpUrl, safeUrl } from './url.ts'

const signinUrl = '/signin'

/** One field for the e-mail; posts `username` to `/signin`. */
export function emailPage(model: EmailPageModel): string {
  return render('email', {
    title: model.problem ? `Error: ${model.problem.headline}` : 'Sign in',
    tenantName: model.tenantName,
    value: model.value,
    problem: model.problem && { ...model.problem, help: helpUrl(model.problem.code) },
    hiddenFields: model.hiddenFields ?? [],
    people: (model.demo?.people ?? []).map((person) => ({
      ...person,
      url: `${signinUrl}?login_hint=${encodeURIComponent(person.email.toWellFormed())}`,
    })),
  })
}

/**
 * Carries the AuthnRequest to the identity provider. The script go.js submits the form; without it there is the button; and one
 * who comes back to the page is asked instead of being sent away again. Throws a TypeError for an `action` that is not http(s).
 */
export function sendToIdpPage(model: SendToIdpPageModel): string {
  const hint: Field =
    model.email === null ? ['domain_hint', model.domain] : ['login_hint', model.email]
  return render('send', {
    title: `Going to the sign-in page of ${model.domain}`,
    action: safeHttpUrl('action', model.action),
    method: model.method,
    fields: model.fields,
    domain: model.domain,
    email: model.email,
    idpName: model.idpName,
    againUrl: safeUrl(
      'againUrl',
      model.againUrl ?? `${signinUrl}?${hint[0]}=${encodeURIComponent(hint[1].toWellFormed())}`,
    ),
    startUrl: safeUrl('startUrl', model.startUrl ?? signinUrl),
  })
}

/** Who is signed in, the claims, and every check of the response. */
export function mePage(model: MePageModel): string {
  return render('me', {
    title: `Signed in as ${model.userPrincipalName}`,
    ...model,
    authenticatedAt: isoSeconds(model.authenticatedAt),
    expiresAt: isoSeconds(model.expiresAt),
    traceSummary: summary(model.trace ?? []),
  })
}

/** `12 checks: 11 passed, 1 skipped.` */
function summary(trace: Trace): string {
  const words = { pass: 'passed', fail: 'failed', skipped: 'skipped' } as const
  const parts = (['pass', 'fail', 'skipped'] as const)
    .map((result) => [trace.filter((entry) => entry.result === result).length, words[result]])
    .filter(([count]) => count !== 0)
    .map((part) => part.join(' '))
  return `${trace.length} checks${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`
}

/** Why the sign-in did not go through, and the four lines an administrator needs. */
export function refusedPage(model: RefusedPageModel): string {
  const heading = model.heading ?? 'Sorry, but we’re having trouble signing you in.'
  return render('refused', {
    title: model.code === null ? heading : `Sign-in refused (AADSTS${model.code})`,
    heading,
    happened: model.happened,
    personCan: model.personCan,
    code: model.code,
    help: helpUrl(model.code),
    details: [
      ['Request Id', model.requestId],
      ['Correlation Id', model.correlationId],
      ['Timestamp', isoSeconds(model.timestamp)],
      ['Message', model.message],
    ],
    startUrl: safeUrl('startUrl', model.startUrl),
    signedInAs: model.signedInAs,
  })
}

/** What one AADSTS code means here, and what each side should check. */
export function codePage(model: CodePageModel): string {
  const { code, entry, reasons } = model
  return render('code', {
    title: `AADSTS${code} ${entry.symbol}`,
    code,
    symbol: entry.symbol,
    parent: entry.parent ?? null,
    parentHelp: helpUrl(entry.parent),
    message: entry.message({}),
    happened: entry.happened,
    personCan: entry.personCan,
    adminHere: entry.adminHere,
    adminThere: entry.adminThere,
    status: entry.status,
    oauthError: entry.oauthError,
    reasons,
  })
}

/** The list of all codes. */
export function codeUnknownPage(model: CodeUnknownPageModel): string {
  return render('codes', {
    title: model.asked === null ? 'Error codes' : 'No such error code',
    asked: model.asked,
    codes: model.codes.map((entry) => ({ ...entry, help: helpUrl(entry.code) })),
  })
}

export function signedOutPage(model: SignedOutPageModel): string {
  return render('signed-out', {
    title: 'You are signed out',
    startUrl: safeUrl('startUrl', model.startUrl),
    leftAt: model.leftAt,
    continueUrl: model.continueUrl === null ? null : safeUrl('continueUrl', model.continueUrl),
  })
}

export function notFoundPage(model: NotFoundPageModel): string {
  return render('not-found', { title: 'There is no such page', path: model.path, signinUrl })
}

/** The page that explains a code; null for no code. */
function helpUrl(code: number | null | undefined): string | null {
  return code === null || code === undefined ? null : `/error?code=${encodeURIComponent(code)}`
}
