import { importAudit } from '../../directory/importAudit.ts'
import type {
  ImportRecord,
  ImportStage,
  MatchOn,
  StagedOutcome,
  StagedRow,
  StagedUpdate,
} from '../../directory/imports.ts'
import type { UserChange } from '../../directory/ports.ts'
import type { User } from '../../directory/types.ts'
import { compareTexts, domainOfKey } from '../text.ts'
import type { Place as Home, Turn } from './directory.ts'
import type { DirectoryRecords, ImportChange } from './directoryRecords.ts'
import { addAudit } from './people.ts'

/** A change and the line that asks for it. */
interface Written {
  readonly line: number
  readonly change: UserChange
}

/** A stage in memory. Between `hold` and `close` it works on a copy of the records, while other writers wait in line. */
export function memoryStage(home: Home, turn: Turn): ImportStage {
  const rows = new Map<number, StagedRow>()
  const problems = new Map<number, unknown[]>()
  const plans = new Map<number, StagedUpdate>()
  const missing = new Set<string>()
  let draft: DirectoryRecords | null = null
  let isWritten = false
  let letGo: () => void = () => {}

  const records = (): DirectoryRecords => draft ?? home.records
  const good = (): StagedRow[] => [...rows.values()].filter(({ line }) => !problems.has(line))
  const uniqueOf = (user: User, property: MatchOn): string | null =>
    property === 'userPrincipalName'
      ? user.userPrincipalName && records().keyOf(user.userPrincipalName)
      : user.onPremisesImmutableId
  const holderOf = (user: User, property: MatchOn): User | undefined =>
    (property === 'userPrincipalName' ? records().userByKey : records().userByImmutableId).get(
      uniqueOf(user, property) ?? '',
    )

  function outcome(row: StagedRow): StagedOutcome {
    const { line, cells } = row
    const found = problems.get(line)
    const plan = plans.get(line)
    const kind = plan === undefined ? 'created' : plan.changes.length > 0 ? 'changed' : 'unchanged'
    return {
      line,
      kind: found === undefined ? kind : 'rejected',
      user: plan?.user ?? row.user,
      changes: plan?.changes ?? [],
      problems: found ?? [],
      warnings: plan?.warnings ?? row.warnings,
      cells,
    }
  }
  const outcomes = () => [...rows.values()].sort((a, b) => a.line - b.line).map(outcome)
  const isGenerated = ({ line, isAnchorGenerated }: StagedRow) =>
    plans.get(line)?.isAnchorGenerated ?? isAnchorGenerated

  return {
    async add(more) {
      for (const row of more) {
        rows.set(row.line, row)
        if (row.problems !== null) problems.set(row.line, [...row.problems])
      }
    },
    async *repeated() {
      for (const property of ['userPrincipalName', 'onPremisesImmutableId'] as const) {
        const lines = new Map<string, number[]>()
        for (const { user, line } of rows.values()) {
          const value = uniqueOf(user, property)
          if (value) lines.set(value, [...(lines.get(value) ?? []), line])
        }
        const found = [...rows.values()].flatMap(({ user, line }) => {
          const all = lines.get(uniqueOf(user, property) ?? '') ?? []
          if (all.length < 2) return []
          const firstLines = all.toSorted((a, b) => a - b).slice(0, 6)
          return [{ line, property, value: user[property] ?? '', firstLines, count: all.length }]
        })
        if (found.length > 0) yield found
      }
    },
    async reject(found) {
      for (const { line, problem } of found) {
        problems.set(line, [...(problems.get(line) ?? []), problem])
      }
    },
    async hold(forWriting) {
      if (!forWriting) {
        draft = home.records.copy()
        return
      }
      await new Promise<void>((held, failed) => {
        const until = new Promise<void>((resolve) => {
          letGo = resolve
        })
        turn(() => {
          draft = home.records.copy()
          held()
          return until
        }).catch(failed)
      })
    },
    async *matches(matchOn) {
      yield good().flatMap((row) => {
        const existing = holderOf(row.user, matchOn)
        return existing === undefined ? [] : [{ row, existing }]
      })
    },
    async plan(updates) {
      for (const update of updates) plans.set(update.line, update)
    },
    async chooseMissing(domain, keep) {
      const listed = new Set([...plans.values()].map(({ userId }) => userId))
      const keys = new Set(
        [...rows.values()].map(({ user }) => uniqueOf(user, 'userPrincipalName')),
      )
      let all = 0
      for (const [key, user] of records().userByKey) {
        if (domainOfKey(key) !== domain) continue
        all += 1
        if (!listed.has(user.id) && !keys.has(key)) missing.add(user.id)
      }
      const kept = keep.filter((id) => missing.delete(id))
      const names = kept.map((id) => records().users.get(id)?.userPrincipalName ?? id)
      return { missing: missing.size, all, kept: names }
    },
    async missing(limit) {
      return [...missing]
        .map((id) => records().users.get(id)?.userPrincipalName ?? id)
        .sort(compareTexts)
        .slice(0, limit)
    },
    async *held(matchOn) {
      const property =
        matchOn === 'userPrincipalName' ? 'onPremisesImmutableId' : 'userPrincipalName'
      for (;;) {
        const leaving = new Set(missing)
        for (const { line, kind, changes, user } of outcomes()) {
          const moves = kind === 'changed' && changes.some((each) => each.property === property)
          if (moves && !problems.has(line)) leaving.add(user.id)
        }
        const fallen = outcomes().flatMap(({ line, kind, user }) => {
          if (kind !== 'created' && kind !== 'changed') return []
          const holder = holderOf(user, property)
          const isHeld = holder && holder.id !== user.id && !leaving.has(holder.id)
          return isHeld ? [{ line, property, holder: holder.userPrincipalName } as const] : []
        })
        if (fallen.length === 0) return
        yield fallen
      }
    },
    async counts() {
      const all = outcomes()
      const count = (kind: StagedOutcome['kind']) => all.filter((each) => each.kind === kind).length
      const accepted = all.filter(({ kind }) => kind !== 'rejected')
      return {
        created: count('created'),
        changed: count('changed'),
        unchanged: count('unchanged'),
        rejected: count('rejected'),
        generatedAnchors: good().filter(isGenerated).length,
        warnings: accepted.reduce((sum, { warnings }) => sum + warnings.length, 0),
        deleted: missing.size,
      }
    },
    async *outcomes(filter, limit = Number.POSITIVE_INFINITY) {
      const wanted = outcomes().filter(({ kind, warnings }) => {
        if (filter === 'accepted') return kind !== 'rejected'
        if (filter === 'withWarnings') return kind !== 'rejected' && warnings.length > 0
        return kind === filter
      })
      if (wanted.length > 0) yield wanted.slice(0, limit)
    },
    async apply(record, { signal, onRows, newIds }) {
      const target = records()
      const id = (target.imports.at(-1)?.id ?? 0) + 1
      const kept: ImportRecord = { ...record, id, undoneAt: null, undoneBy: null }
      const changes = new Map<string, ImportChange>()
      const remember = (before: User, line: number | null, after: number | null) =>
        changes.set(before.id, {
          before,
          line,
          lastModifiedDateTime: after,
          made: target.made.get(before.id) ?? null,
          origins: target.origins.get(before.id) ?? new Map(),
        })
      signal?.throwIfAborted()
      for (const userId of missing) {
        const user = target.users.get(userId)
        if (user) remember(user, null, null)
        target.removeUser(userId)
      }
      const newId = newIds(record.createdCount)
      const written = outcomes().flatMap(({ kind, line, user }): Written[] => {
        if (kind === 'created') {
          return [{ line, change: { kind: 'create', user: { ...user, id: newId() } } }]
        }
        const before = target.users.get(user.id)
        if (kind !== 'changed' || before === undefined) return []
        remember(before, line, user.lastModifiedDateTime)
        return [{ line, change: { kind: 'update', before, user } }]
      })
      target.writeUsers(written.map(({ change }) => change))
      for (const { line, change } of written) {
        const place = { importId: id, line }
        if (change.kind === 'create') target.made.set(change.user.id, place)
        if (change.kind === 'update') target.setOrigins(change.before, change.user, place)
      }
      target.imports.push(kept)
      addAudit(target, importAudit(kept))
      target.importChanges.set(id, changes)
      onRows(written.length)
      await new Promise(setImmediate)
      signal?.throwIfAborted()
      isWritten = true
      return kept
    },
    async commit() {
      if (isWritten) home.records = records()
    },
    async close() {
      letGo()
    },
  }
}
