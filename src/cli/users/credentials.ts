import type { Command } from 'commander'
import type { User } from '../../directory/types.ts'
import { systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/ids.ts'
import { sealer, sealPurposes } from '../../lib/seal.ts'
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
import { keyEncryptionKeyOf } from '../server/keyEncryptionKey.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { UsageError } from '../usageError.ts'
import { listed, realmKindOf, secondFactorOf, withUser } from './accounts.ts'

/** `homerealm users set-password`, `totp`, `require-mfa`: what users sign in with here. */
export function addCredentialCommands(users: Command, surroundings: Surroundings): void {
  const { print } = surroundings

  users
    .command('set-password')
    .description('set the password of a managed user; it is asked for, or read from standard input')
    .argument('<upn>', 'userPrincipalName')
    .option('--must-change', 'the next sign-in leads to the page that sets a new one')
    .action((upn: string, options: { readonly mustChange?: boolean }) =>
      withUser(surroundings, upn, async (storage, user) => {
        await warnUnlessManaged(storage, user)
        const password = await surroundings.readSecret(`New password of ${printable(upn)}: `)
        const parts = { ...storage, hasher: passwordHasher(systemRandom) }
        const set = { mustChange: options.mustChange === true, now: systemClock() }
        const problem = await setPassword(user, password, set, parts)
        if (problem !== null) throw new UsageError(`Nothing was set. ${passwordProblems[problem]}`)
        await storage.sessions.endSessionsOfUser(user.id, null)
        const next = set.mustChange ? ' It must be changed at the next sign-in.' : ''
        print(
          printable(
            `The password of ${user.userPrincipalName} is set.${next} Sessions are ended, and a lock-out is lifted.`,
          ),
        )
      }),
    )

  const totp = users.command('totp').description('second factors: codes of an authenticator app')
  totp
    .command('enable')
    .description('make a new secret; prints it with the recovery codes, this once')
    .argument('<upn>', 'userPrincipalName')
    .action((upn: string) =>
      withUser(surroundings, upn, async (storage, user) => {
        const parts = await factorParts(storage)
        const { totpSecret: older } = await credentialsOf(storage.credentials, user.id)
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
            'For the authenticator app (whoever has it has the second factor; it is shown this once):',
            `  ${totpUri(secret, user.userPrincipalName, displayName)}`,
            'To type it there instead: the key is',
            `  ${secret.replaceAll(/.{4}(?=.)/g, '$& ')}`,
            'Recovery codes, each good once in place of a code (print them, and lock them away):',
            ...codes.map((code) => `  ${code}`),
          ].join('\n'),
        )
        if (older !== null) {
          surroundings.complain(
            'They replace the second factor that was there before: its codes and its recovery codes are void.',
          )
        }
      }),
    )
  totp
    .command('disable')
    .description('take the second factor away, when the authenticator is lost')
    .argument('<upn>', 'userPrincipalName')
    .action((upn: string) =>
      withUser(surroundings, upn, async (storage, user) => {
        const { totpSecret } = await credentialsOf(storage.credentials, user.id)
        await disableTotp(user.id, storage)
        print(
          printable(
            totpSecret === null
              ? `${user.userPrincipalName} had no second factor here. Nothing was changed.`
              : `${user.userPrincipalName} has no second factor here any more.`,
          ),
        )
      }),
    )
  totp
    .command('list')
    .description('who has a second factor here')
    .option('--json', 'print JSON')
    .action(async (options: { readonly json?: boolean }) => {
      const storage = await surroundings.openStorage({ readonly: true })
      try {
        const rows = await listed(storage, 'totp')
        if (options.json === true) return print(JSON.stringify(rows, null, 2))
        if (rows.length === 0) return print('Nobody has a second factor here.')
        const cells = rows.map((row) => [
          row.userPrincipalName,
          row.accountEnabled ? 'enabled' : 'DISABLED',
          row.totpEnabledAt ?? '-',
          secondFactorOf(row),
        ])
        print(printable(table(['USER', 'ACCOUNT', 'SINCE', 'SECOND FACTOR'], cells)))
      } finally {
        await storage.close()
      }
    })

  users
    .command('require-mfa')
    .description('whether every sign-in of the user needs a second factor')
    .argument('<upn>', 'userPrincipalName')
    .argument('<on|off>')
    .action((upn: string, state: string) => {
      if (state !== 'on' && state !== 'off') {
        throw new UsageError('Say on or off: homerealm users require-mfa UPN on')
      }
      return withUser(surroundings, upn, async (storage, user) => {
        const requireMfa = state === 'on'
        await changeCredentials(storage.credentials, user.id, (before) => ({
          ...before,
          requireMfa,
        }))
        print(
          printable(
            `${user.userPrincipalName}: a second factor is ${requireMfa ? 'required. A session without one serves no app from now on, nor does a refresh token.' : 'not required.'}`,
          ),
        )
      })
    })

  /** A password lies idle while the user's domain is federated. */
  async function warnUnlessManaged(storage: Storage, user: User): Promise<void> {
    const kind = await realmKindOf(storage, user)
    if (kind === 'managed') return
    surroundings.complain(
      printable(
        `The domain of ${user.userPrincipalName} is ${kind}: this password has no effect as long as that is so.`,
      ),
    )
  }

  async function factorParts(storage: Storage): Promise<SecondFactorParts> {
    const key = await keyEncryptionKeyOf(surroundings.config(), storage)
    const opened = sealer(key, sealPurposes.secondFactors, systemRandom)
    return { ...storage, random: systemRandom, sealer: opened }
  }
}
