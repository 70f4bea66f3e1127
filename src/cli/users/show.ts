import type { Command } from 'commander'
import { importedProperties, type Origin } from '../../directory/imports.ts'
import { isoSeconds } from '../../lib/clock.ts'
import { withStore } from '../domains/command.ts'
import { jsonText } from '../json.ts'
import { printable, printableLine } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { userNamed } from './edit.ts'

/** `homerealm users show USER`: one user, and which file and line each value came from. */
export function addShowCommand(users: Command, surroundings: Surroundings): void {
  users
    .command('show')
    .description('one user, with the import and line that each value came from')
    .argument('<user>', 'userPrincipalName or id')
    .option('--json', 'print JSON')
    .action((name: string, options: { readonly json?: boolean }) =>
      withStore(surroundings, true, async (store) => {
        const user = await userNamed(store, name)
        const origins = await store.imports.origins(user.id)
        if (options.json) {
          const from = Object.fromEntries(origins)
          return surroundings.print(jsonText({ ...user, origins: from }))
        }
        const values = importedProperties
          .filter((property) => user[property] !== null)
          .map((property) => [
            property,
            printableLine(String(user[property])),
            originInWords(origins.get(property)),
          ])
        const rows = [
          ['id', user.id, ''],
          ...values,
          ['createdDateTime', isoSeconds(user.createdDateTime), ''],
          ['lastModifiedDateTime', isoSeconds(user.lastModifiedDateTime), ''],
        ]
        surroundings.print(printable(table(['PROPERTY', 'VALUE', 'FROM'], rows)))
      }),
    )
}

function originInWords(origin: Origin | undefined): string {
  if (origin === undefined) return ''
  return printableLine(`import ${origin.importId}: ${origin.file}, line ${origin.line}`)
}
