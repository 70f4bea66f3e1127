import { type Request, type Response, Router } from 'express'
import { isoMillis } from '../lib/clock.ts'
import { hasSecondFactor } from '../oidc/assignment.ts'
import { isSealed, loginHints } from '../oidc/loginHint.ts'
import { authTime, type Person } from '../oidc/person.ts'
import {
  earliestAuthentication,
  hintNames,
  isFreshEnough,
  mustAuthenticateAnew,
  SECOND_FACTOR_MISSING,
} from '../oidc/policy.ts'
import { interactionCookie, interactionPath } from '../oidc/provider.ts'
import type { Interaction, Oidc } from '../oidc/service.ts'
import type { Signin } from '../signin/service.ts'
import { goOnPage } from '../web/oidcPages.ts'
import { idsOf } from './context.ts'
import { journeyFields } from './journey.ts'
import { seeOther, sendPage, sendRefused } from './present.ts'

/** What in an app's request only a new sign-in answers, even of one who is signed in. */
const wantsNewSignin: ReadonlySet<string> = new Set([
  'login_prompt',
  'select_account_prompt',
  'max_age',
  'id_token_hint',
  'essential_acr',
  'essential_acrs',
  'claims_id_token_sub_value',
])
/** For these the person chooses the account, whatever the hint says. */
const wantsChoice: ReadonlySet<string> = new Set(['select_account_prompt', 'id_token_hint'])

/** Characters; more of a hint is no name of anybody. */
export const LONGEST_HINT = 320

/** Where an interaction keeps which session was newer than its request, and its authentication was not. */
const STALE = 'staleSession'

/**
 * `GET /signin/app/{uid}`: the middle of an app's sign-in. An authorization request that needs a person comes here, goes through our
 * sign-in, comes back here, and goes on to the provider as soon as our session says what was asked for. An identity provider that
 * was asked to authenticate anew and did not is asked once more, and then the person is told (70044): nobody goes in circles.
 */
export function appSigninRouter(oidc: Oidc, signin: Signin): Router {
  const router = Router()
  const { currentPerson } = oidc.parts
  const { clockSkew } = signin.settings
  const cookieName = interactionCookie(oidc.parts)

  router.get(`${interactionPath}:uid`, async (req, res) => {
    const interaction = await waitingInteraction(oidc, req.params.uid)
    if (interaction === null || !isOfBrowser(req, cookieName, interaction)) {
      sendRefused(res, { reason: 'requestExpired', at: oidc.parts.clock() })
      return
    }
    const person = await currentPerson(req)
    const onward = async () => {
      const loginHint = await readableHint(oidc, interaction)
      seeOther(res, signinUrl(req, interaction, person, loginHint))
    }
    const isAnother = person !== null && isAnswered(interaction, person)
    if (!isAnother) return onward()
    if (isFreshEnough(interaction.prompt, person, clockSkew)) {
      return finish(res, interaction, person)
    }
    if (await mayAskAgain(interaction, person)) return onward()
    await refuseStale(req, res, interaction, person)
  })

  /** Asks again once: notes the session that was not fresh enough. Whoever comes back with the same one (Back, reload) is no second time. */
  async function mayAskAgain(interaction: Interaction, { session }: Person): Promise<boolean> {
    const { details } = interaction.prompt
    if (details[STALE] !== undefined) return details[STALE] === session.key
    details[STALE] = session.key
    await interaction.persist()
    return true
  }

  async function refuseStale(
    req: Request,
    res: Response,
    { prompt }: Interaction,
    { session, user }: Person,
  ): Promise<void> {
    const reason = 'authenticationTooOld'
    const evidence = {
      expected: `authenticated at ${isoMillis(earliestAuthentication(prompt, clockSkew))} or later`,
      actual: isoMillis(session.authenticatedAt),
    }
    await signin.keepRefusal(reason, evidence, idsOf(res))
    const startUrl = `/signin?${new URLSearchParams(journeyFields({ returnTo: req.path, requiresMfa: false }))}`
    const signedInAs = user.userPrincipalName
    sendRefused(res, { reason, at: signin.clock(), signedInAs, startUrl })
  }

  /** Tells the provider who it is, and sends the browser on. */
  async function finish(res: Response, interaction: Interaction, person: Person): Promise<void> {
    answerWith(interaction, person)
    await interaction.persist()
    const { pathname } = new URL(interaction.returnTo)
    const app = await oidc.parts.apps.app(String(interaction.params.client_id))
    // Not by redirect: browsers hold what follows a form's POST against the page that the form stood on, and that page knew
    // nothing of the app (CSP level 3, form-action). A page that goes on by itself begins a new navigation.
    res.set('Refresh', `0; url=${pathname}`)
    sendPage(res, goOnPage({ appName: app?.displayName ?? '', url: pathname }))
  }

  return router
}

