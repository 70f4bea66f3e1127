import type { Command } from 'commander'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { User } from '../../directory/types.ts'
import {
  type ChangeContext,
  changeUser,
  createUser,
  deleteUser,
  lenientAnchors,
  type UserOutcome,
} from '../../directory/userChanges.ts'
import { isGuid, newGuid, systemRandom } from '../../lib/ids.ts'
import type { Storage } from '../../storage/storage.ts'
import { actor } from '../actor.ts'
import { confirm } from '../domains/carryOut.ts'
import { withStorage } from '../domains/command.ts'
import { jsonText } from '../json.ts'
import { printable, printableLine } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { UsageError } from '../usageError.ts'
import { listed, realmKindOf } from './accounts.ts'
import { clearedBy, inputFrom, type PropertyOptions, propertyOptions } from './options.ts'

/** As many names as a question shows. */
const mostShown = 20

/** `homerealm users add`, `set`, `remove`: single users by the rules of every other door. */
export function addEditCommands(users: Command, surroundings: Surroundings): void {
  const { print, complain } = surroundings

  const add = users
    .command('add')
    .description('make one user')
    .argument('<upn>', 'userPrincipalName, in a domain that is here')
    .option('--json', 'print JSON')
  for (const option of propertyOptions('add')) add.addOption(option)
  add.action((upn: string, { json, ...options }: PropertyOptions) =>
    withStorage(surroundings, false, async (storage) => {
      const input = { userPrincipalName: upn, ...inputFrom(options) }
      const outcome = await storage.directory.transaction((tx) => createUser(tx, input, context()))
      tell(outcome, json === true, (user) => `Added ${user.userPrincipalName} (${user.id}).`)
      if ((await realmKindOf(storage, outcome.user)) === 'managed') {
        const name = outcome.user.userPrincipalName
        complain(printable(`${name} has no password yet: homerealm users set-password ${name}`))
      }
    }),
  )

  const set = users
    .command('set')
    .description('change properties of one user')
    .argument('<user>', 'userPrincipalName or id')
    .option('--upn <upn>', 'the new userPrincipalName')
    .option('--clear <property...>', 'take these values away')
    .option('--json', 'print JSON')
  for (const option of propertyOptions('set')) set.addOption(option)
  set.action((name: string, given: PropertyOptions & { readonly clear?: string[] }) => {
    const { json, upn, clear = [], ...options } = given
    const values = inputFrom(options)
    const input = {
      ...values,
      ...clearedBy(clear, values),
      ...(typeof upn === 'string' && { userPrincipalName: upn }),
    }
    if (Object.keys(input).length === 0) {
      throw new UsageError('Say what is to change: homerealm users set --help lists it.')
    }
    return withStorage(surroundings, false, async (storage) => {
      const outcome = await storage.directory.transaction(async (tx) =>
        changeUser(tx, await userNamed(tx, name), input, context()),
      )
      tell(outcome, json === true, changesText)
      const isOff = outcome.changes.some(({ property }) => property === 'accountEnabled')
      if (isOff && !outcome.user.accountEnabled) await warnOfBreakGlass(storage, [outcome.user])
    })
  })

  users
    .command('remove')
    .description('remove users: all of the given ones, or none')
    .argument('<user...>', 'userPrincipalName or id')
    .option('--yes', 'do it without a question; needed where nobody can be asked')
    .option('--json', 'print JSON')
    .action((names: string[], options: { readonly yes?: boolean; readonly json?: boolean }) =>
      withStorage(surroundings, false, async (storage) => {
        const { directory, sessions } = storage
        const meant = await usersNamed(directory, names)
        await warnOfBreakGlass(storage, meant)
        const isConfirmed = options.yes === true
        await confirm(surroundings, { isConfirmed, title: `Remove ${namesOf(meant)}` })
        const act = actor()
        const removed = await directory.transaction(async (tx) => {
          const done: { id: string; userPrincipalName: string; auditId: number }[] = []
          for (const user of await usersNamed(
            tx,
            [...meant].map(({ id }) => id),
          )) {
            const { id, userPrincipalName } = user
            done.push({ id, userPrincipalName, auditId: await deleteUser(tx, user, act) })
          }
          return done
        })
        for (const { id } of removed) await sessions.endSessionsOfUser(id, null)
        if (options.json) return print(JSON.stringify(removed, null, 2))
        const lines = removed.map(({ userPrincipalName, auditId }) =>
          withUndoHint(`Removed ${userPrincipalName}.`, auditId),
        )
        print(printable(lines.join('\n')))
      }),
    )

  function tell(
    outcome: UserOutcome,
    json: boolean,
    inWords: (user: User, of: UserOutcome) => string,
  ) {
    if (json) return print(jsonText(outcome))
    print(printable(withUndoHint(inWords(outcome.user, outcome), outcome.auditId)))
    for (const { message } of outcome.warnings) complain(printable(`Warning: ${message}`))
  }

  /** Nobody is kept from it: the admin may know better, and must know it. */
  async function warnOfBreakGlass(storage: Storage, meant: readonly User[]): Promise<void> {
    const marked = await listed(storage, 'breakGlass')
    const names = new Set(meant.map(({ userPrincipalName }) => userPrincipalName))
    const going = marked.filter(({ userPrincipalName }) => names.has(userPrincipalName))
    for (const { userPrincipalName } of going) {
      complain(printable(`WARNING: ${userPrincipalName} is a break-glass account.`))
    }
    const left = marked.filter((each) => !going.includes(each) && each.couldSignInByPassword)
    if (going.length > 0 && left.length === 0) {
      complain('WARNING: no other break-glass account could sign in today.')
    }
  }
}

