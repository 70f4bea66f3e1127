import type { Property, Value, Values } from './pool.ts'

export type DoorName = 'graph' | 'scim' | 'scimExternal' | 'commandLine'

/** Someone who is, or was, a user. */
export interface Person {
  id: string
  isHere: boolean
  values: Record<Property, Value>
  /** Another one after every write. */
  stamp: number
  /** The import that made them; null once another door brought them back. */
  madeBy: ModelImport | null
  /** As the client `scim` calls them. */
  externalId: string | null
}

export interface ModelGroup {
  id: string
  isHere: boolean
  displayName: string
  description: string | null
  /** Some may be users no more; they are again when they come back. */
  members: Set<Person>
}

/** What the audit is to hold. Its number is known once the store has given it. */
export interface ModelRecord {
  id: number
  readonly action: string
  readonly door: DoorName | 'csv'
  readonly target: Person | ModelGroup | ModelImport | string
  readonly before: Values | null
  readonly after: Values | null
  /** Groups of a person, members of a group, those who came. */
  readonly came?: ReadonlySet<Person | ModelGroup>
  /** Those who went. */
  readonly went?: ReadonlySet<Person | ModelGroup>
  readonly undoes: ModelRecord | null
}

export interface ModelImport {
  id: number
  isUndone: boolean
  readonly stamp: number
  readonly created: Person[]
  readonly touched: Map<Person, Pick<Person, 'values' | 'stamp' | 'madeBy'>>
  readonly removed: Map<Person, Pick<Person, 'values' | 'stamp' | 'madeBy'>>
}

/** How a step is to end: whether anything of it is kept, and every reason for what is not, sorted. */
export interface Outcome {
  readonly kept: boolean
  readonly reasons: readonly string[]
}

export const kept: Outcome = { kept: true, reasons: [] }
export const refused = (...reasons: string[]): Outcome => ({ kept: false, reasons: reasons.sort() })
export const notFound = refused('notFound')

export interface Write {
  readonly door: DoorName
  readonly input: Values
  /** Of the client `scim`; undefined: not mentioned. */
  readonly externalId?: string | null | undefined
}
