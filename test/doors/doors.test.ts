import { expect } from 'chai'
import fc from 'fast-check'
import { actor } from '../../src/cli/actor.ts'
import type { AuditRecord } from '../../src/directory/audit.ts'
import { manage, removeDomains } from '../../src/directory/domainLifecycle.ts'
import { addDomainWithin } from '../../src/directory/domains.ts'
import type { Group } from '../../src/directory/groups.ts'
import type { User } from '../../src/directory/types.ts'
import { keyOf, Model } from './model.ts'
import type { ModelGroup, ModelRecord } from './modelTypes.ts'
import { flipping, international, spare } from './pool.ts'
import { picked, Replay } from './replay.ts'
import { type DoorSite, startDoors } from './site.ts'
import { type Step, steps } from './steps.ts'
import { take } from './take.ts'

/** More of it, for an hour in which the machine has nothing else to do: HOMEREALM_DOORS_RUNS=2000. */
const numRuns = Number(process.env['HOMEREALM_DOORS_RUNS'] ?? 60)

describe('four doors, one house', () => {
  let site: DoorSite
  before(async () => {
    site = await startDoors()
    const { directory } = site
    await directory.transaction(async (tx) => {
      await addDomainWithin(tx, international)
      await addDomainWithin(tx, flipping)
    })
  })
  after(() => site?.close())

  it('whatever comes by whichever door, the directory, the reasons and the audit are as the model says', async () => {
    const property = fc.asyncProperty(steps, (drawn) => play(site, drawn))
    await fc.assert(property, { numRuns })
  }).timeout(Math.max(60_000, numRuns * 3000))
})

async function play(site: DoorSite, steps: readonly Step[]): Promise<void> {
  const { directory, deployment } = site
  await empty(site)
  const model = new Model()
  const replay = new Replay()
  let [seen] = (await directory.audit.latest(1)).map(({ id }) => id)
  for (const each of steps) {
    deployment.clock.at = Date.now()
    const known = model.log.length
    const taken = await take(site, model, each)
    if (taken === null) continue
    const place = JSON.stringify(each)
    const { answered, expected } = taken
    expect([answered.kept, ...answered.reasons], place).to.deep.equal([
      expected.kept,
      ...expected.reasons,
    ])
    const { users, groups } = await expectAsModel(site, model, place)
    const records = await Array.fromAsync(directory.audit.records({ after: seen ?? 0 }))
    expectRecords(site, records, model.log.slice(known), place)
    for (const record of records) {
      const isImport = record.action === 'usersImported'
      const changes = isImport ? directory.imports.changes(Number(record.target.id)) : []
      replay.apply(record, await Array.fromAsync(changes))
    }
    seen = records.at(-1)?.id ?? seen
    expect(replay.present(), place).to.deep.equal({ users, groups })
  }
  for (const [id, changes] of replay.imports) {
    replay.expectSameImport(changes, await Array.fromAsync(directory.imports.changes(Number(id))))
  }
}

/** Nobody, no group, and the domains of the beginning; the audit is the one thing that stays. */
async function empty({ directory }: DoorSite): Promise<void> {
  await directory.transaction(async (tx) => {
    const users = await Array.fromAsync(tx.users())
    await tx.writeUsers(users.map((user) => ({ kind: 'delete', user })))
    for (const group of await allGroups(tx)) await tx.groups.write({ kind: 'delete', group })
    if ((await tx.domain(flipping))?.authenticationType === 'Federated')
      await manage(tx, [flipping])
    if ((await tx.domain(spare)) !== null) await removeDomains(tx, [spare])
  })
}

async function allGroups({ groups }: Pick<DoorSite['directory'], 'groups'>): Promise<Group[]> {
  const query = { where: null, orderBy: 'displayName', limit: 500, after: null } as const
  return [...(await groups.found.page(query)).items]
}

/** Everything that is there is in the model, and nothing else. Who is new tells the model the id. */
async function expectAsModel({ directory, ...site }: DoorSite, model: Model, place: string) {
  const users = await Array.fromAsync(directory.users())
  const found = new Map(users.map((user) => [user.userPrincipalName, user]))
  const people = model.here()
  for (const person of people) {
    person.id ||= found.get(String(person.values.userPrincipalName))?.id ?? ''
  }
  const shown = (list: readonly (readonly [string, unknown])[]) => new Map(list.toSorted(byId))
  const state = {
    users: shown(users.map((user: User) => [user.id, picked(user)])),
    groups: shown(
      await Promise.all(
        (await allGroups(directory)).map(async ({ id, displayName, description }) => {
          const members = (await directory.groups.members(id)).map((user) => user.id).sort()
          return [id, { displayName, description, members }] as const
        }),
      ),
    ),
  }
  const standing = model.groups.filter(({ isHere }) => isHere)
  for (const group of standing) group.id ||= idOfNew(state.groups, group)
  const expected = {
    users: shown(people.map(({ id, values }) => [id, values])),
    groups: shown(
      standing.map(({ id, displayName, description, members }) => {
        const visible = [...members].filter(({ isHere }) => isHere)
        return [id, { displayName, description, members: visible.map((each) => each.id).sort() }]
      }),
    ),
  }
  expect(state, place).to.deep.equal(expected)
  for (const { id, values } of people) {
    const byUpn = await directory.userByPrincipalName(keyOf(values))
    expect(byUpn?.id, place).to.equal(id)
  }
  const ids = people.map(({ id }) => id)
  const externalIds = await directory.externalIds.of(site.scimClient, 'user', ids)
  const called = people.filter(({ externalId }) => externalId !== null)
  expect(externalIds, place).to.deep.equal(
    new Map(called.map(({ id, externalId }) => [id, externalId])),
  )
  return state
}

function byId([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1
}

function idOfNew(groups: ReadonlyMap<string, unknown>, { displayName }: ModelGroup): string {
  const found = [...groups].find(([, each]) => (each as Group).displayName === displayName)
  return found?.[0] ?? ''
}

/** One record for each change, by the right door and in the right name. Their numbers are told to the model. */
function expectRecords(
  { names }: DoorSite,
  records: readonly AuditRecord[],
  expected: readonly ModelRecord[],
  place: string,
): void {
  for (const [index, record] of expected.entries()) {
    const found = records[index]
    record.id = found?.id ?? 0
    const { target } = record
    if (typeof target === 'object' && 'isUndone' in target) target.id ||= Number(found?.target.id)
  }
  const said = records.map(({ id, action, door, target, undoes }) => ({
    id,
    action,
    door,
    target: target.id,
    undoes,
  }))
  const wanted = expected.map(({ id, action, door, target, undoes }) => ({
    id,
    action,
    door: door === 'scimExternal' ? 'scim' : door,
    target: String(typeof target === 'object' ? target.id : target),
    undoes: undoes?.id ?? null,
  }))
  expect(said, place).to.deep.equal(wanted)
  for (const [index, { who }] of records.entries()) {
    const door = expected[index]?.door ?? 'csv'
    const isCommand = door === 'csv' || door === 'commandLine'
    expect(who, place).to.match(new RegExp(`^${isCommand ? actor().who : names[door]}( \\(|$)`))
  }
}
