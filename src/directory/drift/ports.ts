import type { User } from '../types.ts'

/** One person as the other side's file has them. */
export interface PersonThere {
  /** The line of a CSV file, or the resource of a SCIM list, from 1. */
  readonly place: number
  readonly login: string
  readonly email: string | null
  /** The ImmutableId, byte for byte as the file has it; null when it has none. */
  readonly anchor: string | null
  readonly isEnabled: boolean
  readonly firstName: string | null
  readonly lastName: string | null
  /** Why the person cannot be compared, as a whole sentence; null for all others. */
  readonly problem: string | null
}

/** What a comparison keeps of a user here. */
export type PersonHere = Pick<
  User,
  | 'userPrincipalName'
  | 'onPremisesImmutableId'
  | 'accountEnabled'
  | 'displayName'
  | 'givenName'
  | 'surname'
  | 'mail'
>

/** By what a person there was found here. */
export type PairedBy = 'upn' | 'email' | 'immutableId'

/** Several rows that share what only one may have. */
export interface Repetition {
  readonly count: number
  readonly firstPlace: number
}

/** A person there, with the same person here when there is one. */
export interface Pairing {
  /** The order of the file, from 1. */
  readonly number: number
  readonly there: PersonThere
  readonly here: PersonHere | null
  readonly pairedBy: PairedBy | null
  readonly sameLogin: Repetition | null
  readonly sameAnchor: Repetition | null
  /** Another user here who has the ImmutableId that this person has there. */
  readonly holder: {
    readonly userPrincipalName: string
    /** And whose own, there, is this person's here. */
    readonly isSwap: boolean
  } | null
}

/** An ImmutableId that is to be written here. */
export interface PlannedAnchor {
  readonly there: PersonThere
  /** Null for a user who is to be made. */
  readonly here: PersonHere | null
  /** The user's ImmutableId until now is wanted for somebody else of the plan. */
  readonly isWantedElsewhere: boolean
}

/**
 * A private table in which both sides of a comparison lie while it lasts, each as large as it likes. First both sides are added, in any
 * order; then `pair`; then it is read. Pages come in the order of the file and of the UPNs.
 */
export interface Comparison {
  addThere(people: readonly PersonThere[]): void
  addHere(users: readonly PersonHere[]): void
  /**
   * Finds who is who: by login and UPN, then by e-mail, then by ImmutableId. Only what one person on each side has pairs; of rows with the
   * same login only the first is paired.
   */
  pair(): void
  /** At most `limit` after the number (0: from the start). */
  pairings(after: number, limit: number): readonly Pairing[]
  /** Users here whom nobody there was paired with, after the one with this number. */
  onlyHere(
    after: number,
    limit: number,
  ): readonly { readonly number: number; readonly here: PersonHere }[]
  /** Plans that the user here of this pairing gets the ImmutableId there; or, without user here, that one is made. */
  plan(numbers: readonly number[]): void
  /**
   * Takes out of the plan what could not be written, since somebody has the ImmutableId who keeps it, and what that would have freed.
   * Returns how many stay.
   */
  settlePlan(): number
  planned(
    after: number,
    limit: number,
  ): readonly { readonly number: number; readonly plan: PlannedAnchor }[]
  /** Nothing of it stays on the disk. */
  close(): void
}
