import type { Command } from 'commander'
import type { Group } from '../../directory/groups.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { Position } from '../../directory/query.ts'
import { principalNameKey } from '../../directory/upn.ts'
import { isoSeconds } from '../../lib/clock.ts'
import { withStore } from '../domains/command.ts'
import { jsonLine, jsonText } from '../json.ts'
import { printable, printableLine } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { wholeNumber } from '../wholeNumber.ts'
import { groupNamed } from './command.ts'

const pageSize = 500

interface ListOptions {
  readonly limit: string
  readonly json?: boolean
}

/** `homerealm groups list` and `show`. */
export function addGroupReading(groups: Command, surroundings: Surroundings): void {
  const { print, complain } = surroundings

  groups
    .command('list')
    .description('groups in the order of their names')
    .option('--limit <number>', 'at most so many', '200')
    .option('--json', 'print JSON lines, one group a line, without limit')
    .action((options: ListOptions) =>
      withStore(surroundings, true, async (store) => {
        const limit = wholeNumber(options.limit, '--limit')
        const rows: string[][] = []
        for await (const group of allGroups(store)) {
          const members = await store.groups.countMembers(group.id)
          if (options.json) print(jsonLine({ ...group, members }))
          else if (
            rows.push([printableLine(group.displayName), group.id, String(members)]) === limit
          )
            break
        }
        if (options.json) return
        if (rows.length === 0) return print('No group yet. Make one: homerealm groups add NAME')
        print(printable(table(['GROUP', 'ID', 'MEMBERS'], rows)))
        const total = await store.groups.found.count(null)
        if (total > rows.length) complain(`${rows.length} of ${total}; more with --limit`)
      }),
    )

  groups
    .command('show')
    .description('one group and its members, in the order of their userPrincipalName')
    .argument('<group>', 'name or id')
    .option('--limit <number>', 'at most so many members', '200')
    .option('--json', 'print JSON, with all members')
    .action((name: string, options: ListOptions) =>
      withStore(surroundings, true, async (store) => {
        const limit = wholeNumber(options.limit, '--limit')
        const group = await groupNamed(store, name)
        const all = (await store.groups.members(group.id))
          .map(({ id, userPrincipalName: upn }) => ({ id, upn, key: principalNameKey(upn) }))
          .sort((a, b) => (a.key < b.key ? -1 : 1))
          .map(({ id, upn }) => ({ id, userPrincipalName: upn }))
        if (options.json) return print(jsonText({ ...group, members: all }))
        const count = all.length
        const members = all.slice(0, limit)
        const rows = [
          ['id', group.id],
          ['description', printableLine(group.description ?? '-')],
          ['created', isoSeconds(group.createdDateTime)],
          ['changed', isoSeconds(group.lastModifiedDateTime)],
          ['members', String(count)],
          ...members.map(({ userPrincipalName }) => ['', printableLine(userPrincipalName)]),
        ]
        print(printable(table([printableLine(group.displayName), ''], rows)))
        if (count > members.length) complain(`${members.length} of ${count}; more with --limit`)
      }),
    )
}

async function* allGroups(store: DirectoryStore): AsyncGenerator<Group> {
  let after: Position | null = null
  do {
    const page: Awaited<ReturnType<typeof store.groups.found.page>> = await store.groups.found.page(
      {
        where: null,
        orderBy: 'displayName',
        limit: pageSize,
        after,
      },
    )
    yield* page.items
    after = page.next
  } while (after !== null)
}
