import fc from 'fast-check'
import { anchors, externalIds, groupNames, others, upns, type Values } from './pool.ts'

/** Whom a step is about: a place in the list of everybody who is or was here, and nobody at its end. */
const place = fc.nat({ max: 30 })
const door = fc.constantFrom('graph', 'scim', 'scimExternal', 'commandLine')

/** A few properties; an ImmutableId every other time, mostly a good one. */
const some = fc
  .tuple(
    fc.option(fc.constantFrom(...anchors, ...anchors.filter(({ rules }) => rules.length === 0))),
    fc.uniqueArray(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...others.filter((each) => !each.rules.length)) },
        { weight: 1, arbitrary: fc.constantFrom(...others) },
      ),
      { selector: ({ property }) => property, maxLength: 4 },
    ),
  )
  .map(
    ([anchor, rest]): Values =>
      Object.fromEntries(
        [...(anchor === null ? [] : [anchor]), ...rest].map(({ property, value }) => [
          property,
          value,
        ]),
      ),
  )
const upn = fc.constantFrom(...upns).map(({ text }) => text)
const soundUpn = fc.constantFrom(...upns.slice(0, 11)).map(({ text }) => text)
const anyUpn = fc.oneof({ weight: 4, arbitrary: soundUpn }, { weight: 1, arbitrary: upn })
const externalId = fc.option(fc.constantFrom(null, ...externalIds), { nil: undefined, freq: 2 })
const row = fc.record({ upn: anyUpn, values: some })

const kinds = {
  createUser: fc.record({
    do: fc.constant('createUser' as const),
    door,
    upn: anyUpn,
    values: some,
    externalId,
    isBare: fc.constantFrom(false, false, false, true),
    hasPassword: fc.constantFrom(true, true, false),
  }),
  changeUser: fc.record({
    do: fc.constant('changeUser' as const),
    door,
    place,
    upn: fc.option(anyUpn),
    values: some,
    externalId,
    put: fc.boolean(),
  }),
  deleteUser: fc.record({ do: fc.constant('deleteUser' as const), door, place }),
  createGroup: fc.record({
    do: fc.constant('createGroup' as const),
    door,
    name: fc.constantFrom(...groupNames),
    description: fc.constantFrom(null, 'for all'),
    places: fc.uniqueArray(place, { maxLength: 2 }),
  }),
  renameGroup: fc.record({
    do: fc.constant('renameGroup' as const),
    door,
    place,
    name: fc.constantFrom(...groupNames),
  }),
  member: fc.record({
    do: fc.constant('member' as const),
    door,
    place,
    user: place,
    side: fc.constantFrom('add' as const, 'add' as const, 'remove' as const),
  }),
  deleteGroup: fc.record({ do: fc.constant('deleteGroup' as const), door, place }),
  import: fc.record({
    do: fc.constant('import' as const),
    rows: fc.array(row, { minLength: 1, maxLength: 4 }),
    matchOn: fc.constantFrom('userPrincipalName' as const, 'immutableId' as const),
    clearEmpty: fc.boolean(),
    /** For whom is there, too: their UPNs handed round. By ImmutableId that is a swap. */
    swaps: fc.boolean(),
    deleteMissing: fc.option(
      fc.constantFrom('managed.example', 'customer.com', 'spare.example', 'flip.example'),
      { freq: 2 },
    ),
    isConfirmed: fc.boolean(),
    hasRejectFile: fc.boolean(),
  }),
  undoImport: fc.record({ do: fc.constant('undoImport' as const), place }),
  undo: fc.record({ do: fc.constant('undo' as const), back: fc.nat({ max: 12 }) }),
  domain: fc.record({
    do: fc.constant('domain' as const),
    door: fc.constantFrom('graph' as const, 'commandLine' as const),
    which: fc.constantFrom('spare' as const, 'flipping' as const),
  }),
}

export const step = fc.oneof(
  { weight: 6, arbitrary: kinds.createUser },
  { weight: 7, arbitrary: kinds.changeUser },
  { weight: 2, arbitrary: kinds.deleteUser },
  { weight: 2, arbitrary: kinds.createGroup },
  { weight: 1, arbitrary: kinds.renameGroup },
  { weight: 3, arbitrary: kinds.member },
  { weight: 1, arbitrary: kinds.deleteGroup },
  { weight: 5, arbitrary: kinds.import },
  { weight: 2, arbitrary: kinds.undoImport },
  { weight: 6, arbitrary: kinds.undo },
  { weight: 2, arbitrary: kinds.domain },
)
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
