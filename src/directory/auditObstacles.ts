import type { AuditRecord, AuditStore } from './audit.ts'
import { DirectoryError, type DirectoryRule, forbid } from './directoryError.ts'
import type { DirectoryStore } from './ports.ts'

/** The record that took this one back; null while it stands, or stands again because that one was taken back itself. */
export async function takenBackBy(
  audit: Pick<AuditStore, 'undoneBy'>,
  id: number,
): Promise<AuditRecord | null> {
  const by = await audit.undoneBy(id)
  return by === null || (await takenBackBy(audit, by.id)) !== null ? null : by
}

/**
 * The later changes of the same target that stand, oldest first. A change and its undoing are none; nor are credentials, which no undo
 * touches: they stay when a user goes, and are there again with the user.
 */
export async function newerAbout(
  audit: AuditStore,
  { id, target }: AuditRecord,
): Promise<readonly AuditRecord[]> {
  const newer: AuditRecord[] = []
  for await (const each of audit.records({ after: id, targetId: target.id })) {
    if (each.target.kind !== target.kind || each.action === 'credentialsChanged') continue
    if (each.undoes !== null && each.undoes >= id) continue
    if ((await takenBackBy(audit, each.id)) === null) newer.push(each)
  }
  return newer
}

/** Throws `changedSince`, which names the newer change. */
export function standsInTheWay(record: AuditRecord, newer: AuditRecord): never {
  const message = `${record.target.name} was changed since record ${record.id}, by record ${newer.id} (${described(newer)}). Undo that first: homerealm audit undo ${newer.id}`
  return forbid('changedSince', 'id', message)
}

function described({ action, who, door }: AuditRecord): string {
  return `${action}, ${who}, ${door}`
}

type Holder = { readonly id: string } | null

/** Who has a value that is to come back, by the rule that says so. */
const holders: Partial<
  Readonly<Record<DirectoryRule, (tx: DirectoryStore, values: Values) => Promise<Holder>>>
> = {
  principalNameTaken: (tx, { userPrincipalName: upn }) => tx.userByPrincipalName(String(upn)),
  immutableIdTaken: (tx, { onPremisesImmutableId: anchor }) => tx.userByImmutableId(String(anchor)),
  groupExists: (tx, { displayName }) => tx.groups.groupByName(String(displayName)),
}
type Values = Readonly<Record<string, unknown>>

/** Runs an undo; a value that somebody else has since is told with the newest record about them. */
export async function withCulprits(
  tx: DirectoryStore,
  { before }: AuditRecord,
  undo: () => Promise<unknown>,
): Promise<void> {
  try {
    await undo()
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error
    const problems = await Promise.all(
      error.problems.map(async (problem) => {
        const holder = await holders[problem.rule]?.(tx, before ?? {})
        const [newest] = holder ? await tx.audit.latest(1, { targetId: holder.id }) : []
        if (newest === undefined) return problem
        const where = ` The newest record about it is ${newest.id} (${described(newest)}).`
        return { ...problem, message: problem.message + where }
      }),
    )
    throw DirectoryError.ofAll(problems)
  }
}
