import { importJWK, SignJWT } from 'jose'
import { newGuid } from '../lib/ids.ts'
import type { Session } from '../signin/ports.ts'
import { issuerOf, type OidcParts } from './deps.ts'
import type { Keys } from './keys.ts'
import { loginHints } from './loginHint.ts'
import { createOwnTokens } from './ownTokens.ts'
import type { Person } from './person.ts'
import { providerSeconds } from './providerClock.ts'
import { isRegistered } from './redirectUris.ts'
import { sessionId } from './sessions.ts'
import { pairwiseSubject } from './subject.ts'
import type { App } from './types.ts'

/** The parameters of a logout request (OpenID Connect RP-Initiated Logout 1.0 section 2); null where none came. */
export interface LogoutRequest {
  readonly idTokenHint: string | null
  readonly logoutHint: string | null
  readonly clientId: string | null
  readonly postLogoutRedirectUri: string | null
  readonly state: string | null
}

/** What a logout request comes to. */
export interface LogoutPlan {
  /** Where the person goes on to: a registered redirect URI with the `state`; null for our own page. */
  readonly returnTo: string | null
  /** The request shows that it is this person's app who asks, so that nothing needs to be confirmed. */
  readonly isCertain: boolean
}

/**
 * Understands a logout request. `post_logout_redirect_uri` must be a registered redirect URI, as at Entra: of the app that the ID
 * token or `client_id` names, or of any app when neither came (MSAL sends neither when it has no account left).
 */
export async function planLogout(
  parts: OidcParts,
  keys: Keys,
  request: LogoutRequest,
  person: Person | null,
): Promise<LogoutPlan> {
  const hint =
    request.idTokenHint === null
      ? null
      : await createOwnTokens(parts, keys).idTokenHint(request.idTokenHint)
  const named = typeof hint?.aud === 'string' ? hint.aud : request.clientId
  const contradicts = request.clientId !== null && named !== request.clientId
  const app = named === null || contradicts ? null : await parts.apps.app(named)
  const candidates = named === null ? await parts.apps.apps() : app === null ? [] : [app]
  return {
    returnTo: returnToOf(request, candidates),
    isCertain: person !== null && (isOfPerson() || isNamed(person)),
  }

  function isOfPerson(): boolean {
    if (hint === null || app === null || person === null) return false
    return hint.sub === pairwiseSubject(keys.pairwiseSecret, person.user.id, app.id)
  }

  /**
   * `logout_hint` is the `login_hint` claim of an ID token, as at Entra: only who was given it can have it. It speaks for the session that
   * it came from. A name that anybody can write shows nothing, and the person is asked.
   */
  function isNamed({ user, session }: Person): boolean {
    if (request.logoutHint === null) return false
    const hinted = loginHints(parts, keys).read(request.logoutHint)
    return hinted?.userId === user.id && hinted.sid === sessionId(session.key)
  }
}

function returnToOf(
  { postLogoutRedirectUri: uri, state }: LogoutRequest,
  apps: readonly App[],
): string | null {
  if (uri === null || !apps.some((app) => app.isEnabled && isRegistered(app, uri))) return null
  if (state === null) return uri
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`
}

/** An app waits this long for its back-channel call, in milliseconds. */
const BACK_CHANNEL_PATIENCE = 3000

/**
 * Tells the apps of a session that it is over: those with a back channel at once, by a logout token; of the others it gives the
 * addresses that the browser has to load (Front-Channel Logout 1.0 section 2). An app that cannot be reached is reported, and holds
 * nobody up.
 */
export async function tellApps(
  parts: OidcParts,
  keys: Keys,
  session: Session,
): Promise<{ readonly frames: readonly string[] }> {
  const apps = await appsOf(parts, session)
  await parts.records.remove('Session', session.key)
  const sid = sessionId(session.key)
  await Promise.all(
    apps.map(async (app) => {
      if (app.backChannelLogoutUri === null) return
      try {
        await callBack(app.backChannelLogoutUri, await logoutToken(parts, keys, app, session))
      } catch (error) {
        parts.report(error, session.requestId)
      }
    }),
  )
  const frames = apps.flatMap(({ frontChannelLogoutUri: uri }) => {
    if (uri === null) return []
    const url = new URL(uri)
    url.searchParams.set('iss', issuerOf(parts))
    url.searchParams.set('sid', sid)
    return [url.href]
  })
  return { frames }
}

async function appsOf(parts: OidcParts, session: Session): Promise<readonly App[]> {
  const record = await parts.records.find('Session', session.key, parts.clock())
  const used = record === null ? {} : (JSON.parse(record.payload).authorizations ?? {})
  const apps = await Promise.all(Object.keys(used).map((id) => parts.apps.app(id)))
  return apps.filter((app) => app !== null)
}

/** OpenID Connect Back-Channel Logout 1.0 section 2.4. */
async function logoutToken(
  parts: OidcParts,
  keys: Keys,
  app: App,
  session: Session,
): Promise<string> {
  const key = keys.signing.find(({ alg }) => alg === app.idTokenSigningAlg)
  if (key === undefined) throw new Error(`there is no ${app.idTokenSigningAlg} key`)
  const now = providerSeconds()
  return new SignJWT({
    sid: sessionId(session.key),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'logout+jwt' })
    .setIssuer(issuerOf(parts))
    .setAudience(app.id)
    .setSubject(pairwiseSubject(keys.pairwiseSecret, session.userId, app.id))
    .setIssuedAt(now)
    .setExpirationTime(now + 120)
    .setJti(newGuid(parts.random))
    .sign(await importJWK(key.privateJwk, key.alg))
}

async function callBack(uri: string, token: string): Promise<void> {
  const response = await fetch(uri, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
    redirect: 'manual',
    signal: AbortSignal.timeout(BACK_CHANNEL_PATIENCE),
  })
  await response.body?.cancel()
  if (response.ok) return
  throw new Error(`back-channel logout: ${new URL(uri).origin} answered ${response.status}`)
}
