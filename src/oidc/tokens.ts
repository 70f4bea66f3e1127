import type {
  AccessToken,
  ClientCredentials,
  JWTStructured,
  KoaContextWithOIDC,
  TokenEndpointGrantContext,
} from 'oidc-provider'
import { inBulk } from '../lib/ids.ts'
import type { Accounts } from './account.ts'
import { appAccessClaims, userAccessClaims } from './claims.ts'
import { appOf } from './clients.ts'
import { type OidcParts, userinfoUrlOf } from './deps.ts'
import { AadstsError } from './errors.ts'
import { rolesGranted } from './permissions.ts'
import type { Resources } from './resources.ts'
import { isDefaultScope, shortScope } from './scopes.ts'
import { pairwiseSubject } from './subject.ts'

/**
 * The provider's `formats.customizers.jwt`: gives an access token the claims that Entra's has, beside those that RFC 9068 section
 * 2.2 requires. `sub` is pairwise to the API, which must know a person again whichever app they come by; for userinfo it is
 * pairwise to the app, whose ID tokens it must agree with.
 */
export function accessTokenCustomizer(
  parts: OidcParts,
  accounts: Accounts,
  resources: Resources,
  pairwiseSecret: Buffer,
) {
  const random = inBulk(parts.random)
  return async function customize(
    ctx: KoaContextWithOIDC,
    token: AccessToken | ClientCredentials,
    jwt: JWTStructured,
  ): Promise<void> {
    const client = appOf(token.client)
    const { payload } = jwt
    const facts = {
      client,
      tenantId: parts.tenant.id,
      now: Number(payload.iat),
      uti: random(16).toString('base64url'),
    }
    const resource = String(payload.aud)
    const usedKey = ctx.oidc.params?.client_assertion !== undefined
    if (token.kind === 'ClientCredentials') {
      const asked = await resources.apiOf(resource)
      const roles = asked === null ? [] : rolesGranted(client, asked)
      delete payload.scope
      Object.assign(payload, appAccessClaims({ ...facts, roles, usedKey }))
      return
    }
    const { accountId, grantId, sid } = token as AccessToken
    const api = await resources.apiOf(resource)
    const user = await accounts.userOf(ctx, accountId)
    const scopes = (token.scope ?? '')
      .split(' ')
      .filter((scope) => scope !== '' && !isDefaultScope(scope))
    // What was granted at the sign-in may have been taken back before the code was redeemed.
    if (api !== null && scopes.length === 0 && api.id !== client.id) {
      throw new AadstsError(65001, { app: client.id, detail: resource })
    }
    const claims = userAccessClaims({
      ...facts,
      api,
      user,
      usedKey,
      scp: scopes.map(shortScope).join(' '),
      groups: await accounts.groups(ctx, grantId),
      grantId,
      userinfoUrl: userinfoUrlOf(parts),
    })
    const sub = pairwiseSubject(pairwiseSecret, user.id, api?.id ?? client.id)
    Object.assign(payload, { scope: claims.scp, sub, ...(sid !== undefined && { sid }) }, claims)
  }
}

/** What an authorized person brings to the token endpoint: a refresh token, or a device code. */
export interface TokenSource {
  readonly accountId: string
  readonly grantId: string
  readonly acr?: string | undefined
  readonly amr?: string[] | undefined
  readonly authTime?: number | undefined
  readonly nonce?: string | undefined
  readonly sid?: string | undefined
  readonly sessionUid?: string | undefined
}

/** Makes the tokens of one answer (RFC 6749 section 5.1), for the grants that are ours: all but the refresh token. */
export async function tokensOf(
  ctx: TokenEndpointGrantContext,
  issue: {
    readonly source: TokenSource
    readonly gty: string
    readonly resource: string
    /** The scopes of the answer in full: of OpenID Connect and of the resource. */
    readonly scopes: readonly string[]
  },
  accounts: Accounts,
  resources: Resources,
): Promise<Record<string, unknown>> {
  const { source, gty, resource, scopes } = issue
  const { provider, client } = ctx.oidc
  const account = await accounts.find(ctx, source.accountId, source as never)
  if (account === undefined) throw new Error('accounts.find gives an account or throws')
  ctx.oidc.entity('Account', account)
  const info = await resources.resourceServer(ctx, resource, client)
  const offered = new Set(info.scope.split(' '))
  const token = new provider.AccessToken({
    client,
    accountId: source.accountId,
    grantId: source.grantId,
    gty,
    sid: source.sid,
    sessionUid: source.sessionUid,
    resourceServer: new provider.ResourceServer(resource, info),
    scope: scopes.filter((scope) => offered.has(scope)).join(' '),
  })
  const accessToken = await token.save()
  const idToken = scopes.includes('openid') ? await idTokenFor(ctx, source, scopes) : undefined
  return {
    token_type: 'Bearer',
    scope: token.scope,
    expires_in: token.expiration,
    access_token: accessToken,
    ...(idToken !== undefined && { id_token: idToken }),
  }

  async function idTokenFor(
    { oidc }: TokenEndpointGrantContext,
    from: TokenSource,
    asked: readonly string[],
  ): Promise<string> {
    const claims = await account?.claims('id_token', asked.join(' '), {}, [])
    const made = new oidc.provider.IdToken(
      { ...claims, sub: from.accountId, acr: from.acr, amr: from.amr, auth_time: from.authTime },
      { ctx },
    )
    Object.assign(made, { scope: 'openid' })
    made.set('sid', from.sid)
    if (from.nonce !== undefined) made.set('nonce', from.nonce)
    return made.issue({ use: 'idtoken' })
  }
}
