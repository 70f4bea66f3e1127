import type { Command } from 'commander'
import { changeCredentials, credentialsOf } from '../../signin/password/credentials.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { UsageError } from '../usageError.ts'
import { listed, realmKindOf, secondFactorOf, withUser } from './accounts.ts'

/** `homerealm users break-glass add|remove|list`: the accounts for the day when the identity provider signs nobody in. */
export function addBreakGlassCommands(users: Command, surroundings: Surroundings): void {
  const { print, complain } = surroundings
  const breakGlass = users
    .command('break-glass')
    .description('accounts for the day when the identity provider signs nobody in')

  breakGlass
    .command('add')
    .description('mark an account of a managed domain')
    .argument('<upn>', 'userPrincipalName')
    .action((upn: string) =>
      withUser(surroundings, upn, async (storage, user) => {
        const { userPrincipalName, accountEnabled } = user
        const domain = await realmKindOf(storage, user)
        if (domain !== 'managed') {
          throw new UsageError(
            printable(
              `Nothing was marked: the domain of ${userPrincipalName} is ${domain}, so that nobody of it can sign in without the identity provider. Make an account in a managed domain (homerealm domains list).`,
            ),
          )
        }
        await changeCredentials(storage.credentials, user.id, (before) => ({
          ...before,
          isBreakGlass: true,
        }))
        print(printable(`${userPrincipalName} is a break-glass account.`))
        const { passwordHash, totpSecret } = await credentialsOf(storage.credentials, user.id)
        const missing = [
          ...(accountEnabled ? [] : ['It is disabled: enable it by users import.']),
          ...(passwordHash === null
            ? [`It has no password yet: homerealm users set-password ${userPrincipalName}`]
            : []),
          ...(totpSecret === null
            ? [`It has no second factor yet: homerealm users totp enable ${userPrincipalName}`]
            : []),
        ]
        for (const each of missing) complain(printable(each))
      }),
    )

  breakGlass
    .command('remove')
    .description('take the mark away; the account stays')
    .argument('<upn>', 'userPrincipalName')
    .action((upn: string) =>
      withUser(surroundings, upn, async (storage, { id, userPrincipalName }) => {
        const { isBreakGlass } = await credentialsOf(storage.credentials, id)
        await changeCredentials(storage.credentials, id, (before) =>
          before.isBreakGlass ? { ...before, isBreakGlass: false } : null,
        )
        print(
          printable(
            isBreakGlass
              ? `${userPrincipalName} is no break-glass account any more.`
              : `${userPrincipalName} was no break-glass account. Nothing was changed.`,
          ),
        )
      }),
    )

  breakGlass
    .command('list')
    .description('the marked accounts; status 1 when there is none, or one could not sign in today')
    .option('--json', 'print JSON')
    .action(async (options: { readonly json?: boolean }) => {
      const storage = await surroundings.openStorage({ readonly: true })
      try {
        const rows = await listed(storage, 'breakGlass')
        if (rows.length === 0 || rows.some((row) => !row.couldSignInByPassword)) {
          surroundings.exit(1)
        }
        if (options.json === true) return print(JSON.stringify(rows, null, 2))
        if (rows.length === 0) {
          return print('No account is marked. Mark one: homerealm users break-glass add UPN')
        }
        const cells = rows.map((row) => [
          row.userPrincipalName,
          row.couldSignInByPassword ? 'yes' : `NO: ${row.obstacles.join(', ')}`,
          row.passwordSetAt ?? '-',
          secondFactorOf(row),
        ])
        const headings = ['USER', 'COULD SIGN IN TODAY', 'PASSWORD SET', 'SECOND FACTOR']
        print(printable(table(headings, cells)))
      } finally {
        await storage.close()
      }
    })
}
