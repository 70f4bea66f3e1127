import type { Instant } from '../lib/clock.ts'
import { type AuditValues, valuesOf } from './audit.ts'
import { changedProperties } from './directoryError.ts'
import { importedProperties } from './imports.ts'
import type { User } from './types.ts'

/** What an import did to one person. */
export interface ImportedChange {
  readonly kind: 'created' | 'changed' | 'deleted'
  readonly userId: string
  readonly userPrincipalName: string
  /** Of the file; null for who was removed for not being listed. */
  readonly line: number | null
  /** The properties that changed; all of them of a person who was removed, null of one who was made. */
  readonly before: AuditValues | null
  /** Null of a person who was removed, and where something else has changed the person since. */
  readonly after: AuditValues | null
}

/**
 * An import's change as it is told.
 * @param users before it, as it left the user (null when that is no longer known), and as the user is now; `leftAt` is null when it removed
 *   the user
 */
export function importedChange({
  line,
  before,
  after,
  present,
  leftAt,
}: {
  readonly line: number | null
  readonly before: User | null
  readonly after: User | null
  readonly present: User | null
  readonly leftAt: Instant | null
}): ImportedChange {
  const known = after ?? before ?? present
  if (known === null) throw new Error('an import changes somebody')
  const who = { userId: known.id, userPrincipalName: known.userPrincipalName, line }
  if (leftAt === null) return { ...who, kind: 'deleted', before: told(before), after: null }
  if (before === null) return { ...who, kind: 'created', before: null, after: told(after) }
  if (after === null) return { ...who, kind: 'changed', before: told(before), after: null }
  const changes = changedProperties(before, after, importedProperties)
  const side = (of: 'old' | 'new') =>
    Object.fromEntries(changes.map((change) => [change.property, change[of]]))
  return { ...who, kind: 'changed', before: side('old'), after: side('new') }
}

function told(user: User | null): AuditValues | null {
  return user && valuesOf(user, importedProperties)
}
