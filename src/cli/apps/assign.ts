import type { Command } from 'commander'
import { assign, unassign } from '../../oidc/apps.ts'
import type { App } from '../../oidc/types.ts'
import type { Storage } from '../../storage/storage.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { UsageError } from '../usageError.ts'
import { storageForApps } from './opened.ts'
import { appText } from './show.ts'

interface AssignOptions {
  readonly user?: string
  readonly group?: string
  readonly idpGroup?: string
  readonly role?: string
}

/** `homerealm apps assign|unassign`: who may use an app, and as which role. */
export function addAssignCommands(apps: Command, surroundings: Surroundings): void {
  const { print, complain } = surroundings
  const { withApp } = storageForApps(surroundings)

  for (const [name, rule, what] of [
    ['assign', assign, 'let a user or a group use an app'],
    ['unassign', unassign, 'take that back: of one role, or altogether'],
  ] as const) {
    apps
      .command(name)
      .description(what)
      .argument('<app>', 'name or client id')
      .option('--user <upn>', 'a user')
      .option('--group <name>', 'a group of the directory, by name or id; else as the next')
      .option('--idp-group <name>', 'a group, exactly as an identity provider sends it')
      .option('--role <value>', 'as this role, for the roles claim')
      .action((nameOrId: string, options: AssignOptions) =>
        withApp(nameOrId, async (storage, app) => {
          const assignment = await assignmentFrom(storage, options)
          const changed = await rule(storage.apps, app, assignment)
          print(printable(await appText(changed, storage)))
          if (name === 'assign') await tellOfAssignment(storage, changed, options)
        }),
      )
  }

  /** What of an assignment does not do what its author may think. */
  async function tellOfAssignment(
    { directory }: Storage,
    app: App,
    { group, role }: AssignOptions,
  ) {
    if (group !== undefined && (await groupMeant(directory, group)) === null) {
      complain(
        printable(
          `There is no group ${group} here: it was taken for one that an identity provider names (--idp-group). The groups here: homerealm groups list`,
        ),
      )
    }
    if (!app.assignmentRequired && role === undefined) {
      complain(
        'Everybody may use this app, assigned or not: homerealm apps set APP --assignment-required lets in only who is assigned.',
      )
    }
  }
}

async function assignmentFrom(
  { directory }: Storage,
  { user: upn, group, idpGroup, role: asRole }: AssignOptions,
) {
  const role = asRole ?? null
  if ([upn, group, idpGroup].filter((each) => each !== undefined).length !== 1) {
    throw new UsageError('Give one of --user, --group and --idp-group.')
  }
  if (idpGroup !== undefined) return { kind: 'group', id: idpGroup, role } as const
  if (group !== undefined) {
    return { kind: 'group', id: (await groupMeant(directory, group))?.id ?? group, role } as const
  }
  const user = await directory.userByPrincipalName(upn ?? '')
  if (user === null)
    throw new UsageError(
      `There is no user ${printable(upn ?? '')} here. List them: homerealm users list`,
    )
  return { kind: 'user', id: user.id, role } as const
}

/** The group of the directory with this id or name. */
async function groupMeant({ groups }: Storage['directory'], group: string) {
  return (await groups.group(group.toLowerCase())) ?? (await groups.groupByName(group))
}
