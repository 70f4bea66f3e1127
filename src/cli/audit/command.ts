import { once } from 'node:events'
import type { Command } from 'commander'
import type { AuditRecord } from '../../directory/audit.ts'
import { takenBackBy } from '../../directory/auditObstacles.ts'
import { isUndoable, undoChange } from '../../directory/auditUndo.ts'
import type { ImportedChange } from '../../directory/importChanges.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import { actor } from '../actor.ts'
import { withStorage, withStore } from '../domains/command.ts'
import { undoDomains } from '../domains/leave.ts'
import { printable, printableLine } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { UsageError } from '../usageError.ts'
import { undoImport } from '../users/imports.ts'
import { wholeNumber } from '../wholeNumber.ts'
import { addFilterOptions, type FilterOptions, filterFrom } from './filter.ts'
import {
  changeAsJson,
  idsIn,
  mostNamed,
  type Names,
  recordAsJson,
  recordCells,
  recordHeadings,
  recordText,
} from './text.ts'

interface ListOptions extends FilterOptions {
  readonly limit: string
  readonly json?: boolean
  readonly expand?: boolean
}

/** `homerealm audit`, `audit show`, `audit undo`: who changed what, through which door, and the way back. */
export function addAuditCommand(program: Command, surroundings: Surroundings): void {
  const { print, complain } = surroundings
  // So that `audit show 7 --json` is of `show`, and not of `audit`.
  program.enablePositionalOptions()

  const audit = addFilterOptions(
    program
      .command('audit')
      .description('every change: who, what, before, after, through which door; the newest last'),
  )
    .option('--limit <number>', 'the last so many', '50')
    .option('--json', 'print all that are meant as JSON lines, the oldest first')
    .option('--expand', 'with --json: after an import, a line for each person that it changed')
    .action((options: ListOptions) =>
      withStore(surroundings, true, async (store) => {
        const limit = wholeNumber(options.limit, '--limit')
        if (options.expand && !options.json) throw new UsageError('--expand goes with --json.')
        const filter = await filterFrom(store, options)
        if (options.json) {
          for await (const record of store.audit.records(filter)) {
            await write(recordAsJson(record))
            if (options.expand) await writeChanges(store, record)
          }
          return
        }
        const found = await store.audit.latest(limit + 1, filter)
        const records = found.slice(-limit)
        if (records.length === 0) return print('No record.')
        print(printable(table(recordHeadings, records.map(recordCells))))
        if (found.length > limit) {
          complain(`The last ${limit}; there are older ones: --limit for more, --json for all.`)
        }
      }),
    )

  audit
    .command('show')
    .description('one record, with what was before and after')
    .argument('<record>', 'its number')
    .option('--json', 'print JSON; of an import, then a line for each person that it changed')
    .action((text: string, options: { readonly json?: boolean }) =>
      withStore(surroundings, true, async (store) => {
        const record = await recordOf(store, text)
        if (options.json) {
          await write(recordAsJson(record))
          return writeChanges(store, record)
        }
        const undoneBy = await takenBackBy(store.audit, record.id)
        print(printable(recordText(record, undoneBy, await namesIn(store, record))))
        const way = undoneBy === null ? wayBack(record) : null
        if (way !== null) print(`\n${way}`)
      }),
    )

  audit
    .command('undo')
    .description('bring back what was before a change, unless something newer stands in the way')
    .argument('<record>', 'its number')
    .option('--yes', 'for a change of domains: do it without a question')
    .option('--json', 'print JSON')
    .action((text: string, options: { readonly yes?: boolean; readonly json?: boolean }) =>
      withStorage(surroundings, false, async (storage) => {
        const { directory } = storage
        const record = await recordOf(directory, text)
        if (record.action === 'usersImported') {
          return undoImport(directory, surroundings, Number(record.target.id), options)
        }
        if (record.action === 'domainsChanged') {
          const change = Number(record.after?.change)
          return undoDomains(storage, surroundings, change, options.yes === true)
        }
        const act = actor()
        const undone = await directory.transaction((tx) => undoChange(tx, record.id, act))
        const by = await directory.audit.undoneBy(undone.id)
        if (options.json) return print(JSON.stringify({ undone: undone.id, by: by?.id }, null, 2))
        print(
          printable(
            `Undid record ${undone.id} (${undone.action} ${printableLine(undone.target.name)}). Take that back: homerealm audit undo ${by?.id}`,
          ),
        )
      }),
    )

  async function writeChanges(store: DirectoryStore, record: AuditRecord): Promise<void> {
    for await (const change of changesOf(store, record)) await write(changeAsJson(record, change))
  }

  /** A slow reader of a pipe slows this down, instead of filling the memory. */
  async function write(line: string): Promise<void> {
    print(line)
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain')
  }
}

/** Nobody for a record that is of no import. */
async function* changesOf(
  store: DirectoryStore,
  { action, target }: AuditRecord,
): AsyncIterable<ImportedChange> {
  if (action === 'usersImported') yield* store.imports.changes(Number(target.id))
}

/** Where a record's own story goes on. */
function wayBack({ action, id, target, after }: AuditRecord): string | null {
  if (action === 'usersImported') {
    return `Its people: homerealm audit show ${id} --json. Take it back: homerealm users undo ${target.id}`
  }
  if (action === 'domainsChanged') {
    return `Take it back: homerealm domains undo ${after?.change}`
  }
  return isUndoable(action) ? `Take it back: homerealm audit undo ${id}` : null
}

/** The first members that a record lists, by UPN, and its groups, by name. */
async function namesIn(store: DirectoryStore, { before, after }: AuditRecord): Promise<Names> {
  const names = new Map<string, string>()
  for (const [property, value] of Object.entries({ ...before, ...after })) {
    for (const id of idsIn(property, value)?.slice(0, mostNamed) ?? []) {
      const name =
        property === 'memberOf'
          ? (await store.groups.group(id))?.displayName
          : (await store.user(id))?.userPrincipalName
      if (name !== undefined) names.set(id, name)
    }
  }
  return names
}

async function recordOf(store: DirectoryStore, text: string): Promise<AuditRecord> {
  if (!/^[1-9]\d{0,14}$/.test(text)) {
    throw new UsageError(`${printableLine(text)} is no number of a record: see homerealm audit.`)
  }
  const record = await store.audit.record(Number(text))
  if (record === null) throw new UsageError(`There is no record ${text}: see homerealm audit.`)
  return record
}
