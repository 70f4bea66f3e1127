import type { Command } from 'commander'
import type { User } from '../../directory/types.ts'
import { principalNameDomain } from '../../directory/upn.ts'
import { isoSeconds, systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/ids.ts'
import { sealer } from '../../lib/seal.ts'
import { discoverRealm } from '../../realm/discover.ts'
import { changeCredentials, credentialsOf } from '../../signin/password/credentials.ts'
import { passwordHasher } from '../../signin/password/hash.ts'
import { passwordProblems } from '../../signin/password/rules.ts'
import { setPassword } from '../../signin/password/service.ts'
import { totpUri } from '../../signin/totp/codes.ts'
import {
  disableTotp,
  enableTotp,
  proposeTotp,
  readTotpSecret,
  type SecondFactorParts,
} from '../../signin/totp/secondFactor.ts'
import type { Storage } from '../../storage/storage.ts'
import { printable } from '../printable.ts'
import { loadKeyEncryptionKey } from '../server/keyEncryptionKey.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { UsageError } from '../usageError.ts'

/** `homerealm users set-password`, `totp`, `require-mfa`, `break-glass`: what users sign in with here. */
export function addCredentialCommands(users: Command, surroundings: Surroundings): void {
  const { print } = surroundings

  users
    .command('set-password')
    .description('set the password of a managed user; it is asked for, or read from standard input')
    .argument('<upn>', 'userPrincipalName')
    .option('--must-change', 'the next sign-in leads to the page that sets a new one')
    .action((upn: string, options: { readonly mustChange?: boolean }) =>
      withUser(upn, async (storage, user) => {
        await warnUnlessManaged(storage, user)
        const password = await surroundings.readSecret(`New password of ${printable(upn)}: `)
        const parts = { ...storage, hasher: passwordHasher(systemRandom) }
        const set = { mustChange: options.mustChange === true, now: systemClock() }
        const problem = await setPassword(user, password, set, parts)
        if (problem !== null) throw new UsageError(`Nothing was set. ${passwordProblems[problem]}`)
        await storage.sessions.endSessionsOfUser(user.id, null)
        const change = set.mustChange ? ' It must be changed at the next sign-in.' : ''
        print(printable(`The password of ${user.userPrincipalName} is set.${change}`))
      }),
    )

  const totp = users.command('totp').description('second factors: codes of an authenticator app')
  totp
    .command('enable')
    .description('make a new secret; prints it with the recovery codes, this once')
    .argument('<upn>')
    .action((upn: string) =>
      withUser(upn, async (storage, user) => {
        const parts = factorParts(storage)
        const sealed = proposeTotp(user.id, parts)
        const secret = readTotpSecret(sealed, user.id, parts)
        const codes = await enableTotp(
          { userId: user.id, sealed, code: null },
          systemClock(),
          parts,
        )
        const { displayName } = await storage.directory.tenant()
        print(
          [
            'For the authenticator app (keep it from others):',
            `  ${totpUri(secret, user.userPrincipalName, displayName)}`,
            'Recovery codes, each good once:',
            ...codes.map((code) => `  ${code}`),
          ].join('\n'),
        )
      }),
    )
  totp
    .command('disable')
    .description('take the second factor away, when the authenticator is lost')
    .argument('<upn>')
    .action((upn: string) =>
      withUser(upn, async (storage, user) => {
        await disableTotp(user.id, factorParts(storage))
        print(printable(`${user.userPrincipalName} has no second factor here any more.`))
      }),
    )
  totp
    .command('list')
    .description('who has a second factor here')
    .option('--json', 'print JSON')
    .action((options: { readonly json?: boolean }) => listMarked('totp', options.json === true))

  users
    .command('require-mfa')
    .description('whether every sign-in of the user needs a second factor')
    .argument('<upn>')
    .argument('<on|off>')
    .action((upn: string, state: string) => {
      if (state !== 'on' && state !== 'off') throw new UsageError('Say on or off.')
      return withUser(upn, async (storage, user) => {
        const requireMfa = state === 'on'
        await changeCredentials(storage.credentials, user.id, (before) => ({
          ...before,
          requireMfa,
        }))
        print(
          printable(
            `${user.userPrincipalName}: a second factor is ${requireMfa ? 'required' : 'not required'}.`,
          ),
        )
      })
    })

  const breakGlass = users
    .command('break-glass')
    .description('accounts for the day when the identity provider signs nobody in')
  for (const [name, isBreakGlass] of [
    ['add', true],
    ['remove', false],
  ] as const) {
    breakGlass
      .command(name)
      .description(isBreakGlass ? 'mark an account' : 'take the mark away; the account stays')
      .argument('<upn>')
      .action((upn: string) =>
        withUser(upn, async (storage, user) => {
          if (isBreakGlass) await warnUnlessManaged(storage, user)
          await changeCredentials(storage.credentials, user.id, (before) => ({
            ...before,
            isBreakGlass,
          }))
          const mark = isBreakGlass ? 'a break-glass account' : 'no break-glass account any more'
          print(printable(`${user.userPrincipalName} is ${mark}.`))
          const { passwordHash } = await credentialsOf(storage.credentials, user.id)
          if (isBreakGlass && passwordHash === null) {
            surroundings.complain(
              printable(`It has no password yet: homerealm users set-password ${upn}`),
            )
          }
        }),
      )
  }
  breakGlass
    .command('list')
    .description('the marked accounts, and whether each could sign in today')
    .option('--json', 'print JSON')
    .action((options: { readonly json?: boolean }) =>
      listMarked('breakGlass', options.json === true),
    )

  async function withUser(
    upn: string,
    work: (storage: Storage, user: User) => Promise<void>,
  ): Promise<void> {
    const storage = await surroundings.openStorage({ readonly: false })
    try {
      const user = await storage.directory.userByPrincipalName(upn)
      if (user === null) throw new UsageError(printable(`There is no user ${upn} here.`))
      await work(storage, user)
    } finally {
      await storage.close()
    }
  }

  /** A password lies idle while the user's domain is federated. */
  async function warnUnlessManaged(storage: Storage, user: User): Promise<void> {
    const realm = await discoverRealm(
      storage.directory,
      principalNameDomain(user.userPrincipalName) ?? '',
    )
    if (realm.kind === 'managed') return
    surroundings.complain(
      printable(
        `${user.userPrincipalName} is in a domain that is not managed: its identity provider signs in, and no password is asked for here.`,
      ),
    )
  }

  function factorParts(storage: Storage): SecondFactorParts {
    const key = loadKeyEncryptionKey(surroundings.config())
    return { ...storage, random: systemRandom, sealer: sealer(key, 'second factors', systemRandom) }
  }

  async function listMarked(mark: 'totp' | 'breakGlass', json: boolean): Promise<void> {
    const storage = await surroundings.openStorage({ readonly: true })
    try {
      const rows = []
      for (const each of await storage.credentials.credentialsWith(mark)) {
        const user = await storage.directory.user(each.userId)
        if (user === null) continue
        const domain = principalNameDomain(user.userPrincipalName) ?? ''
        const { kind } = await discoverRealm(storage.directory, domain)
        rows.push({
          userPrincipalName: user.userPrincipalName,
          accountEnabled: user.accountEnabled,
          domain: kind,
          hasPassword: each.passwordHash !== null,
          hasTotp: each.totpSecret !== null,
          recoveryCodes: each.recoveryCodes.length,
          isBreakGlass: each.isBreakGlass,
          totpEnabledAt: each.totpEnabledAt === null ? null : isoSeconds(each.totpEnabledAt),
        })
      }
      if (json) return print(JSON.stringify(rows, null, 2))
      if (rows.length === 0) return print('Nobody.')
      const cells = rows.map((row) => [
        row.userPrincipalName,
        row.accountEnabled ? 'enabled' : 'DISABLED',
        row.domain === 'managed' ? 'managed' : row.domain.toUpperCase(),
        row.hasPassword ? 'yes' : 'NONE',
        row.hasTotp ? `yes, ${row.recoveryCodes} recovery codes left` : 'none',
      ])
      print(printable(table(['USER', 'ACCOUNT', 'DOMAIN', 'PASSWORD', 'SECOND FACTOR'], cells)))
    } finally {
      await storage.close()
    }
  }
}