/** Files and this command mend anchors, so that nothing keeps an admin from it; warnings tell what is missing. */
function context(): ChangeContext {
  return { ...actor(), newId: () => newGuid(systemRandom), anchors: lenientAnchors }
}

/** What was done, and how to take it back; on a line of its own after a table, and not for what was not written. */
export function withUndoHint(text: string, auditId: number | null): string {
  if (auditId === null) return text
  return `${text}${text.endsWith('\n') ? '' : ' '}Take it back: homerealm audit undo ${auditId}`
}

function changesText({ userPrincipalName }: User, { changes }: UserOutcome): string {
  if (changes.length === 0) return `${userPrincipalName} is so already. Nothing was changed.`
  const cell = (value: unknown) => (value === null ? '-' : printableLine(String(value)))
  const rows = changes.map((each) => [each.property, cell(each.old), cell(each.new)])
  return `Changed ${userPrincipalName}:\n${table(['PROPERTY', 'BEFORE', 'AFTER'], rows)}\n`
}

/** The user with this UPN or id. Throws UsageError. */
export async function userNamed(store: DirectoryStore, name: string): Promise<User> {
  const [user] = await usersNamed(store, [name])
  if (user === undefined) throw new Error('one name gives one user')
  return user
}

/** The users with these UPNs or ids, each once. Throws UsageError, which names all that are not here. */
export async function usersNamed(
  store: DirectoryStore,
  names: readonly string[],
): Promise<readonly User[]> {
  const found = new Map<string, User>()
  const missing: string[] = []
  for (const name of names) {
    const byId = isGuid(name) ? await store.user(name.toLowerCase()) : null
    const user = byId ?? (await store.userByPrincipalName(name))
    if (user === null) missing.push(name)
    else found.set(user.id, user)
  }
  if (missing.length > 0) {
    const names = missing.map((name) => `There is no user ${printableLine(name)} here.`)
    throw new UsageError(`${names.join('\n')}\nList them: homerealm users list`)
  }
  return [...found.values()]
}

function namesOf(users: readonly User[]): string {
  const names = users.slice(0, mostShown).map(({ userPrincipalName }) => userPrincipalName)
  const more = users.length - names.length
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
