import type { Instant } from '../lib/clock.ts'
import type { Act } from './audit.ts'
import type { PropertyChange } from './directoryError.ts'
import type { ImportedChange } from './importChanges.ts'
import type { User } from './types.ts'
import { type UserInput, writableProperties } from './users.ts'

/** The property by which a row of an import finds its user. */
export type MatchOn = 'userPrincipalName' | 'onPremisesImmutableId'

/** What is remembered about an import that was kept. */
export interface ImportRecord {
  /** From 1, in the order of the imports. */
  readonly id: number
  readonly at: Instant
  /** Who ran it, as the door that it came through knows them. */
  readonly who: string
  /** The name of the file, without its folders. */
  readonly file: string
  /** SHA-256 of the file's bytes in hexadecimal. */
  readonly digest: string
  readonly matchOn: MatchOn
  /** The domain whose users were removed when the file did not list them; null when none were to be. */
  readonly deletedMissingOf: string | null
  readonly createdCount: number
  readonly changedCount: number
  readonly deletedCount: number
  readonly unchangedCount: number
  readonly rejectedCount: number
  readonly undoneAt: Instant | null
  readonly undoneBy: string | null
}

/** Where a value came from: an import, and the line of its file. */
export interface Origin {
  readonly importId: number
  readonly file: string
  readonly at: Instant
  readonly line: number
}

/** A row of the file on its way in. */
export interface StagedRow {
  /** The physical line at which it begins; no two rows have the same. */
  readonly line: number
  /** The user as the row would make a new one, still without id. Of a rejected row, what could be read. */
  readonly user: User
  /** The properties that the row itself sets (`givenMask`). */
  readonly given: number
  /** The ImmutableId was made here; it is used only when the user has none. */
  readonly isAnchorGenerated: boolean
  /** What is wrong with the row, as JSON for whoever staged it; null when nothing is known to be. */
  readonly problems: readonly unknown[] | null
  /** Sentences about the row, should it make a new user. */
  readonly warnings: readonly string[]
  /** The row's own cells, when they will be asked for again. */
  readonly cells: readonly string[] | null
}

/** A staged row and the user that it is about. */
export interface StagedMatch {
  readonly row: StagedRow
  readonly existing: User
}

/** What a row does to the user that it is about. */
export interface StagedUpdate {
  readonly line: number
  readonly userId: string
  /** After the change; the user as it is when `changes` is empty. */
  readonly user: User
  readonly isAnchorGenerated: boolean
  readonly changes: readonly PropertyChange[]
  readonly warnings: readonly string[]
}

/** A row whose value stands in other rows as well. */
export interface RepeatedValue {
  readonly line: number
  readonly property: MatchOn
  readonly value: string
  /** The first lines that have it, six at most, this one perhaps among them. */
  readonly firstLines: readonly number[]
  /** How many rows have it in all. */
  readonly count: number
}

/** A row that wants a value which another user has and keeps. */
export interface HeldValue {
  readonly line: number
  readonly property: MatchOn
  readonly holder: string
}

/** What became of a row, for reports. */
export interface StagedOutcome {
  readonly line: number
  readonly kind: 'created' | 'changed' | 'unchanged' | 'rejected'
  /** After the import. */
  readonly user: User
  readonly changes: readonly PropertyChange[]
  readonly problems: readonly unknown[]
  readonly warnings: readonly string[]
  readonly cells: readonly string[] | null
}

export interface StagedCounts {
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  readonly rejected: number
  readonly generatedAnchors: number
  readonly warnings: number
  readonly deleted: number
}

/** Which outcomes are listed. */
export type OutcomeFilter = 'created' | 'changed' | 'rejected' | 'accepted' | 'withWarnings'

/** What an import needs to be written. */
export interface ApplyMeans {
  readonly signal?: AbortSignal
  /** Told now and then how many rows are written. */
  readonly onRows: (rows: number) => void
  /** Gives so many ids of new users one after the other, each greater than the one before. */
  readonly newIds: (count: number) => () => string
}

/**
 * An import on its way: its rows stand apart from the directory, which nobody is kept from reading or writing meanwhile. Pages and
 * lists are in the order of the lines unless they say otherwise. Calls follow one another: rows, repeated values, `hold`, matches,
 * the missing, held values, `apply`, `commit`.
 */
