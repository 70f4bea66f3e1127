import type { Answered, DoorSite } from './site.ts'

export const tableDoors = ['csv', 'commandLine', 'graph', 'scim', 'scimExternal'] as const
export type TableDoor = (typeof tableDoors)[number]

/** Makes the mistake by a door; or why it cannot be made there, or is none. */
type By = ((site: DoorSite) => Promise<Answered>) | string

/** What a door has nothing of. */
export const noGroups = 'the file has users'
export const noDomains = 'the door has no domains'

export interface Mistake {
  readonly name: string
  /** `property rule` */
  readonly reason: string
  readonly by: Readonly<Partial<Record<TableDoor, By>>>
}
