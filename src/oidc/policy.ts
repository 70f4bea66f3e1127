import type { IncomingMessage } from 'node:http'
import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import type { Instant } from '../lib/clock.ts'
import { seconds } from '../lib/clock.ts'
import { MULTIPLE_AUTHN } from '../signin/checks/secondFactor.ts'
import { hasSecondFactor } from './assignment.ts'
import { appOf } from './clients.ts'
import type { OidcParts } from './deps.ts'
import { AadstsError } from './errors.ts'
import type { Person } from './person.ts'
import { lacksSecondFactor } from './secondFactor.ts'

const { base, Check, Prompt } = interactionPolicy

/** The reason of an interaction whose person has yet to prove a second factor. */
export const SECOND_FACTOR_MISSING = 'second_factor_missing'

/** Where an interaction keeps the browser that it began in, so that it can be gone on with where no Lax cookie comes along. */
const BROWSER = 'browser'

/** The browser that an interaction is known to have begun in; null when that was not noted, because the request hints at nobody. */
export function beganIn({ details }: KeptPrompt): string | null {
  const browser = details[BROWSER]
  return typeof browser === 'string' ? browser : null
}

/** Parameters that name a person or a realm, and lead past the e-mail page. */
export const hintNames = ['login_hint', 'domain_hint', 'whr'] as const

function isHinted({ oidc }: KoaContextWithOIDC): boolean {
  return hintNames.some((name) => oidc.params?.[name] !== undefined)
}

/** Whether a request wants a second factor: by `acr_values`, in the name that Entra's federated identity providers have for it. */
function wantsSecondFactor(params: Readonly<Record<string, unknown>>): boolean {
  return String(params.acr_values ?? '')
    .split(' ')
    .includes(MULTIPLE_AUTHN)
}

/**
 * Asked for by the request, or required by the app or by the user's setting, a second factor must be there: the session's `amr` tells. A
 * session from before a setting was made stricter serves no app until there is one.
 */
function secondFactorCheck(parts: Pick<OidcParts, 'credentials'>) {
  return new Check(
    SECOND_FACTOR_MISSING,
    'a second factor is required',
    'interaction_required',
    async ({ oidc }) => {
      const { accountId, amr } = oidc.session ?? {}
      const app = appOf(oidc.client)
      const isWanted = app.requireMfa || wantsSecondFactor(oidc.params ?? {})
      if (accountId === undefined) return isWanted
      const isMissing = isWanted
        ? !hasSecondFactor(amr)
        : await lacksSecondFactor(parts, app, accountId, amr)
      if (isMissing && oidc.prompts.has('none')) throw new AadstsError(50079)
      return isMissing
    },
  )
}

/**
 * When a person must be asked before an app gets its answer. `login` is the provider's own (no session, max_age, id_token_hint);
 * `select_account` shows the e-mail page; `consent` may be asked for and never asks, because consent is the admin's, who
 * registers the apps. Last, once it is clear who the person is, `refuse` may throw for one who must not use the app.
 */
export function promptPolicy(
  refuse: (ctx: KoaContextWithOIDC) => Promise<void>,
  parts: Pick<OidcParts, 'clock' | 'credentials' | 'browserOf'>,
): interactionPolicy.DefaultPolicy {
  const policy = base()
  policy.remove('consent')
  const login = policy.get('login')
  if (login !== undefined) {
    const { details } = login
    login.checks.add(secondFactorCheck(parts))
    login.details = async (ctx) => ({
      ...(await details(ctx)),
      startedAt: parts.clock(),
      ...(isHinted(ctx) && { [BROWSER]: parts.browserOf(ctx.req as IncomingMessage, ctx.res) }),
    })
  }
  const consent = new Prompt({ name: 'consent', requestable: true })
  consent.checks.clear()
  const assignment = new Prompt(
    { name: 'assignment', requestable: false },
    new Check('not_assigned', 'the person may not use the app', async (ctx) => {
      await refuse(ctx)
      return Check.NO_NEED_TO_PROMPT
    }),
  )
  policy.add(new Prompt({ name: 'select_account', requestable: true }))
  policy.add(consent)
  policy.add(assignment)
  return policy
}

/** An interaction's prompt, as the provider keeps it; `details` are what the policy above put there. */
interface KeptPrompt {
  readonly reasons: readonly string[]
  readonly details: Readonly<Record<string, unknown>>
}

/** For these the person must have authenticated anew, not merely be answered for out of a session, here or at the identity provider. */
const wantsAuthentication: ReadonlySet<string> = new Set(['login_prompt', 'max_age'])

/** Whether an interaction is for an app that wants the person to authenticate anew (OpenID Connect Core section 3.1.2.1). */
export function mustAuthenticateAnew({ reasons, details }: KeptPrompt): boolean {
  // With max_age also where the session was young enough and lacked something else: what replaces it must be as young.
  return details.max_age !== undefined || reasons.some((reason) => wantsAuthentication.has(reason))
}

/**
 * The earliest authentication that answers such an interaction: its own beginning, or `max_age` seconds before it where that alone was
 * asked; earlier by the skew that AuthnInstant is allowed. It counts when a person proved who they are, not when a session
 * began: another tab may open one without any proof.
 */
export function earliestAuthentication(prompt: KeptPrompt, clockSkew: number): Instant {
  const { startedAt, max_age: maxAge } = prompt.details
  const age = prompt.reasons.includes('login_prompt') ? 0 : seconds(Number(maxAge ?? 0))
  return Number(startedAt ?? 0) - age - clockSkew
}

/** Whether this session is such an answer. */
export function isFreshEnough(prompt: KeptPrompt, { session }: Person, clockSkew: number): boolean {
  if (!mustAuthenticateAnew(prompt)) return true
  return session.authenticatedAt >= earliestAuthentication(prompt, clockSkew)
}
