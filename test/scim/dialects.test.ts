import { expect } from 'chai'
import fc from 'fast-check'
import { urns } from '../../src/admin/scim/names.ts'
import { doorInMemory } from './doorInMemory.ts'

/** What a user is to have; null for nothing. */
const wantedUser = fc.record({
  displayName: fc.constantFrom('Al', 'Alice Ångström', 'x'),
  'name.givenName': fc.constantFrom(null, 'Alice', 'Bo'),
  'name.familyName': fc.constantFrom(null, 'Ångström', 'Ek'),
  title: fc.constantFrom(null, 'Engineer', '"quoted"'),
  active: fc.boolean(),
  'emails[type eq "work"].value': fc.constantFrom(null, 'a@managed.example', 'b@managed.example'),
  'phoneNumbers[type eq "mobile"].value': fc.constantFrom(null, '+46 1'),
  [`${urns.enterprise}:department`]: fc.constantFrom(null, 'Sales', 'IT'),
  [`${urns.homerealm}:immutableId`]: fc.constantFrom(null, 'Abc=', 'abc='),
  [`${urns.homerealm}:officeLocation`]: fc.constantFrom(null, 'Berlin'),
})
type Wanted = typeof wantedUser extends fc.Arbitrary<infer T> ? T : never

/** The resource as POST and PUT have it. */
function resourceOf(wanted: Wanted): object {
  const value = (name: keyof Wanted) => wanted[name]
  const list = (name: keyof Wanted, type: string) =>
    value(name) === null ? [] : [{ value: value(name), type }]
  return {
    displayName: value('displayName'),
    name: { givenName: value('name.givenName'), familyName: value('name.familyName') },
    title: value('title'),
    active: value('active'),
    emails: list('emails[type eq "work"].value', 'work'),
    phoneNumbers: list('phoneNumbers[type eq "mobile"].value', 'mobile'),
    [urns.enterprise]: { department: value(`${urns.enterprise}:department`) },
    [urns.homerealm]: {
      immutableId: value(`${urns.homerealm}:immutableId`),
      officeLocation: value(`${urns.homerealm}:officeLocation`),
    },
  }
}

/** The ways in which identity providers say that a user is to be so. */
const dialects = {
  'PUT of the resource': (wanted: Wanted) => ({ method: 'PUT', body: resourceOf(wanted) }),
  'one replace without a path (Okta)': (wanted: Wanted) =>
    patch([{ op: 'replace', value: resourceOf(wanted) }]),
  'one replace with paths as names (Entra)': (wanted: Wanted) =>
    patch([{ op: 'Replace', value: wanted }]),
  'one replace by path for each attribute': (wanted: Wanted) =>
    patch(Object.entries(wanted).map(([path, value]) => ({ op: 'replace', path, value }))),
  'Add with wrapped values, Remove for what is to go (Entra’s older one)': (wanted: Wanted) =>
    patch(
      Object.entries(wanted).map(([path, value]) =>
        value === null
          ? { op: 'Remove', path }
          : {
              op: 'Add',
              path,
              value: typeof value === 'boolean' ? (value ? 'True' : 'False') : [{ value }],
            },
      ),
    ),
}

function patch(Operations: readonly object[]) {
  return { method: 'PATCH', body: { schemas: [urns.patchOp], Operations } }
}

const userOf = (more: object) => ({ schemas: [urns.user], userName: 'al@managed.example', ...more })

describe('the dialects in which a user is changed', () => {
  for (const [name, say] of Object.entries(dialects)) {
    it(`${name} makes of any user the one that is wanted, and says the same twice`, async () => {
      await fc.assert(
        fc.asyncProperty(wantedUser, wantedUser, async (before, wanted) => {
          const door = await doorInMemory()
          const { id } = await door('Users', 'POST', null, userOf(resourceOf(before)))
          const { method, body } = say(wanted)
          const whole = method === 'PUT' ? userOf(body) : body
          const changed = await door('Users', method, id, whole)
          const made = await (await doorInMemory())(
            'Users',
            'POST',
            null,
            userOf(resourceOf(wanted)),
          )
          expect(changed).to.deep.equal(made)
          expect(await door('Users', method, id, whole)).to.deep.equal(made)
        }),
        { numRuns: 150 },
      )
    })
  }
})
