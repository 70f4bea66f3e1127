import type { IncomingMessage } from 'node:http'
import type { Grant, KoaContextWithOIDC, Provider } from 'oidc-provider'
import { hours } from '../lib/clock.ts'
import type { Accounts } from './account.ts'
import { appOf } from './clients.ts'
import type { OidcParts } from './deps.ts'
import type { Person } from './person.ts'
import { oidcScopes } from './scopes.ts'
import type { App } from './types.ts'

/** Seconds that a grant holds when refresh tokens hang on it: a person signs in at least this often. */
const GRANT_WITH_REFRESH = (365 * hours(24)) / 1000
/** Long enough for the codes that are made under it. */
const GRANT_WITHOUT_REFRESH = hours(24) / 1000

/** The provider's `ttl.Grant`. */
export function grantSeconds(_ctx: unknown, grant: Grant): number {
  return isLasting(grant) ? GRANT_WITH_REFRESH : GRANT_WITHOUT_REFRESH
}

function isLasting(grant: Grant): boolean {
  return grant.getOIDCScope().split(' ').includes('offline_access')
}

/** What is granted: scopes of OpenID Connect, and those of one API (or of userinfo) in full. */
export interface Granted {
  readonly scopes: readonly string[]
  readonly resource: string
}

/**
 * Adds to a grant and keeps it, with the person's sign-in; nothing is written when nothing is new. Consent is the admin's: what is asked
 * for is granted.
 */
export async function grantTo(
  grant: Grant,
  { scopes, resource }: Granted,
  keep: {
    readonly accounts: Accounts
    readonly person: Person
    readonly app: App
    readonly now: number
  },
): Promise<string> {
  const asked = new Set(scopes)
  const oidc = oidcScopes.filter((scope) => asked.has(scope))
  const isCovered =
    grant.jti !== undefined &&
    includes(grant.getOIDCScope(), oidc) &&
    includes(grant.getResourceScope(resource), asked)
  if (isCovered && (await keep.accounts.hasKept(grant.jti, keep.person))) return grant.jti
  if (oidc.length > 0) grant.addOIDCScope(oidc)
  // userinfo's own scopes are scopes of OpenID Connect as well, hence all of them.
  grant.addResourceScope(resource, [...asked])
  const id = await grant.save()
  const expiresAt = keep.now + grantSeconds(null, grant) * 1000
  await keep.accounts.keepSignIn(id, keep.person, keep.app, expiresAt)
  return id
}

/**
 * The provider's `loadExistingGrant`: the grant of this session and app, enlarged by what is asked for now, or a new one. A grant
 * that ends too soon for refresh tokens is replaced by one that lasts.
 */
export function grantLoader(provider: () => Provider, parts: OidcParts, accounts: Accounts) {
  return async function loadExistingGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
    const { oidc } = ctx
    const { session, account, params } = oidc
    // Someone is to sign in or choose first; what the present person grants is of no use then.
    if (isPending(oidc, 'login') || isPending(oidc, 'select_account')) return undefined
    const app = appOf(oidc.client)
    const person = await parts.currentPerson(ctx.req as IncomingMessage)
    if (session === undefined || account === undefined || person === null) return undefined
    const scopes = String(params?.scope ?? '')
      .split(' ')
      .filter(Boolean)
    const { Grant: GrantModel } = provider()
    const grantId = session.grantIdFor(app.id)
    const present = grantId === undefined ? undefined : await GrantModel.find(grantId)
    const isUsable =
      present?.accountId === account.accountId &&
      (isLasting(present) || !scopes.includes('offline_access'))
    const grant = isUsable
      ? present
      : new GrantModel({ clientId: app.id, accountId: account.accountId })
    const granted = { scopes, resource: String(params?.resource) }
    const keep = { accounts, person, app, now: parts.clock() }
    await grantTo(grant, granted, keep)
    return grant
  }
}

function includes(scope: string, wanted: Iterable<string>): boolean {
  const present = new Set(scope.split(' '))
  return [...wanted].every((each) => present.has(each))
}

function isPending(oidc: KoaContextWithOIDC['oidc'], prompt: string): boolean {
  return oidc.prompts.has(prompt) && oidc.promptPending(prompt)
}
