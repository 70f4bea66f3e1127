import { expect } from 'chai'
import fc from 'fast-check'
import type { ScimContext } from '../../src/admin/scim/context.ts'
import type { Filter } from '../../src/admin/scim/filter/parse.ts'
import { type ListRequest, noQuery } from '../../src/admin/scim/list.ts'
import { ScimError } from '../../src/admin/scim/scimError.ts'
import { operate } from '../../src/admin/scim/service.ts'
import type { User } from '../../src/directory/types.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { now, userOf } from '../storage/samples.ts'
import { noPasswords } from './doorInMemory.ts'
import { fulfils } from './naive.ts'
import { anchors, groupIds, instants, printed, texts, userFilter } from './randomFilter.ts'

const some = fc.constantFrom(null, ...texts)
const drawnUsers = fc.uniqueArray(
  fc.record({
    number: fc.integer({ min: 1, max: 99 }),
    displayName: fc.constantFrom(...texts),
    givenName: some,
    surname: some,
    jobTitle: some,
    department: some,
    officeLocation: some,
    mail: some,
    mobilePhone: some,
    accountEnabled: fc.boolean(),
    createdDateTime: fc.constantFrom(...instants),
  }),
  { selector: ({ number }) => number, maxLength: 12 },
)

function contextOf(storage: Storage, id = 'okta'): ScimContext {
  return {
    store: storage.directory,
    passwords: noPasswords,
    baseUrl: 'https://login.example.test/scim/v2',
    clock: () => now,
    newId: () => 'unused',
    client: { id, name: 'Okta', anchorPlace: 'extension' },
  }
}

type Drawn = Partial<User> & { readonly number?: number }

async function filled(drawn: readonly Drawn[]): Promise<Storage> {
  const storage = memoryStorage({ principalNameKey })
  const users = drawn.map(
    ({ number = 0, ...values }, index): User => ({
      ...userOf(`user${index}`),
      userPrincipalName: `${index % 2 === 0 ? 'al' : 'Bob'}${number + index * 100}@managed.example`,
      onPremisesImmutableId: anchors[index] ?? null,
      ...values,
    }),
  )
  await storage.directory.transaction(async (tx) => {
    await tx.writeUsers(users.map((user) => ({ kind: 'create', user })))
    for (const id of groupIds) {
      const times = { createdDateTime: now, lastModifiedDateTime: now }
      const group = { id, displayName: id, description: null, ...times }
      await tx.groups.write({ kind: 'create', group })
    }
    for (const [index, { id }] of users.entries()) {
      if (index % 2 === 0) await tx.groups.changeMembers(groupIds[0], { add: [id], remove: [] })
      if (index % 3 === 0) await tx.groups.changeMembers(groupIds[1], { add: [id], remove: [] })
      if (index < 3) await tx.externalIds.set('okta', 'user', id, `e${index}`)
      await tx.externalIds.set('other', 'user', id, `o${index}`)
    }
  })
  return storage
}

interface Listed {
  readonly totalResults: number
  readonly itemsPerPage: number
  readonly startIndex?: number
  readonly nextCursor?: string
  readonly Resources: readonly { readonly id: string; readonly userName: string }[]
}

async function ask(context: ScimContext, query: Partial<ListRequest>): Promise<Listed> {
  const request = {
    method: 'GET',
    id: null,
    query: { ...noQuery, ...query },
    ifMatch: null,
    ifNoneMatch: null,
  } as const
  const { body } = await operate('Users', request, () => new Map(), context)
  return body as Listed
}

async function refusalOf(
  context: ScimContext,
  query: Partial<ListRequest>,
): Promise<string | null> {
  try {
    await ask(context, query)
    return 'answered'
  } catch (error) {
    if (error instanceof ScimError) return error.scimType
    throw error
  }
}

