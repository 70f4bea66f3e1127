import type { AuditRecord, AuditValues } from '../../directory/audit.ts'
import type { ImportedChange } from '../../directory/importChanges.ts'
import { isoSeconds } from '../../lib/clock.ts'
import { isTimeNamed, jsonLine } from '../json.ts'
import { printableLine } from '../printable.ts'
import { table } from '../table.ts'

/** As many characters of a value as a column shows. */
const widest = 60

/** As many members of a list as `audit show` names. */
export const mostNamed = 20

/** A record as one line of JSON (docs/audit.md). */
export function recordAsJson(record: AuditRecord): string {
  const { id, at, who, door, action, target, before, after, undoes } = record
  return jsonLine({
    id,
    at,
    who,
    door,
    action,
    target,
    before,
    after,
    undoes,
  })
}

/** What an import did to one person, as one line of JSON that names the record of the import. */
export function changeAsJson(record: AuditRecord, change: ImportedChange): string {
  const { kind, userId, userPrincipalName, line, before, after } = change
  const actions = { created: 'userCreated', changed: 'userChanged', deleted: 'userDeleted' }
  return jsonLine({
    record: record.id,
    at: record.at,
    who: record.who,
    door: record.door,
    action: actions[kind],
    target: { kind: 'user', id: userId, name: userPrincipalName },
    line,
    before,
    after,
  })
}

export const recordHeadings = ['RECORD', 'AT', 'WHO', 'DOOR', 'WHAT', 'OF', ''] as const

/** A record as a row of the list. */
export function recordCells(record: AuditRecord): readonly string[] {
  const { id, at, who, door, action, target } = record
  return [
    String(id),
    isoSeconds(at),
    printableLine(who),
    door,
    action,
    cut(printableLine(target.name)),
    cut(printableLine(summary(record))),
  ]
}

/** What changed, in a few words. */
function summary({ action, before, after, undoes }: AuditRecord): string {
  const words: string[] = undoes === null ? [] : [`undoes ${undoes}`]
  if (action === 'usersImported' || action === 'importUndone') {
    const counts = Object.entries(after ?? {}).filter(
      ([, value]) => typeof value === 'number' && value > 0,
    )
    words.push(counts.map(([name, value]) => `${value} ${name.replace('Count', '')}`).join(', '))
  } else if (action === 'groupMembersChanged') {
    words.push(`${lengthOf(after?.added)} added, ${lengthOf(before?.removed)} removed`)
  } else if (action === 'domainsChanged') {
    words.push(`${after?.kind}, change ${after?.change}`)
  } else if (before !== null && after !== null) {
    words.push(Object.keys({ ...before, ...after }).join(', '))
  }
  return words.join('; ')
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}

/** The ids of users and groups inside a record, as people know them; those who are gone are missing. */
export type Names = ReadonlyMap<string, string>

/** A record whole: what was before and after, side by side. */
export function recordText(
  record: AuditRecord,
  undoneBy: AuditRecord | null,
  names: Names,
): string {
  const { id, at, who, door, action, target, undoes } = record
  const lines = [
    `Record ${id}: ${action} ${printableLine(target.name)}`,
    `  at    ${isoSeconds(at)}, by ${printableLine(who)}, through ${door}`,
    `  id    ${printableLine(target.id)} (${target.kind})`,
    ...(undoes === null ? [] : [`  undoes record ${undoes}`]),
    ...(undoneBy === null ? [] : [`  undone by record ${undoneBy.id}`]),
  ]
  const rows = valueRows(record.before, record.after, names)
  if (rows.length > 0) lines.push('', table(['PROPERTY', 'BEFORE', 'AFTER'], rows))
  return lines.join('\n')
}

/** By property; `-` is nothing. */
export function valueRows(
  before: AuditValues | null,
  after: AuditValues | null,
  names: Names = new Map(),
): readonly (readonly string[])[] {
  const properties = Object.keys({ ...before, ...after })
  return properties.map((name) => [
    printableLine(name),
    ...[before, after].map((values) => printableLine(shown(name, values?.[name], names))),
  ])
}

function shown(property: string, value: unknown, names: Names): string {
  if (value === undefined || value === null) return '-'
  if (isTimeNamed(property) && typeof value === 'number') return isoSeconds(value)
  const ids = idsIn(property, value)
  if (ids === null) return typeof value === 'string' ? value : jsonLine(value)
  const more = ids.length - mostNamed
  const first = ids.slice(0, mostNamed).map((id) => names.get(id) ?? id)
  return (first.join(', ') || '-') + (more > 0 ? ` and ${more} more (--json has all)` : '')
}

/** The ids in a value that is a list of members, or of the groups that somebody was in; null for any other. */
export function idsIn(property: string, value: unknown): readonly string[] | null {
  const isList = ['added', 'removed', 'members', 'memberOf'].includes(property)
  return isList && Array.isArray(value) ? value.map(String) : null
}

function cut(text: string): string {
  const characters = [...text]
  return characters.length > widest ? `${characters.slice(0, widest - 1).join('')}…` : text
}
