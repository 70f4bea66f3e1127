import type { IncomingMessage } from 'node:http'
import type { Account, FindAccount, KoaContextWithOIDC } from 'oidc-provider'
import type { User } from '../directory/types.ts'
import type { Instant } from '../lib/clock.ts'
import { mayUse } from './assignment.ts'
import { idTokenClaims } from './claims.ts'
import { appOf } from './clients.ts'
import { type OidcParts, userinfoUrlOf } from './deps.ts'
import { AadstsError } from './errors.ts'
import { groupsOf } from './groups.ts'
import type { ProviderRecords } from './ports.ts'
import { providerSeconds } from './providerClock.ts'
import type { App } from './types.ts'

/** The kind of record that keeps what a grant's sign-in said, for tokens that are made after its session is over. */
const SIGN_IN = 'SignIn'

/** The groups that were kept with a grant. */
export async function keptGroups(
  records: Pick<ProviderRecords, 'find'>,
  grantId: string,
  now: Instant,
): Promise<readonly string[]> {
  const kept = await records.find(SIGN_IN, grantId, now)
  return kept === null ? [] : (JSON.parse(kept.payload).groups as readonly string[])
}

/** The provider's view of a person. */
export interface Accounts {
  readonly find: FindAccount
  /** The user, who must be there and enabled: refuses with 50034 or 50057. */
  user(id: string): Promise<User>
  /** The groups that the sign-in behind a grant named; without a grant, those of the session at hand. */
  groups(ctx: KoaContextWithOIDC, grantId: string | undefined): Promise<readonly string[]>
  /** Keeps the groups of the sign-in with the grant, if any app will ask for them. `expiresAt` is the end of the grant. */
  keepGroups(grantId: string, groups: readonly string[], app: App, expiresAt: number): Promise<void>
  /** Refuses with 50105 one who may not use the app. */
  mustBeAssigned(app: App, userId: string, groups: readonly string[]): void
}

export function createAccounts(parts: OidcParts): Accounts {
  const { directory, records, clock, tenant, random, currentPerson } = parts

  async function user(id: string): Promise<User> {
    const found = await directory.user(id)
    if (found === null) throw new AadstsError(50034, { tenant: tenant.id })
    if (!found.accountEnabled) throw new AadstsError(50057)
    return found
  }

  async function groups(ctx: KoaContextWithOIDC, grantId: string | undefined) {
    if (grantId === undefined) {
      const person = await currentPerson(ctx.req as IncomingMessage)
      return person === null ? [] : groupsOf(person.session)
    }
    return keptGroups(records, grantId, clock())
  }

  return {
    user,
    groups,

    async find(ctx, id, token): Promise<Account> {
      const found = await user(id)
      return {
        accountId: found.id,
        claims: async (_use, scope) => ({
          sub: found.id,
          ...idTokenClaims(
            {
              app: appOf(ctx.oidc.client),
              user: found,
              tenantId: tenant.id,
              groups: await groups(ctx, token?.grantId),
              userinfoUrl: userinfoUrlOf(parts),
              now: providerSeconds(),
              uti: random(16).toString('base64url'),
            },
            new Set(scope.split(' ')),
          ),
        }),
      }
    },

    async keepGroups(grantId, named, app, expiresAt) {
      if (named.length === 0) return
      await records.put({
        kind: SIGN_IN,
        id: grantId,
        payload: JSON.stringify({ groups: named }),
        grantId,
        userCode: null,
        clientId: app.id,
        expiresAt,
        consumedAt: null,
      })
    },

    mustBeAssigned(app, userId, named) {
      if (!mayUse(app, { userId, groups: named })) throw new AadstsError(50105)
    },
  }
}