/** Whether a sign-in that goes back to `returnTo` must authenticate the person anew (SAML core 3.4.1, ForceAuthn). */
export async function mustAuthenticate(oidc: Oidc, returnTo: string): Promise<boolean> {
  if (!returnTo.startsWith(interactionPath)) return false
  const interaction = await waitingInteraction(oidc, returnTo.slice(interactionPath.length))
  return interaction !== null && mustAuthenticateAnew(interaction.prompt)
}

/** Notes in an interaction who it is. */
export function answerWith(interaction: Interaction, person: Person): void {
  const { session, user } = person
  // The provider would insist on the session that it began with; ours may be a new one, after a new sign-in.
  Object.assign(interaction, {
    session: undefined,
    result: {
      login: {
        accountId: user.id,
        ts: authTime(person),
        amr: [...session.amr],
        ...(session.authnContextClassRef !== null && { acr: session.authnContextClassRef }),
      },
      select_account: {},
    },
  })
}

export async function waitingInteraction(oidc: Oidc, uid: string): Promise<Interaction | null> {
  if (!/^[\w-]{10,64}$/.test(uid)) return null
  const { provider } = await oidc.current()
  return (await provider.Interaction.find(uid)) ?? null
}

/** The provider set this cookie in the browser that it sent here: nobody can finish another's sign-in, or hand over one of theirs. */
function isOfBrowser(req: Request, cookieName: string, { uid }: Interaction): boolean {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.includes(`${cookieName}=${uid}`)
}

/**
 * A session is enough, or it must be another one than when the app asked. Where a second factor is missing nothing but a session
 * that has one will do: another session without it would send the person back and forth between here and the provider.
 */
export function isAnswered({ prompt, session: before }: Interaction, { session }: Person): boolean {
  const { reasons } = prompt
  if (reasons.includes(SECOND_FACTOR_MISSING) && !hasSecondFactor(session.amr)) return false
  return !reasons.some((reason) => wantsNewSignin.has(reason)) || before?.cookie !== session.key
}

/** The e-mail page, or past it with a hint. It comes back to this very address. */
function signinUrl(
  req: Request,
  { prompt, params }: Interaction,
  person: Person | null,
  loginHint: string | null,
): string {
  const { reasons } = prompt
  const requiresMfa = reasons.includes(SECOND_FACTOR_MISSING)
  const query = new URLSearchParams(journeyFields({ returnTo: req.path, requiresMfa }))
  if (wantsToChoose(reasons, params)) return `/signin?${query}`
  for (const name of hintNames) {
    const value = name === 'login_hint' ? loginHint : params[name]
    if (typeof value === 'string') query.set(name, value.slice(0, LONGEST_HINT))
  }
  // Whoever is there, and lacks but the second factor, need not type their name again.
  if (requiresMfa && person !== null && !hintNames.some((name) => query.has(name))) {
    query.set('login_hint', person.user.userPrincipalName)
  }
  return `/signin?${query}`
}

/**
 * The `login_hint` of an app's request as our own pages take it: the name of the person whom a `login_hint` claim stands for, else what
 * the app wrote. Null without one, and for a claim of nobody any more.
 */
export async function readableHint(oidc: Oidc, { params }: Interaction): Promise<string | null> {
  const hint = params.login_hint
  if (typeof hint !== 'string') return null
  if (!isSealed(hint)) return hint
  const { keys } = await oidc.current()
  const hinted = loginHints(oidc.parts, keys).read(hint)
  const user = hinted && (await oidc.parts.directory.user(hinted.userId))
  return user?.userPrincipalName ?? null
}

/** The provider names the reasons of the first prompt alone, and with nobody signed in that is not `select_account`. */
export function wantsToChoose(reasons: readonly string[], params: Interaction['params']): boolean {
  const prompts = String(params.prompt ?? '').split(' ')
  return prompts.includes('select_account') || reasons.some((reason) => wantsChoice.has(reason))
}
