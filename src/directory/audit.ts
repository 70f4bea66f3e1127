import type { Instant } from '../lib/clock.ts'

/** The way that a change came in by. */
export type Door = 'csv' | 'commandLine' | 'graph' | 'scim' | 'server'

/** Who did something, when, and through which door. */
export interface Act {
  readonly at: Instant
  readonly who: string
  readonly door: Door
}

/** The same, and the record of the change that is taken back by it. */
export interface RecordedAct extends Act {
  readonly undoes?: number | null
}

/** What was done, as the audit names it. */
export type AuditAction =
  | 'userCreated'
  | 'userChanged'
  | 'userDeleted'
  | 'groupCreated'
  | 'groupChanged'
  | 'groupMembersChanged'
  | 'groupDeleted'
  | 'usersImported'
  | 'importUndone'
  | 'domainsChanged'
  | 'credentialsChanged'
  | 'appCreated'
  | 'appChanged'
  | 'appDeleted'
  | 'keysRotated'

/** What it was done to. */
export interface AuditTarget {
  readonly kind: 'user' | 'group' | 'import' | 'domain' | 'app' | 'server'
  /** By which it is found: a GUID, the number of an import, or a domain name. */
  readonly id: string
  /** As people know it: a UPN, a display name, a file name. */
  readonly name: string
}

/** Properties by name; of a change only those that changed. Never a secret. */
export type AuditValues = Readonly<Record<string, unknown>>

/** One change. Records are only ever added. */
export interface AuditRecord extends Act {
  /** From 1, in the order of the changes; numbers may be missing. */
  readonly id: number
  readonly action: AuditAction
  readonly target: AuditTarget
  /** Null where there was nothing before. */
  readonly before: AuditValues | null
  /** Null where nothing is left. */
  readonly after: AuditValues | null
  /** The record of the change that this one took back; null for all others. */
  readonly undoes: number | null
}

export interface AuditFilter {
  /** Only records with a higher id. */
  readonly after?: number
  readonly since?: Instant
  readonly until?: Instant
  readonly who?: string
  readonly door?: Door
  /** The target's id. */
  readonly targetId?: string
}

/** Keeps a record of a change that was made elsewhere than in the directory. */
export type KeepRecord = (record: Omit<AuditRecord, 'id'>) => Promise<unknown>

/** The audit, part of the directory's transactions: a change and its record are kept together or not at all. */
export interface AuditStore {
  /** Gives the record's id. */
  add(record: Omit<AuditRecord, 'id'>): Promise<number>
  record(id: number): Promise<AuditRecord | null>
  /** The newest record of a change that took this one back (it may have been taken back itself); null when nobody did. */
  undoneBy(id: number): Promise<AuditRecord | null>
  /** In the order of the ids, read page by page. */
  records(filter?: AuditFilter): AsyncIterable<AuditRecord>
  /** The last `limit` of them, in the order of the ids. */
  latest(limit: number, filter?: AuditFilter): Promise<readonly AuditRecord[]>
}

/** The values of some properties of a record. */
export function valuesOf<T extends object>(
  record: T,
  properties: readonly (keyof T & string)[],
): AuditValues {
  return Object.fromEntries(properties.map((name) => [name, record[name]]))
}
