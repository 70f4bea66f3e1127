import type { Request, Response } from 'express'
import { aadstsMessage, type MessageValues } from '../aadsts/catalogue.ts'
import { aadstsCode, type Reason, Refusal } from '../aadsts/reasons.ts'
import { discoverRealm, discoverRealmOfEmail, type Realm } from '../realm/discover.ts'
import type { Refused, SignedIn } from '../signin/circumstances.ts'
import type { OpenedSession, Signin, StartOptions } from '../signin/service.ts'
import { STEP_LIFETIME } from '../signin/steps.ts'
import { idsOf, queryText } from './context.ts'
import type { Cookies } from './cookies.ts'
import { formLimit, readForm, singleField } from './formBody.ts'
import { journeyOf } from './journey.ts'
import { stepPaths } from './landing.ts'
import { sendToIdp } from './present.ts'
import { resolveTenant } from './tenant.ts'

/** A sign-in that came to nothing: the precise reason for the app's own log, and the sentence that may be shown. */
export interface SigninFailure {
  readonly reason: Reason
  readonly aadsts: number
  /** `AADSTS51004: ...`, as it may be shown; `values` are what stands in it. */
  readonly message: string
  readonly values: MessageValues
  readonly requestId: string
  readonly verdict: Refused | null
  /** The realm, when the start of a sign-in found one that no identity provider serves. */
  readonly realm: Realm | null
}

/** A sign-in that was accepted. The handle belongs into the browser's session cookie. */
export interface SigninInfo extends OpenedSession {
  readonly verdict: SignedIn
}

export type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'signedIn'; readonly info: SigninInfo }
  | { readonly kind: 'failed'; readonly failure: SigninFailure }

/** Whether a sign-in that goes on to this path must authenticate the person anew. */
export type MustAuthenticate = (returnTo: string) => Promise<boolean>

/** First half: answers with what carries the browser to the identity provider of the hinted realm, or fails. */
export async function startExchange(
  signin: Signin,
  cookies: Cookies,
  req: Request,
  res: Response,
  mustAuthenticate: MustAuthenticate,
): Promise<Outcome> {
  const email = queryText(req, 'login_hint')?.trim() || null
  const hinted = queryText(req, 'domain_hint') ?? queryText(req, 'whr')
  const realm = await hintedRealm(signin, email, hinted)
  if (realm === 'emailMalformed') return failed(res, { reason: realm, values: {} })
  if (realm.kind !== 'federated') {
    const domain = realm.kind === 'unknown' ? realm.domain : realm.domain.id
    return failed(res, { reason: 'realmUnknown', values: { domain }, realm })
  }
  const journey = journeyOf(req)
  const forceAuthn = await mustAuthenticate(journey.returnTo)
  const browser = cookies.ensureBrowser(req, res)
  await sendToRealm(signin, res, { realm, email, browser, options: { ...journey, forceAuthn } })
  return { kind: 'sent' }
}

/** Answers with what carries this browser to the identity provider of a realm. */
export async function sendToRealm(
  signin: Signin,
  res: Response,
  {
    realm: { federation, domain },
    email,
    browser,
    options,
  }: {
    readonly realm: Extract<Realm, { kind: 'federated' }>
    readonly email: string | null
    /** The value of its cookie. */
    readonly browser: string
    readonly options: StartOptions
  },
): Promise<void> {
  const message = await signin.start(federation, email, browser, options)
  const { returnTo = '/me', requiresMfa = false } = options
  const journey = { returnTo, requiresMfa }
  sendToIdp(res, message, { domain: domain.id, email, idpName: federation.displayName, journey })
}

/** A domain hint counts only when it names a federated domain (Entra: home-realm-discovery-policy). */
export async function hintedRealm(
  { directory }: Signin,
  email: string | null,
  hinted: string | null,
): Promise<Realm | 'emailMalformed'> {
  const byHint = hinted === null ? null : await discoverRealm(directory, hinted)
  if (byHint !== null && (byHint.kind === 'federated' || email === null)) return byHint
  try {
    return await discoverRealmOfEmail(directory, email ?? '')
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'emailMalformed') return error.reason
    throw error
  }
}

/** Second half: judges the posted response. The answer to the browser is left to whoever mounted us. */
export async function finishExchange(
  signin: Signin,
  cookies: Cookies,
  req: Request,
  res: Response,
): Promise<Outcome> {
  const { settings } = signin
  const path = req.originalUrl.split('?', 1)[0] ?? ''
  try {
    const tenant = await resolveTenant(path, signin)
    const form = await readForm(req, formLimit(settings.limits.maxBytes))
    const { verdict, next, again } = await signin.finish(
      { encoding: 'base64', body: singleField(form, 'SAMLResponse') },
      {
        ...idsOf(res),
        postedTo: settings.publicUrl + path,
        tenantInPath: tenant !== null,
        browserHandle: cookies.browser(req),
      },
    )
    if (again !== null) {
      const { displayName: idpName } = again.federation
      const email = again.loginHint
      sendToIdp(res, again.message, { domain: again.domain, email, idpName })
      return { kind: 'sent' }
    }
    if (verdict.outcome === 'refused') {
      return failed(res, { reason: verdict.reason, values: verdict.values, verdict })
    }
    if (next === null) throw new Error('accepted without a session')
    if (next.kind === 'wants') {
      cookies.setStep(res, next.handle, STEP_LIFETIME)
      res.redirect(303, stepPaths[next.want])
      return { kind: 'sent' }
    }
    return { kind: 'signedIn', info: { verdict, handle: next.handle, session: next.session } }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await signin.keepRefusal(error.reason, error.evidence, idsOf(res))
    return failed(res, { reason: error.reason, values: { tenant: error.evidence.actual } })
  }
}

function failed(
  res: Response,
  what: Pick<SigninFailure, 'reason' | 'values'> & Partial<SigninFailure>,
): Outcome {
  const aadsts = aadstsCode(what.reason)
  const message = aadstsMessage(aadsts, what.values)
  const { requestId } = idsOf(res)
  const failure = { verdict: null, realm: null, ...what, aadsts, message, requestId }
  return { kind: 'failed', failure }
}