export interface ImportStage {
  add(rows: readonly StagedRow[]): Promise<void>
  /** All rows are in. Rows (rejected ones too) that share a UPN or an ImmutableId, page by page. */
  repeated(): AsyncIterable<readonly RepeatedValue[]>
  /** Adds a problem to each of these rows. */
  reject(problems: readonly { readonly line: number; readonly problem: unknown }[]): Promise<void>
  /**
   * From here on the directory stands still for this import: `forWriting` keeps other writers waiting until the end, else it only
   * sees none of what they write (a rehearsal).
   */
  hold(forWriting: boolean): Promise<void>
  /**
   * The rows without a problem that are about a user who is there, in any order, page by page. Those that say nothing new and give no
   * reason for a warning may be left out: they count as unchanged.
   */
  matches(matchOn: MatchOn): AsyncIterable<readonly StagedMatch[]>
  /** Says what the rows of `matches` do. Rows that are about nobody who is there make new users. */
  plan(updates: readonly StagedUpdate[]): Promise<void>
  /** Chooses the domain's users that no row lists, but for those to keep. Gives how many, of how many. */
  chooseMissing(
    domain: string,
    keep: readonly string[],
  ): Promise<{ readonly missing: number; readonly all: number; readonly kept: readonly string[] }>
  /** The first of the chosen ones by UPN. */
  missing(limit: number): Promise<readonly string[]>
  /**
   * Rows without a problem that want a UPN or an ImmutableId of somebody who neither goes nor gives it up by this import, page by
   * page. Reject each page before the next: theirs may have been the rows that gave something up, so that others follow.
   */
  held(matchOn: MatchOn): AsyncIterable<readonly HeldValue[]>
  counts(): Promise<StagedCounts>
  outcomes(filter: OutcomeFilter, limit?: number): AsyncIterable<readonly StagedOutcome[]>
  /**
   * Writes everything that is planned; others see nothing of it yet. `newIds` is asked once, for as many ids as users are created.
   * Rejects with the signal's reason when it is aborted.
   */
  apply(
    record: Omit<ImportRecord, 'id' | 'undoneAt' | 'undoneBy'>,
    means: ApplyMeans,
  ): Promise<ImportRecord>
  /** Keeps what `apply` wrote, all of it at one moment. */
  commit(): Promise<void>
  /** Ends it; what was not committed is lost. A second call does nothing. */
  close(): Promise<void>
}

/** Something that would be lost if an import were undone, or that leaves no room for what it would bring back. */
export interface Obstacle {
  readonly userPrincipalName: string
  /** The line of the import that is to be undone; null for a user it deleted. */
  readonly line: number | null
  readonly kind: 'changedSince' | 'joinedSince' | 'goneSince' | 'valueTaken' | 'domainGone'
  /** The later import that did it; null when it came through another door, or is not known. */
  readonly by: Origin | null
  /** When it was changed; null when that is not known. */
  readonly at: Instant | null
}

export type UndoOutcome =
  | {
      readonly kind: 'undone'
      readonly record: ImportRecord
      readonly removed: number
      readonly restored: number
      readonly broughtBack: number
    }
  /** The first obstacles, and how many there are. */
  | { readonly kind: 'refused'; readonly obstacles: readonly Obstacle[]; readonly count: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'alreadyUndone'; readonly record: ImportRecord }

/** The imports of a directory. */
export interface ImportStore {
  /** Newest first. */
  imports(): Promise<readonly ImportRecord[]>
  /** Where the values of a user came from, by property; without those that came through another door. */
  origins(userId: string): Promise<ReadonlyMap<string, Origin>>
  /** Begins an import. It must be closed. */
  stage(): Promise<ImportStage>
  /**
   * Brings back what an import changed: users it made go, users it changed or deleted are again as they were. Refuses as a whole
   * when any of them was touched since, or has no room.
   */
  undo(id: number, by: Act): Promise<UndoOutcome>
  /**
   * What an import did to each person, read page by page. Whoever it made and is gone since is left out: the record of that change tells
   * of it.
   */
  changes(id: number): AsyncIterable<ImportedChange>
}

/** Obstacles that are told; the rest is counted. */
export const toldObstacles = 20

/** The properties that an input sets, as bits: the UPN is bit 0, then those of `writableProperties` in their order. */
export function givenMask(input: UserInput): number {
  let mask = 0
  for (let i = 0; i < importedProperties.length; i++) {
    const property = importedProperties[i]
    if (property !== undefined && input[property] !== undefined) mask |= 1 << i
  }
  return mask
}

/** The input that a staged row came from. */
export function stagedInput({ user, given, isAnchorGenerated }: StagedRow): UserInput {
  const input: Record<string, unknown> = { userPrincipalName: user.userPrincipalName }
  for (const [i, property] of importedProperties.entries()) {
    if (given & (1 << i)) input[property] = user[property]
  }
  if (isAnchorGenerated && 'onPremisesImmutableId' in input) input.onPremisesImmutableId = null
  return input as unknown as UserInput
}

export const importedProperties = ['userPrincipalName', ...writableProperties] as const
