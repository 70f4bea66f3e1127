import { expect } from 'chai'
import type { AuditRecord, AuditValues } from '../../src/directory/audit.ts'
import type { ImportedChange } from '../../src/directory/importChanges.ts'
import { properties } from './pool.ts'

interface GroupState {
  displayName: unknown
  description: unknown
  /** Some may be users no more. */
  members: Set<string>
}

/** The directory as the audit alone tells it. */
export class Replay {
  readonly users = new Map<string, AuditValues>()
  readonly groups = new Map<string, GroupState>()
  readonly imports = new Map<string, readonly ImportedChange[]>()

  /** Does once more what a record says was done. `imported`: of an import, what it did to each person. */
  apply(record: AuditRecord, imported: readonly ImportedChange[]): void {
    const { action, target, before, after } = record
    const { id } = target
    const place = `record ${record.id}, ${action} ${target.name}`
    switch (action) {
      case 'userCreated': {
        expect([before, this.users.has(id)], place).to.deep.equal([null, false])
        const { memberOf = [], ...values } = after ?? {}
        expect(Object.keys(values), place).to.have.members(properties)
        this.users.set(id, values)
        for (const group of memberOf as string[]) this.#groupOf(group, place).members.add(id)
        return
      }
      case 'userChanged':
        this.users.set(id, changed(this.users.get(id), before, after, place))
        return
      case 'userDeleted': {
        const { memberOf, ...values } = before ?? {}
        expect([values.id, after], place).to.deep.equal([id, null])
        expect(picked(values), place).to.deep.equal(this.users.get(id))
        const groups = [...this.groups].filter(([, { members }]) => members.has(id))
        expect(memberOf, place).to.have.members(groups.map(([group]) => group))
        this.users.delete(id)
        return
      }
      case 'groupCreated': {
        expect([before, this.groups.has(id)], place).to.deep.equal([null, false])
        const { displayName, description, members = [] } = after ?? {}
        this.groups.set(id, { displayName, description, members: new Set(members as string[]) })
        return
      }
      case 'groupChanged': {
        const { members, ...names } = this.#groupOf(id, place)
        const now = changed(names, before, after, place) as unknown as GroupState
        this.groups.set(id, { ...now, members })
        return
      }
      case 'groupMembersChanged':
        this.#changeMembers(id, texts(before?.removed), texts(after?.added), place)
        return
      case 'groupDeleted': {
        const { displayName, description, members } = this.#groupOf(id, place)
        const visible = [...members].filter((user) => this.users.has(user))
        expect(before, place).to.include({ id, displayName, description })
        expect(before?.members, place).to.have.members(visible)
        expect(after, place).to.equal(null)
        this.groups.delete(id)
        return
      }
      case 'usersImported': {
        const count = (kind: string) => imported.filter((each) => each.kind === kind).length
        const counts = {
          createdCount: count('created'),
          changedCount: count('changed'),
          deletedCount: count('deleted'),
        }
        expect(after, place).to.include(counts)
        this.imports.set(id, imported)
        this.#imported(imported, place)
        return
      }
      case 'importUndone': {
        const done = this.imports.get(id) ?? []
        this.#imported(done.map(inverse), place)
        return
      }
      case 'domainsChanged':
      case 'credentialsChanged':
        return
    }
    throw new Error(`${place} is of another world`)
  }

  /** As `state` of the present gives it. */
  present() {
    const groups = [...this.groups].map(([id, { displayName, description, members }]) => {
      const visible = [...members].filter((user) => this.users.has(user)).sort()
      return [id, { displayName, description, members: visible }] as const
    })
    return { users: new Map(this.users), groups: new Map(groups) }
  }

  /** What an import did is told later as it was told then, or not at all where something came after. */
  expectSameImport(then: readonly ImportedChange[], later: readonly ImportedChange[]): void {
    for (const each of later) {
      const first = then.find(({ userId }) => userId === each.userId)
      if (each.after !== null || each.kind === 'deleted') expect(each).to.deep.equal(first)
    }
  }

  #groupOf(id: string, place: string): GroupState {
    const group = this.groups.get(id)
    if (group === undefined) throw new Error(`${place}: there is no group ${id}`)
    return group
  }

  #changeMembers(id: string, removed: readonly string[], added: readonly string[], place: string) {
    const { members } = this.#groupOf(id, place)
    expect(removed.length + added.length, `${place}: somebody`).to.be.greaterThan(0)
    for (const user of removed) expect(members.delete(user), place).to.equal(true)
    for (const user of added) {
      expect([this.users.has(user), members.has(user)], place).to.deep.equal([true, false])
      members.add(user)
    }
  }

  /** Values may be handed round between people, so that all go before any comes. */
  #imported(changes: readonly ImportedChange[], place: string): void {
    for (const { kind, userId, before, after } of changes) {
      if (kind === 'deleted') {
        expect(before, place).to.deep.equal(this.users.get(userId))
        this.users.delete(userId)
      } else if (kind === 'created') {
        expect(this.users.has(userId), place).to.equal(false)
        this.users.set(userId, after ?? {})
      } else this.users.set(userId, changed(this.users.get(userId), before, after, place))
    }
  }
}

function inverse(change: ImportedChange): ImportedChange {
  const kinds = { created: 'deleted', deleted: 'created', changed: 'changed' } as const
  return { ...change, kind: kinds[change.kind], before: change.after, after: change.before }
}

/** What was there before must be what was there; each property differs. */
function changed(
  now: object | undefined,
  before: AuditValues | null,
  after: AuditValues | null,
  place: string,
): AuditValues {
  expect(Object.keys(after ?? {}), place).to.have.members(Object.keys(before ?? {}))
  expect(Object.keys(after ?? {}), place).to.not.be.empty
  expect(now, place).to.include(before ?? {})
  for (const [name, value] of Object.entries(after ?? {})) {
    expect(value, `${place}: ${name}`).to.not.equal(before?.[name])
  }
  return { ...now, ...after }
}

/** Of a user only what the audit keeps. */
export function picked(user: object): AuditValues {
  return Object.fromEntries(properties.map((name) => [name, (user as AuditValues)[name]]))
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value : []
}