describe('users by SCIM filters', () => {
  it('are those that fulfil the filter when it is read from their JSON', async () => {
    await fc.assert(
      fc.asyncProperty(drawnUsers, userFilter, async (drawn, filter: Filter) => {
        const context = contextOf(await filled(drawn))
        const all = await ask(context, { count: 200 })
        const wanted = all.Resources.filter((each) => fulfils({ ...each }, filter))
        const found = await ask(context, { filter: printed(filter), count: 200 })
        const ids = ({ Resources }: Pick<Listed, 'Resources'>) =>
          Resources.map(({ id }) => id).sort()
        expect(ids(found), printed(filter)).to.deep.equal(ids({ Resources: wanted }))
        expect(found.totalResults).to.equal(wanted.length)
      }),
      { numRuns: 500 },
    )
  })
})

describe('pages of users', () => {
  const people = Array.from({ length: 23 }, (_, n) => ({
    displayName: `Person ${String.fromCharCode(97 + ((n * 7) % 23))}`,
    department: n % 2 === 0 ? 'Sales' : 'Support',
  }))
  let context: ScimContext
  before(async () => {
    context = contextOf(await filled(people))
  })

  it('by index hold everybody once, with the total on each', async () => {
    const seen: string[] = []
    for (let startIndex = 1; startIndex <= 25; startIndex += 5) {
      const page = await ask(context, { startIndex, count: 5, sortBy: 'displayName' })
      expect(page.totalResults).to.equal(23)
      expect([page.startIndex, page.itemsPerPage]).to.deep.equal([
        startIndex,
        page.Resources.length,
      ])
      seen.push(...page.Resources.map(({ id }) => id))
    }
    expect(new Set(seen).size).to.equal(23)
    expect(seen).to.have.lengthOf(23)
  })

  it('by cursor hold everybody once, in the order that was asked for', async () => {
    const names: string[] = []
    let cursor: string | undefined = ''
    while (cursor !== undefined) {
      const query = { cursor, count: 4, sortBy: 'userName', sortOrder: 'descending' }
      const page: Listed = await ask(context, query)
      expect(page.totalResults).to.equal(23)
      expect(page).not.to.have.property('startIndex')
      names.push(...page.Resources.map(({ userName }) => userName.toLowerCase()))
      cursor = page.nextCursor
    }
    expect(names).to.have.lengthOf(23)
    expect(names).to.deep.equal([...names].sort().reverse())
  })

  it('are counted alone with count 0, and are never larger than the largest page', async () => {
    expect(await ask(context, { count: 0 })).to.deep.include({ totalResults: 23, Resources: [] })
    expect(await ask(context, { count: -5 })).to.deep.include({ totalResults: 23, Resources: [] })
    expect(await ask(context, { startIndex: -5, count: 1 })).to.include({ startIndex: 1 })
    expect(await ask(context, { startIndex: 24 })).to.deep.include({
      totalResults: 23,
      Resources: [],
    })
    expect((await ask(context, { count: 100_000 })).Resources).to.have.lengthOf(23)
  })

  it('come by a cursor of the same query and client only', async () => {
    const { nextCursor: cursor } = await ask(context, {
      cursor: '',
      count: 2,
      filter: 'displayName pr',
    })
    if (cursor === undefined) throw new Error('there are more pages')
    const again = { cursor, count: 2, filter: 'displayName pr' }
    expect(await refusalOf(context, again)).to.equal('answered')
    expect(await refusalOf(context, { ...again, filter: 'userName pr' })).to.equal('invalidCursor')
    expect(await refusalOf(context, { ...again, sortBy: 'userName' })).to.equal('invalidCursor')
    expect(await refusalOf({ ...context, client: { ...context.client, id: 'x' } }, again)).to.equal(
      'invalidCursor',
    )
    for (const bad of ['x', 'bnVsbA', Buffer.from('[1,2,3,4,5]').toString('base64url')]) {
      expect(await refusalOf(context, { ...again, cursor: bad })).to.equal('invalidCursor')
    }
  })

  it('by cursor have a count from 1 to the largest page, and no start index', async () => {
    expect(await refusalOf(context, { cursor: '', count: 0 })).to.equal('invalidCount')
    expect(await refusalOf(context, { cursor: '', count: 201 })).to.equal('invalidCount')
    expect(await refusalOf(context, { cursor: '', startIndex: 1 })).to.equal('invalidValue')
  })
})
