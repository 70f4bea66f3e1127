import type { AuditRecord, AuditValues } from '../../directory/audit.ts'
import type { ImportedChange } from '../../directory/importChanges.ts'
import { isoMillis, isoSeconds } from '../../lib/clock.ts'
import { printableLine } from '../printable.ts'
import { table } from '../table.ts'

/** As many characters of a value as a column shows. */
const widest = 60

/** A record as one line of JSON (docs/audit.md). */
export function recordAsJson(record: AuditRecord): string {
  const { id, at, who, door, action, target, before, after, undoes } = record
  return JSON.stringify({
    id,
    at: isoMillis(at),
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
  return JSON.stringify({
    record: record.id,
    at: isoMillis(record.at),
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

/** A record whole: what was before and after, side by side. */
export function recordText(record: AuditRecord, undoneBy: AuditRecord | null): string {
  const { id, at, who, door, action, target, undoes } = record
  const lines = [
    `Record ${id}: ${action} ${printableLine(target.name)}`,
    `  at    ${isoSeconds(at)}, by ${printableLine(who)}, through ${door}`,
    `  id    ${printableLine(target.id)} (${target.kind})`,
    ...(undoes === null ? [] : [`  undoes record ${undoes}`]),
    ...(undoneBy === null ? [] : [`  undone by record ${undoneBy.id}`]),
  ]
  const rows = valueRows(record.before, record.after)
  if (rows.length > 0) lines.push('', table(['PROPERTY', 'BEFORE', 'AFTER'], rows))
  return lines.join('\n')
}

/** By property; `-` is nothing. */
export function valueRows(
  before: AuditValues | null,
  after: AuditValues | null,
): readonly (readonly string[])[] {
  const names = Object.keys({ ...before, ...after })
  return names.map((name) => [printableLine(name), cell(before?.[name]), cell(after?.[name])])
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '-'
  return printableLine(typeof value === 'string' ? value : JSON.stringify(value))
}

function cut(text: string): string {
  const characters = [...text]
  return characters.length > widest ? `${characters.slice(0, widest - 1).join('')}…` : text
}
