import type { Grant, RefreshToken, TokenEndpointGrantContext } from 'oidc-provider'
import type { Accounts } from './account.ts'
import { appOf } from './clients.ts'
import { type OidcParts, userinfoUrlOf } from './deps.ts'
import { AadstsError } from './errors.ts'
import type { Resources } from './resources.ts'
import { readScopes } from './scopes.ts'
import { tokensOf } from './tokens.ts'

/**
 * `grant_type=refresh_token` (RFC 6749 section 6) as Entra's clients know it. Unlike the provider's own, one refresh token serves
 * every API of which the app was granted something (the scope names it), and `offline_access` among the scopes does no harm. Each use makes a new refresh token; the use of
 * an old one revokes the whole grant, since of the two who have it one is a thief (RFC 9700 section 4.14.2). One of
 * several uses at the very same moment is served.
 */
export function refreshHandler(parts: OidcParts, accounts: Accounts, resources: Resources) {
  return async function refresh(ctx: TokenEndpointGrantContext): Promise<void> {
    const { oidc } = ctx
    const app = appOf(oidc.client)
    const token = await presented(ctx, app.id)
    const grant = await grantOf(ctx, token)
    if (token.consumed) {
      await revoke(token, grant)
      throw new AadstsError(50173)
    }
    const user = await accounts.standing(ctx, { accountId: token.accountId, grantId: grant.jti })
    accounts.mustBeAssigned(app, user.id, await accounts.groups(ctx, grant.jti))
    await accounts.mustBeStrongEnough(app, user.id, token.amr)
    const wanted = await wantedTokens(ctx, token)

    // The tokens are made before this one is used up: once it is, nothing can fail any more, though another node, where the same token
    // comes a moment later, ends the grant meanwhile.
    const issue = { ...wanted, source: sourceOf(token, grant), gty: 'refresh_token' }
    const made = await tokensOf(ctx, issue, accounts, resources)
    await token.consume()
    const next = new oidc.provider.RefreshToken({
      ...successorOf(token, grant),
      client: oidc.client,
    })
    ctx.body = { ...made, refresh_token: await next.save() }
  }

  /** Scopes and resource of the answer: those asked for; without a scope, those of the sign-in (RFC 6749 section 6). */
  async function wantedTokens({ oidc }: TokenEndpointGrantContext, token: RefreshToken) {
    const granted = [...token.scopes]
    const ofSignIn = granted.filter((scope) => scope !== 'offline_access')
    const asked = oidc.params.scope
    const app = appOf(oidc.client)
    if (asked === undefined) {
      const resource = String(token.resource)
      return { scopes: await resources.stillGranted(resource, app, ofSignIn), resource }
    }
    const { oidc: words, api, apiScopes } = await readScopes(asked, parts.apps, app)
    // What was not granted at the sign-in (openid, profile, email) is left out of the answer.
    const oidcScopes = words.filter((scope) => ofSignIn.includes(scope))
    const resource = api?.api?.identifierUri ?? userinfoUrlOf(parts)
    return { scopes: [...oidcScopes, ...apiScopes], resource }
  }
}

async function presented(
  { oidc }: TokenEndpointGrantContext,
  appId: string,
): Promise<RefreshToken> {
  const sent = oidc.params.refresh_token
  if (typeof sent !== 'string') throw new AadstsError(900144, { parameter: 'refresh_token' })
  const token = await oidc.provider.RefreshToken.find(sent, { ignoreExpiration: true })
  // A token of another app is as good as none, and its own app keeps it.
  if (token === undefined || token.clientId !== appId) throw new AadstsError(70000)
  if (token.isExpired && !token.consumed) throw new AadstsError(700082)
  oidc.entity('RefreshToken', token)
  return token
}

async function grantOf({ oidc }: TokenEndpointGrantContext, token: RefreshToken): Promise<Grant> {
  const grant = await oidc.provider.Grant.find(token.grantId ?? '', { ignoreExpiration: true })
  if (grant === undefined || grant.isExpired || grant.accountId !== token.accountId) {
    throw new AadstsError(50173)
  }
  oidc.entity('Grant', grant)
  return grant
}

async function revoke(token: RefreshToken, grant: Grant): Promise<void> {
  await token.adapter.revokeByGrantId(grant.jti)
  await grant.destroy()
}

function sourceOf(token: RefreshToken, grant: Grant) {
  const { accountId, acr, amr, authTime, sid, sessionUid } = token
  return { accountId, grantId: grant.jti, acr, amr, authTime, sid, sessionUid }
}

function successorOf(token: RefreshToken, grant: Grant) {
  const { gty = 'refresh_token', scope = '', resource, iiat, rotations = 0 } = token
  return { ...sourceOf(token, grant), gty, scope, resource, iiat, rotations: rotations + 1 }
}
