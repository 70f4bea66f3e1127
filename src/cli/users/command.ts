import { type Command, Option } from 'commander'
import { exportUsers, type HeadingStyle } from '../../admin/csv/exportUsers.ts'
import { writeFileAtomically } from '../../admin/csv/files.ts'
import { domainName, existingDomain } from '../../directory/domains.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { User } from '../../directory/types.ts'
import { systemRandom } from '../../lib/ids.ts'
import { withStore } from '../domains/command.ts'
import { jsonLine } from '../json.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { wholeNumber } from '../wholeNumber.ts'
import { addBreakGlassCommands } from './breakGlass.ts'
import { addCredentialCommands } from './credentials.ts'
import { addDriftCommand } from './drift.ts'
import { addEditCommands } from './edit.ts'
import { addImportCommand } from './import.ts'
import { addImportsCommands } from './imports.ts'
import { addShowCommand } from './show.ts'

/** `homerealm users import|list|export|add|set|remove`, and what users sign in with. */
export function addUsersCommand(program: Command, surroundings: Surroundings): void {
  const users = program
    .command('users')
    .description(
      'the users: one by one, import and export by CSV, passwords, second factors, break-glass',
    )
  users
    .command('list')
    .description('users in the order of their userPrincipalName')
    .option('--domain <domain>', 'of this domain only')
    .option('--limit <number>', 'at most so many', '200')
    .option('--json', 'print JSON lines, one user a line, without limit')
    .action((options: ListOptions) =>
      withStore(surroundings, true, (store) => list(store, options, surroundings)),
    )
  addShowCommand(users, surroundings)
  addEditCommands(users, surroundings)
  addImportCommand(users, surroundings)
  addImportsCommands(users, surroundings)

  users
    .command('export')
    .description('all users as CSV; importing it again changes nothing')
    .option('--domain <domain>', 'of this domain only')
    .addOption(
      new Option('--headings <style>', 'whose column names')
        .choices(['graph', 'okta', 'entra'])
        .default('graph'),
    )
    .option('--out <file>', 'write here (whole or not at all, mode 600) instead of standard output')
    .action((options: { domain?: string; headings: HeadingStyle; out?: string }) =>
      withStore(surroundings, true, async (store) => {
        const domain = await domainOption(store, options.domain)
        const pieces = exportUsers(store, { ...domain, headings: options.headings })
        if (options.out !== undefined) {
          await writeFileAtomically(options.out, pieces, systemRandom)
          const count = await store.countUsers(domain)
          surroundings.complain(`${count} users written to ${printable(options.out)}.`)
          return
        }
        for await (const piece of pieces) {
          if (!process.stdout.write(piece))
            await new Promise((go) => process.stdout.once('drain', go))
        }
      }),
    )
  addDriftCommand(users, surroundings)
  addCredentialCommands(users, surroundings)
  addBreakGlassCommands(users, surroundings)
}

interface ListOptions {
  readonly domain?: string
  readonly limit: string
  readonly json?: boolean
}

async function list(
  store: DirectoryStore,
  options: ListOptions,
  { print, complain }: Surroundings,
): Promise<void> {
  const filter = await domainOption(store, options.domain)
  const limit = wholeNumber(options.limit, '--limit')
  const shown: User[] = []
  for await (const user of store.users(filter)) {
    if (options.json) print(jsonLine(user))
    else if (shown.push(user) === limit) break
  }
  if (options.json) return
  if (shown.length === 0) {
    print('No users here. Load some: homerealm users import FILE.csv')
    return
  }
  const rows = shown.map((user) => [
    user.userPrincipalName,
    user.displayName,
    user.onPremisesImmutableId ?? '-',
    user.accountEnabled ? 'enabled' : 'DISABLED',
  ])
  print(printable(table(['USER', 'NAME', 'IMMUTABLE ID', 'ACCOUNT'], rows)))
  const total = await store.countUsers(filter)
  if (total > shown.length)
    complain(`${shown.length} of ${total}; more with --limit, all with users export`)
}

/** The domain as the store's filter wants it; refuses one that is not here, for an empty list would say less. */
async function domainOption(
  store: DirectoryStore,
  name: string | undefined,
): Promise<{ readonly domain?: string }> {
  return name === undefined ? {} : { domain: (await existingDomain(store, domainName(name))).id }
}
