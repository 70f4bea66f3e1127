import { type Command, Option } from 'commander'
import type { AuditFilter, Door } from '../../directory/audit.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import { principalNameKey } from '../../directory/upn.ts'
import type { Instant } from '../../lib/clock.ts'
import { printableLine } from '../printable.ts'
import { UsageError } from '../usageError.ts'
import { wholeNumber } from '../wholeNumber.ts'

const doors: readonly Door[] = ['csv', 'commandLine', 'graph', 'scim', 'server']

export interface FilterOptions {
  readonly since?: string
  readonly until?: string
  readonly who?: string
  readonly door?: Door
  readonly user?: string
  readonly target?: string
  readonly after?: string
}

/** Adds the options that choose records. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--since <time>', 'from this time on: 2026-01-15 (UTC) or 2026-01-15T09:30:00Z')
    .option('--until <time>', 'up to this time; a day is meant whole')
    .option('--who <name>', 'exactly as the column WHO has it; of an app with its id')
    .addOption(new Option('--door <door>', 'through which it came').choices(doors))
    .addOption(
      new Option('--user <upn>', 'about this user, under whatever name').conflicts('target'),
    )
    .option('--target <id>', 'about the user, group, import, domain or app with this id')
    .option('--after <record>', 'only records after this one, to go on where the last export ended')
}

/** What the options ask for. Throws UsageError for what cannot be read, and for a user who never was. */
export async function filterFrom(
  store: DirectoryStore,
  { since, until, who, door, user, target, after }: FilterOptions,
): Promise<AuditFilter> {
  const targetId = user === undefined ? target : await idOfUser(store, user)
  return {
    ...(after !== undefined && { after: wholeNumber(after, '--after', 0) }),
    ...(since !== undefined && { since: instantOf(since, '--since').from }),
    ...(until !== undefined && { until: instantOf(until, '--until').to }),
    ...(who !== undefined && { who }),
    ...(door !== undefined && { door }),
    ...(targetId !== undefined && { targetId }),
  }
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/
const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/

/** The span that an option means: a day of UTC, or one point in time. */
function instantOf(text: string, option: string): { readonly from: Instant; readonly to: Instant } {
  const isDay = dayPattern.test(text)
  const from = isDay || timePattern.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(from) || !isRealDay(text.slice(0, 10))) {
    throw new UsageError(
      `${option} is a day or a time, such as 2026-01-15 or 2026-01-15T09:30:00Z, and ${JSON.stringify(text)} is none.`,
    )
  }
  return { from, to: isDay ? from + 86_400_000 - 1 : from }
}

/** Date.parse takes February 30 for a day of March. */
function isRealDay(day: string): boolean {
  const at = Date.parse(day)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}

/** Of the user who has the UPN, or else of the last one who had it, as the records tell. */
async function idOfUser(store: DirectoryStore, upn: string): Promise<string> {
  const user = await store.userByPrincipalName(upn)
  if (user !== null) return user.id
  const key = principalNameKey(upn)
  let found: string | null = null
  for await (const { target } of store.audit.records()) {
    if (target.kind === 'user' && principalNameKey(target.name) === key) found = target.id
  }
  if (found === null) {
    throw new UsageError(
      printableLine(`There is no user ${upn} here, and no record of one. By id: --target ID`),
    )
  }
  return found
}
