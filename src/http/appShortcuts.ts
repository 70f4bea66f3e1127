import type { Request, RequestHandler, Response } from 'express'
import type { Person } from '../oidc/person.ts'
import {
  beganIn,
  isFreshEnough,
  mustAuthenticateAnew,
  SECOND_FACTOR_MISSING,
} from '../oidc/policy.ts'
import { interactionPath } from '../oidc/provider.ts'
import { isLedTo } from '../oidc/responseModes.ts'
import type { Interaction, Oidc } from '../oidc/service.ts'
import type { Signin } from '../signin/service.ts'
import type { ToApp } from './acs.ts'
import {
  answerWith,
  isAnswered,
  LONGEST_HINT,
  readableHint,
  waitingInteraction,
  wantsToChoose,
} from './appSignin.ts'
import type { Cookies } from './cookies.ts'
import { hintedRealm, sendToRealm } from './exchange.ts'
import { answerByPage, waitingPerson } from './oidcPresenter.ts'
import { seeOther } from './present.ts'
import { underCanonicalTenant, withoutForm } from './toProvider.ts'

/**
 * An app's sign-in without the addresses between: straight from its request to the identity provider that its hint names, and straight
 * from the ACS back to the app. Whatever is not as simple goes the way of `GET /signin/app/{uid}`, which knows all cases.
 */
export function appShortcuts(
  oidc: Oidc,
  signin: Signin,
  cookies: Cookies,
): { readonly toIdp: RequestHandler; readonly toApp: ToApp } {
  const { currentPerson, signedIn } = oidc.parts
  const { clockSkew } = signin.settings

  /** Nobody is signed in, and the hint names a federated realm: the page that carries the browser there, in place of two redirects. */
  const toIdp: RequestHandler = async (req, res, next) => {
    const interaction = waitingPerson(res)
    if (interaction === null) return next()
    const { prompt, params } = interaction
    const returnTo = interactionPath + interaction.uid
    // The page that answers a POST would be met by Back from the identity provider, and ask to send the form again.
    const isSimple = !res.locals.wasPosted && !wantsToChoose(prompt.reasons, params)
    const sent =
      isSimple &&
      (await currentPerson(req)) === null &&
      (await sendToHinted(req, res, interaction, returnTo))
    if (!sent) seeOther(res, returnTo)
  }

  async function sendToHinted(
    req: Request,
    res: Response,
    interaction: Interaction,
    returnTo: string,
  ): Promise<boolean> {
    const { prompt, params } = interaction
    const email = hintText(await readableHint(oidc, interaction))?.trim() || null
    const realm = await hintedRealm(signin, email, hintText(params.domain_hint ?? params.whr))
    if (realm === 'emailMalformed' || realm.kind !== 'federated') return false
    const requiresMfa = prompt.reasons.includes(SECOND_FACTOR_MISSING)
    const forceAuthn = mustAuthenticateAnew(prompt)
    const browser = cookies.ensureBrowser(req, res)
    await sendToRealm(signin, res, {
      realm,
      email,
      browser,
      options: { returnTo, requiresMfa, forceAuthn },
    })
    return true
  }

  /**
   * The sign-in was for an app whose request began in this very browser, and it is what the app wanted: the provider goes on at once,
   * with the session that was opened just now. An interaction's own cookies do not come along with the identity provider's form (they
   * are Lax); what binds it to the browser is the cookie of the AuthnRequest, which the Response has just been held against.
   */
  const toApp: ToApp = async (req, res, { session, verdict }) => {
    const { request, user, federation } = verdict
    if (request === null || !request.returnTo.startsWith(interactionPath)) return false
    const interaction = await waitingInteraction(
      oidc,
      request.returnTo.slice(interactionPath.length),
    )
    if (interaction === null || beganIn(interaction.prompt) !== request.browser) return false
    const person: Person = { session, user, federation }
    const isDone =
      isAnswered(interaction, person) && isFreshEnough(interaction.prompt, person, clockSkew)
    if (!isDone || !isLedTo(interaction.params)) return false
    answerWith(interaction, person)
    signedIn(req, person)
    answerByPage(res)
    withoutForm(req)
    const { pathname } = new URL(interaction.returnTo)
    const segment = pathname.split('/')[1] ?? ''
    const { handle, resuming } = await oidc.current()
    resuming(req, interaction)
    await handle(
      underCanonicalTenant(req, segment, pathname.slice(segment.length + 1), oidc.parts),
      res,
    )
    return true
  }

  return { toIdp, toApp }
}

function hintText(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, LONGEST_HINT) : null
}
