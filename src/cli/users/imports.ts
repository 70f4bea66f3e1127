import type { Command } from 'commander'
import type { ImportRecord, Obstacle } from '../../directory/imports.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import { isoSeconds } from '../../lib/clock.ts'
import { actor } from '../actor.ts'
import { withStore } from '../domains/command.ts'
import { jsonText } from '../json.ts'
import { printable, printableLine } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { UsageError } from '../usageError.ts'

/** `homerealm users imports` and `undo ID`. */
export function addImportsCommands(users: Command, surroundings: Surroundings): void {
  const { print } = surroundings

  users
    .command('imports')
    .description('the imports, newest first: who, when, which file, and what came of it')
    .option('--json', 'print JSON')
    .action((options: { readonly json?: boolean }) =>
      withStore(surroundings, true, async (store) => {
        const imports = await store.imports.imports()
        if (options.json) return print(jsonText(imports))
        if (imports.length === 0) return print('No imports yet.')
        print(
          printable(
            table(
              ['ID', 'WHEN', 'WHO', 'FILE', 'SHA-256', 'CREATED', 'CHANGED', 'REMOVED', ''],
              imports.map(importCells),
            ),
          ),
        )
      }),
    )

  users
    .command('undo')
    .description('bring back what an import changed, unless something newer stands in the way')
    .argument('<id>', 'its number in users imports')
    .option('--json', 'print JSON')
    .action((text: string, options: { readonly json?: boolean }) =>
      withStore(surroundings, false, (store) => {
        if (!/^[1-9]\d{0,8}$/.test(text)) {
          throw new UsageError(
            `${printable(text)} is no number of an import: see homerealm users imports.`,
          )
        }
        return undoImport(store, surroundings, Number(text), options)
      }),
    )
}

/** Takes an import back, and says what came of it. */
export async function undoImport(
  store: DirectoryStore,
  { print, complain, exit }: Surroundings,
  id: number,
  options: { readonly json?: boolean },
): Promise<void> {
  const outcome = await store.imports.undo(id, actor())
  if (outcome.kind !== 'undone') exit(1)
  if (options.json) return print(jsonText(outcome))
  switch (outcome.kind) {
    case 'unknown':
      return complain(`There is no import ${id}: see homerealm users imports.`)
    case 'alreadyUndone':
      return complain(
        `Import ${id} was undone already, at ${isoSeconds(outcome.record.undoneAt ?? 0)}.`,
      )
    case 'refused': {
      const more = outcome.count - outcome.obstacles.length
      const lines = outcome.obstacles.map((each) => `  ${printableLine(inWords(each))}`)
      if (more > 0) lines.push(`  and ${more} more`)
      return complain(
        [
          `Nothing was undone, since something newer stands in the way of import ${id}:`,
          ...lines,
          'Undo the later changes first (homerealm audit --user UPN names them), or change these users by hand.',
        ].join('\n'),
      )
    }
    case 'undone':
      return print(
        printable(
          `Import ${id} (${outcome.record.file}) is undone: ${outcome.removed} removed that it had created, ${outcome.restored} as they were before, ${outcome.broughtBack} brought back that it had removed.`,
        ),
      )
  }
}

function importCells(record: ImportRecord): readonly string[] {
  const { undoneAt, undoneBy } = record
  return [
    String(record.id),
    isoSeconds(record.at),
    record.who,
    record.file,
    record.digest.slice(0, 12),
    String(record.createdCount),
    String(record.changedCount),
    String(record.deletedCount),
    undoneAt === null ? '' : `undone ${isoSeconds(undoneAt)} by ${undoneBy}`,
  ]
}

const kinds: Readonly<Record<Obstacle['kind'], string>> = {
  changedSince: 'was changed since',
  joinedSince: 'is a member of a group since',
  goneSince: 'was removed since',
  valueTaken: 'cannot come back: its UPN or ImmutableId belongs to another user now',
  domainGone: 'cannot come back: its domain is no longer here',
}

function inWords({ userPrincipalName, line, kind, by, at }: Obstacle): string {
  const place = line === null ? '' : `line ${line}: `
  const when = at === null ? '' : `, at ${isoSeconds(at)}`
  const culprit =
    by === null
      ? ''
      : `, by import ${by.importId} (${by.file}${by.line > 0 ? `, line ${by.line}` : ''})`
  return `${place}${userPrincipalName} ${kinds[kind]}${culprit}${when}`
}
