import type { Command } from 'commander'
import {
  changeGroup,
  changeMembers,
  createGroup,
  deleteGroup,
} from '../../directory/groupChanges.ts'
import type { Group } from '../../directory/groups.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import { isGuid, newGuid, systemRandom } from '../../lib/ids.ts'
import { actor } from '../actor.ts'
import { confirm } from '../domains/carryOut.ts'
import { withStore } from '../domains/command.ts'
import { jsonText } from '../json.ts'
import { type Noted, noted } from '../noted.ts'
import { printable, printableLine } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { UsageError } from '../usageError.ts'
import { usersNamed, withUndoHint } from '../users/edit.ts'
import { addGroupReading } from './reading.ts'

interface Json {
  readonly json?: boolean
}

/** `homerealm groups list|show|add|rename|describe|remove|add-member|remove-member`. */
export function addGroupsCommand(program: Command, surroundings: Surroundings): void {
  const { print } = surroundings
  const groups = program.command('groups').description('groups of users')
  addGroupReading(groups, surroundings)

  groups
    .command('add')
    .description('make a group without members')
    .argument('<name>', 'its displayName, unique')
    .option('--description <text>', 'what it is for')
    .option('--json', 'print JSON')
    .action((displayName: string, options: Json & { readonly description?: string }) =>
      withStore(surroundings, false, async (store) => {
        const { description = null } = options
        const context = { ...actor(), newId: () => newGuid(systemRandom) }
        const done = await noted(store, (tx) =>
          createGroup(tx, { displayName, description }, context),
        )
        tell(done, options, `Added ${done.result.displayName} (${done.result.id}).`)
      }),
    )

  groups
    .command('rename')
    .description('give a group another name')
    .argument('<group>', 'name or id')
    .argument('<name>', 'the new displayName')
    .option('--json', 'print JSON')
    .action((name: string, displayName: string, options: Json) =>
      change(name, { displayName }, options),
    )

  groups
    .command('describe')
    .description('say what a group is for; an empty text takes that away')
    .argument('<group>', 'name or id')
    .argument('<text>', 'one line; "" for none')
    .option('--json', 'print JSON')
    .action((name: string, text: string, options: Json) =>
      change(name, { description: text === '' ? null : text }, options),
    )

  groups
    .command('remove')
    .description('remove a group; its members stay')
    .argument('<group>', 'name or id')
    .option('--yes', 'do it without a question; needed where nobody can be asked')
    .option('--json', 'print JSON')
    .action((name: string, options: Json & { readonly yes?: boolean }) =>
      withStore(surroundings, false, async (store) => {
        const meant = await groupNamed(store, name)
        const members = await store.groups.countMembers(meant.id)
        await confirm(surroundings, {
          isConfirmed: options.yes === true,
          title: `Remove ${meant.displayName} (${inWords(members)})`,
        })
        const act = actor()
        const done = await noted(store, async (tx) => {
          const group = await groupNamed(tx, meant.id)
          await deleteGroup(tx, group, act)
          return group
        })
        tell(done, options, `Removed ${meant.displayName}.`)
      }),
    )

  for (const [command, what, side] of [
    ['add-member', 'make users members of a group: all of them, or none', 'add'],
    ['remove-member', 'take users out of a group', 'remove'],
  ] as const) {
    groups
      .command(command)
      .description(what)
      .argument('<group>', 'name or id')
      .argument('<user...>', 'userPrincipalName or id')
      .option('--json', 'print JSON')
      .action((name: string, members: string[], options: Json) =>
        withStore(surroundings, false, async (store) => {
          const act = actor()
          const done = await noted(store, async (tx) => {
            const before = await groupNamed(tx, name)
            const ids = (await usersNamed(tx, members)).map(({ id }) => id)
            const membership = { add: [], remove: [], [side]: ids }
            return changeMembers(tx, before, membership, act)
          })
          const { id, displayName } = done.result
          const count = inWords(await store.groups.countMembers(id))
          const said = done.auditId === null ? 'That is so already. Nothing was changed: ' : ''
          tell(done, options, `${said}${displayName} has ${count}.`)
        }),
      )
  }

  function change(name: string, input: Partial<Group>, options: Json): Promise<void> {
    return withStore(surroundings, false, async (store) => {
      const act = actor()
      let former = name
      const done = await noted(store, async (tx) => {
        const before = await groupNamed(tx, name)
        former = before.displayName
        return changeGroup(tx, before, input, act)
      })
      const { displayName } = done.result
      if (done.auditId === null)
        tell(done, options, `${former} is so already. Nothing was changed.`)
      else if (displayName !== former) tell(done, options, `Renamed ${former} to ${displayName}.`)
      else tell(done, options, `Changed ${displayName}.`)
    })
  }

  function tell({ result, auditId }: Noted<Group>, { json }: Json, text: string): void {
    print(json ? jsonText({ ...result, auditId }) : printable(withUndoHint(text, auditId)))
  }
}

function inWords(members: number): string {
  return members === 1 ? '1 member' : `${members} members`
}

/** The group with this name or id. Throws UsageError. */
export async function groupNamed(store: DirectoryStore, name: string): Promise<Group> {
  // By id first: nobody makes a group the namesake of another one's id.
  const byId = isGuid(name) ? await store.groups.group(name.toLowerCase()) : null
  const group = byId ?? (await store.groups.groupByName(name))
  if (group !== null) return group
  throw new UsageError(
    `There is no group ${printableLine(name)} here. List them: homerealm groups list`,
  )
}
