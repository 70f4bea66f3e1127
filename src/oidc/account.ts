import type { IncomingMessage } from 'node:http'
import type { Account, AuthorizationCode, FindAccount, KoaContextWithOIDC } from 'oidc-provider'
import type { User } from '../directory/types.ts'
import { inBulk } from '../lib/ids.ts'
import { mayUse } from './assignment.ts'
import { idTokenClaims } from './claims.ts'
import { appOf } from './clients.ts'
import { type OidcParts, userinfoUrlOf } from './deps.ts'
import { AadstsError } from './errors.ts'
import { groupsOf } from './groups.ts'
import type { Keys } from './keys.ts'
import { loginHints } from './loginHint.ts'
import type { Person } from './person.ts'
import { providerSeconds } from './providerClock.ts'
import { lacksSecondFactor } from './secondFactor.ts'
import { hasKept, keepSignIn, keptSignIn, type SignInRecord, signInStands } from './signInRecord.ts'
import type { App } from './types.ts'

/** The provider's view of a person. */
export interface Accounts {
  readonly find: FindAccount
  /** The user, who must be there and enabled: refuses with 50034 or 50057. */
  user(id: string): Promise<User>
  /**
   * The user whom a code or token of this grant stands for: refuses as `user` does, and with 50173 when the sign-in behind the grant
   * could not be made any more.
   */
  standing(
    ctx: KoaContextWithOIDC,
    of: { readonly accountId: string; readonly grantId: string },
  ): Promise<User>
  /** The same user as `find` gave to this very request, not asked for again; else as `user` does. */
  userOf(ctx: KoaContextWithOIDC, id: string): Promise<User>
  /** The groups that the sign-in behind a grant named, asked for once a request; without a grant, those of the session at hand. */
  groups(ctx: KoaContextWithOIDC, grantId: string | undefined): Promise<readonly string[]>
  /** Keeps the sign-in of this person with a grant to an app. `expiresAt` is the end of the grant. */
  keepSignIn(grantId: string, person: Person, app: App, expiresAt: number): Promise<void>
  /** Whether the sign-in that is kept with a grant is this one, as it would be kept now. */
  hasKept(grantId: string, person: Person): Promise<boolean>
  /** Refuses with 50076 a sign-in (its `amr`) without the second factor that the app or the user's setting requires by now. */
  mustBeStrongEnough(app: App, userId: string, amr: readonly string[] | undefined): Promise<void>
  /** Refuses with 50105 one who may not use the app. */
  mustBeAssigned(app: App, userId: string, groups: readonly string[]): void
}

export function createAccounts(parts: OidcParts, keys: Pick<Keys, 'pairwiseSecret'>): Accounts {
  const { directory, tenant, currentPerson } = parts
  const random = inBulk(parts.random)
  const hints = loginHints(parts, keys)

  const users = new WeakMap<Account, User>()
  const signIns = new WeakMap<
    KoaContextWithOIDC,
    { readonly grantId: string; readonly signIn: Promise<SignInRecord | null> }
  >()

  /** The sign-in behind a grant, asked for once a request. */
  function signInOf(ctx: KoaContextWithOIDC, grantId: string): Promise<SignInRecord | null> {
    const known = signIns.get(ctx)
    if (known?.grantId === grantId) return known.signIn
    const signIn = keptSignIn(parts, grantId)
    signIns.set(ctx, { grantId, signIn })
    return signIn
  }

  async function user(id: string): Promise<User> {
    const found = await directory.user(id)
    if (found === null) throw new AadstsError(50034, { tenant: tenant.id })
    if (!found.accountEnabled) throw new AadstsError(50057)
    return found
  }

  async function groups(ctx: KoaContextWithOIDC, grantId: string | undefined) {
    if (grantId === undefined) {
      const person = await currentPerson(ctx.req as IncomingMessage)
      return person === null ? [] : groupsOf(person)
    }
    return (await signInOf(ctx, grantId))?.groups ?? []
  }

  const standing: Accounts['standing'] = async (ctx, { accountId, grantId }) => {
    const found = await user(accountId)
    if (!(await signInStands(parts, await signInOf(ctx, grantId), found)))
      throw new AadstsError(50173)
    return found
  }

  const mustBeStrongEnough: Accounts['mustBeStrongEnough'] = async (app, userId, amr) => {
    if (await lacksSecondFactor(parts, app, userId, amr)) throw new AadstsError(50076)
  }

  return {
    user,
    standing,
    groups,

    async userOf({ oidc }, id) {
      const { account } = oidc
      const known = account === undefined ? undefined : users.get(account)
      return known?.id === id ? known : user(id)
    },

    async find(ctx, id, token): Promise<Account> {
      // A code knows how its person signed in; the app, or the user's setting, may have been made stricter since.
      if (token?.kind === 'AuthorizationCode') {
        await mustBeStrongEnough(appOf(ctx.oidc.client), id, (token as AuthorizationCode).amr)
      }
      const grantId = token?.grantId
      const found =
        grantId === undefined ? await user(id) : await standing(ctx, { accountId: id, grantId })
      const account: Account = {
        accountId: found.id,
        claims: async (_use, scope) => ({
          sub: found.id,
          ...idTokenClaims(
            {
              app: appOf(ctx.oidc.client),
              user: found,
              tenantId: tenant.id,
              groups: await groups(ctx, grantId),
              userinfoUrl: userinfoUrlOf(parts),
              now: providerSeconds(),
              uti: random(16).toString('base64url'),
              loginHint: () => hints.make({ userId: found.id, sid: sidOf(ctx, token) }),
            },
            new Set(scope.split(' ')),
          ),
        }),
      }
      users.set(account, found)
      return account
    },

    keepSignIn: (grantId, person, app, expiresAt) =>
      keepSignIn(parts, person, { grantId, clientId: app.id, expiresAt }),

    hasKept: (grantId, person) => hasKept(parts, grantId, person),

    mustBeStrongEnough,

    mustBeAssigned(app, userId, named) {
      if (!mayUse(app, { userId, groups: named })) throw new AadstsError(50105)
    },
  }
}

/** The `sid` of the ID token that is made: of the code or refresh token, or of the session when it comes from the authorization endpoint. */
function sidOf({ oidc }: KoaContextWithOIDC, token: Parameters<FindAccount>[2]): string {
  const { sid } = (token ?? {}) as { readonly sid?: string }
  return sid ?? oidc.session?.sidFor(oidc.client?.clientId ?? '') ?? ''
}
