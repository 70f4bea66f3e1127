import type { Command } from 'commander'
import { recorded } from '../../directory/domainHistory.ts'
import { type Leaving, manage, promote, removeDomains } from '../../directory/domainLifecycle.ts'
import { setDefaultDomainWithin } from '../../directory/domains.ts'
import { undoWork } from '../../directory/domainUndo.ts'
import { isoSeconds } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/ids.ts'
import type { Storage } from '../../storage/storage.ts'
import { actor } from '../actor.ts'
import { jsonText } from '../json.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { UsageError } from '../usageError.ts'
import { carryOut } from './carryOut.ts'
import { withStorage } from './command.ts'

interface Confirmed {
  readonly yes?: boolean
}

const yes = [
  '--yes',
  'do it without a question; needed where nobody can be asked',
] as const satisfies readonly [string, string]

/** `homerealm domains manage`, `remove`, `promote`, `default`, `undo`, `history`. */
export function addLeaveCommands(domains: Command, surroundings: Surroundings): void {
  const { print, complain } = surroundings

  domains
    .command('manage')
    .description('turn federated domains back to managed: their people need a password here')
    .argument('<domain...>', 'their names: customer.com')
    .option(...yes)
    .action((names: string[], options: Confirmed) =>
      withStorage(surroundings, false, async (storage) => {
        const { result, change } = await carryOut(storage, surroundings, {
          action: 'manage',
          title: `Manage ${names.join(', ')}`,
          work: (tx) => manage(tx, names),
          isConfirmed: options.yes === true,
        })
        print(printable(`Managed ${result.domains.join(', ')}.${undoHint(change?.id)}`))
        for (const line of removedLines(result)) print(printable(line))
        complain(
          'Their people sign in with a password now: homerealm users set-password UPN for those who have none.',
        )
      }),
    )

  domains
    .command('remove')
    .description('remove domains that have no users')
    .argument('<domain...>', 'their names: customer.com')
    .option(...yes)
    .action((names: string[], options: Confirmed) =>
      withStorage(surroundings, false, async (storage) => {
        const { result, change } = await carryOut(storage, surroundings, {
          action: 'remove',
          title: `Remove ${names.join(', ')}`,
          work: (tx) => removeDomains(tx, names),
          isConfirmed: options.yes === true,
        })
        print(printable(`Removed ${result.domains.join(', ')}.${undoHint(change?.id)}`))
        for (const line of removedLines(result)) print(printable(line))
      }),
    )

  domains
    .command('promote')
    .description('give a subdomain a sign-in of its own, apart from the domain above it')
    .argument('<domain>', 'its name: customer.com')
    .action((name: string) =>
      withStorage(surroundings, false, async ({ directory }) => {
        const { result, change } = await recorded(directory, 'promote', actor(), (tx) =>
          promote(tx, name, systemRandom),
        )
        print(
          `${result.id} is a root now, and stays ${result.authenticationType.toLowerCase()}.${undoHint(change?.id)}`,
        )
      }),
    )

  domains
    .command('default')
    .description('make a managed domain the tenant’s default, in place of the one that is')
    .argument('<domain>', 'its name: customer.com')
    .action((name: string) =>
      withStorage(surroundings, false, async ({ directory }) => {
        const { result, change } = await recorded(directory, 'default', actor(), (tx) =>
          setDefaultDomainWithin(tx, name),
        )
        print(`${result.id} is the default domain.${undoHint(change?.id)}`)
      }),
    )

  domains
    .command('undo')
    .description('bring back what was before a change (homerealm domains history)')
    .argument('<change>', 'its number')
    .option(...yes)
    .action((text: string, options: Confirmed) =>
      withStorage(surroundings, false, async (storage) => {
        const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null
        if (id === null)
          throw new UsageError(
            `${printable(text)} is no number of a change: see homerealm domains history.`,
          )
        await undoDomains(storage, surroundings, id, options.yes === true)
      }),
    )

  domains
    .command('history')
    .description('the changes of domains and federations, newest first')
    .option('--json', 'print JSON, with every record as it was before and after')
    .action((options: { readonly json?: boolean }) =>
      withStorage(surroundings, true, async ({ directory }) => {
        const changes = await directory.domainRecords.changes()
        if (options.json) return print(jsonText(changes))
        if (changes.length === 0) return print('No change yet.')
        const cells = changes.map((each) => [
          String(each.id),
          isoSeconds(each.at),
          each.who,
          each.action,
          each.domains.join(', '),
          each.undoneBy === null ? '' : `undone by ${each.undoneBy}`,
        ])
        print(printable(table(['CHANGE', 'AT', 'WHO', 'WHAT', 'DOMAINS', ''], cells)))
      }),
    )
}

/** Shows what taking a change back would do, asks, and does it. */
export async function undoDomains(
  storage: Storage,
  surroundings: Surroundings,
  id: number,
  isConfirmed: boolean,
): Promise<void> {
  const { result, change } = await carryOut(storage, surroundings, {
    action: 'undo',
    title: `Undo change ${id}`,
    work: (tx) => undoWork(tx, id),
    undoes: id,
    isConfirmed,
  })
  surroundings.print(
    `Undid change ${id} (${result.action} ${result.domains.join(', ')}).${undoHint(change?.id)}`,
  )
}

/** How to take it back. */
export function undoHint(id: number | undefined): string {
  return id === undefined ? '' : ` Take it back: homerealm domains undo ${id}`
}

export function removedLines({ removed }: Pick<Leaving, 'removed'>): readonly string[] {
  return removed.map(
    ({ displayName }) => `  removed the federation ${displayName}, which served no other domain`,
  )
}
