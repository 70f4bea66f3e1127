import { DirectoryError } from '../../directory/directoryError.ts'
import { isSameChange, type Recorded, recorded, rehearsed } from '../../directory/domainHistory.ts'
import type { DomainAction, DomainChange } from '../../directory/domainRecords.ts'
import { settingNames } from '../../directory/federations.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import { type Federation, federationDefaults } from '../../directory/types.ts'
import { isoSeconds } from '../../lib/clock.ts'
import { CertificateError, readSigningCertificate } from '../../saml/certificates.ts'
import type { Storage } from '../../storage/storage.ts'
import { actor } from '../actor.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { UsageError } from '../usageError.ts'
import { blastRadius, lockoutWarning, radiusLines } from './blastRadius.ts'

/** A change of domains that is shown first, confirmed, and then done as it was shown. */
export interface PlannedChange<T> {
  readonly action: DomainAction
  /** What it is, for the question: `Federate customer.com`. */
  readonly title: string
  readonly work: (tx: DirectoryStore) => Promise<T>
  /** What the command line and the metadata ask for, by setting; for the column EXPECTED. */
  readonly expected?: Partial<Federation>
  readonly undoes?: number
  /** What is told loudly before the question. */
  readonly warnings?: (result: T) => readonly string[]
  /** `--yes` was given. */
  readonly isConfirmed: boolean
}

/**
 * Rehearses the change, prints whom it meets and what it would store, asks, and does it. What is done is what was shown: when somebody
 * changed the same records meanwhile, nothing is done (`changedSince`). Nothing is asked and nothing kept when nothing would change.
 * Throws UsageError when it is not confirmed.
 */
export async function carryOut<T>(
  storage: Storage,
  surroundings: Surroundings,
  plan: PlannedChange<T>,
): Promise<Recorded<T>> {
  const { print, complain } = surroundings
  const act = actor()
  const seen = await rehearsed(storage.directory, plan.action, act, plan.work)
  if (seen.change === null) return seen
  const radius = await blastRadius(storage, seen.change, act.at)
  const names = await federationNames(storage.directory, seen.change)
  print(printable([`${plan.title}:`, ...radiusLines(radius, names)].join('\n')))
  const diff = configDiff(seen.change, plan.expected ?? {})
  if (diff !== null) print(printable(`\n${diff}\n`))
  const warning = lockoutWarning(radius)
  if (warning !== null && plan.action !== 'rotate') complain(warning)
  for (const each of plan.warnings?.(seen.result) ?? []) complain(printable(each))
  await confirm(surroundings, plan)
  const done = await recorded(storage.directory, plan.action, act, plan.work, {
    undoes: plan.undoes ?? null,
    check: ({ change }) => {
      if (isSameChange(change, seen.change)) return
      throw new DirectoryError({
        rule: 'changedSince',
        field: 'domains',
        message: 'Somebody changed these domains meanwhile; nothing was done. Look again.',
      })
    },
  })
  return done
}

/** Asks, unless it is confirmed already. Throws UsageError when nobody can be asked, or says anything but yes. */
export async function confirm(
  { ask }: Surroundings,
  { isConfirmed, title }: Pick<PlannedChange<unknown>, 'isConfirmed' | 'title'>,
): Promise<void> {
  if (isConfirmed) return
  if (ask === undefined) {
    throw new UsageError('Nothing was changed. Add --yes to do it, since nobody can be asked here.')
  }
  const answer = await ask(printable(`${title}? Type yes: `))
  if (answer.trim().toLowerCase() !== 'yes') throw new UsageError('Nothing was changed.')
}

async function federationNames(
  store: DirectoryStore,
  { before, after }: DomainChange,
): Promise<ReadonlyMap<string, string>> {
  const all = [...(await store.federations()), ...before.federations, ...after.federations]
  return new Map(all.map(({ id, displayName }) => [id, displayName]))
}

/** The settings that change, or that were given, of each federation that is touched; null when none is. */
function configDiff(change: DomainChange, expected: Partial<Federation>): string | null {
  const ids = [...change.before.federations, ...change.after.federations].map(({ id }) => id)
  const parts: string[] = []
  for (const id of new Set(ids)) {
    const find = (from: readonly Federation[]) => from.find((each) => each.id === id)
    const before = find(change.before.federations)
    const after = find(change.after.federations)
    // Only the one that the command line is about was given anything.
    const given = after?.issuerUri === expected.issuerUri ? expected : {}
    const rows = [...settingNames, 'formerSigningCertificates' as const]
      .map((name) => ({
        name,
        cells: [given[name], before?.[name], after?.[name]].map((value) => shown(name, value)),
        isWorthShowing:
          JSON.stringify(settingOf(before, name)) !== JSON.stringify(settingOf(after, name)) ||
          given[name] !== undefined,
      }))
      .filter(({ isWorthShowing }) => isWorthShowing)
    const name = after?.displayName ?? before?.displayName ?? ''
    const head = before && after ? 'changed' : after ? 'new' : 'removed'
    const cells = rows.map((row) => [row.name, ...row.cells])
    parts.push(`${name} (${head})\n${table(['SETTING', 'EXPECTED', 'BEFORE', 'AFTER'], cells)}`)
  }
  return parts.length === 0 ? null : parts.join('\n\n')
}

/** A federation that is new, or goes, is compared with one whose settings are all as they are by default. */
function settingOf(federation: Federation | undefined, name: keyof Federation): unknown {
  const standard: Partial<Federation> = federationDefaults
  return federation === undefined ? standard[name] : federation[name]
}

/** A setting in a cell; certificates by thumbprint and end, since nobody compares base64. `-` is nothing, or nothing said. */
export function shown(name: string, value: unknown): string {
  if (value === undefined || value === null) return '-'
  if (name === 'signingCertificate' || name === 'nextSigningCertificate') {
    return certificateCell(String(value))
  }
  if (name === 'formerSigningCertificates' && Array.isArray(value)) {
    return value.map((each) => `${String(each).slice(0, 16)}…`).join(', ') || '-'
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function certificateCell(base64: string): string {
  try {
    const { thumbprint, notAfter } = readSigningCertificate(base64)
    return `${thumbprint.slice(0, 16)}… until ${isoSeconds(notAfter).slice(0, 10)}`
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    return 'cannot be read'
  }
}
