import fc from 'fast-check'
import { anchors, type Choice, externalIds, groupNames, others, upns, type Values } from './pool.ts'

/** Whom a step is about: most of the time somebody who is here, by the place in their list; else anybody who ever was, or nobody. */
const place = fc.record({
  isHere: fc.integer({ min: 0, max: 7 }).map((drawn) => drawn > 0),
  index: fc.nat({ max: 30 }),
})
export type Place = typeof place extends fc.Arbitrary<infer T> ? T : never
const door = fc.constantFrom('graph', 'scim', 'scimExternal', 'commandLine')

const isSound = ({ rules }: Choice) => rules.length === 0
/** Mostly one that breaks no rule by itself: a step that is refused at once tells little. */
const mostlySound = (choices: readonly Choice[]) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...choices.filter(isSound)) },
    { weight: 1, arbitrary: fc.constantFrom(...choices.filter((each) => !isSound(each))) },
  )
/** A few properties, and every other time an ImmutableId. */
const some = fc
  .tuple(
    fc.option(mostlySound(anchors), { freq: 2 }),
    fc.uniqueArray(mostlySound(others), { selector: ({ property }) => property, maxLength: 3 }),
  )
  .map(([anchor, rest]): Values => {
    const all = [...(anchor === null ? [] : [anchor]), ...rest]
    return Object.fromEntries(all.map(({ property, value }) => [property, value]))
  })
const upnTexts = upns.map(({ text }) => text)
const upn = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...upnTexts.slice(0, 11)) },
  { weight: 1, arbitrary: fc.constantFrom(...upnTexts) },
)
const externalId = fc.option(fc.constantFrom(null, ...externalIds), { nil: undefined, freq: 2 })
const groupName = fc.constantFrom(...groupNames.slice(0, 3), ...groupNames)
const row = fc.record({ upn, values: some })

const kinds = {
  createUser: fc.record({
    do: fc.constant('createUser' as const),
    door,
    upn,
    /** In its place what somebody gave up, whose change could be taken back but for that. */
    takes: fc.constantFrom(
      null,
      null,
      'userPrincipalName' as const,
      'onPremisesImmutableId' as const,
    ),
    values: some,
    externalId,
    isBare: fc.constantFrom(false, false, false, false, false, false, true),
    hasPassword: fc.constantFrom(true, true, true, false),
  }),
  changeUser: fc.record({
    do: fc.constant('changeUser' as const),
    door,
    place,
    upn: fc.option(upn, { freq: 2 }),
    values: some,
    externalId,
    put: fc.boolean(),
  }),
  deleteUser: fc.record({ do: fc.constant('deleteUser' as const), door, place }),
  createGroup: fc.record({
    do: fc.constant('createGroup' as const),
    door,
    name: groupName,
    description: fc.constantFrom(null, 'for all'),
    places: fc.array(place, { maxLength: 2 }),
  }),
  renameGroup: fc.record({
    do: fc.constant('renameGroup' as const),
    door,
    place,
    name: groupName,
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
    rows: fc.array(row, { minLength: 1, maxLength: 3 }),
    matchOn: fc.constantFrom('userPrincipalName' as const, 'immutableId' as const),
    clearEmpty: fc.boolean(),
    /**
     * The rows as drawn; or everybody who is here, their UPNs or ImmutableIds handed round; or everybody but the last, with the values
     * of the first row, as the whole list of a domain.
     */
    about: fc.constantFrom('drawn' as const, 'drawn' as const, 'round' as const, 'list' as const),
    deleteMissing: fc.option(
      fc.constantFrom('managed.example', 'customer.com', 'spare.example', 'flip.example'),
      { freq: 2 },
    ),
    isConfirmed: fc.constantFrom(true, true, false),
    hasRejectFile: fc.boolean(),
  }),
  undoImport: fc.record({ do: fc.constant('undoImport' as const), back: fc.nat({ max: 4 }) }),
  undo: fc.record({ do: fc.constant('undo' as const), back: fc.nat({ max: 12 }) }),
  domain: fc.record({
    do: fc.constant('domain' as const),
    door: fc.constantFrom('graph' as const, 'commandLine' as const),
    which: fc.constantFrom('spare' as const, 'flipping' as const),
  }),
}

const step = fc.oneof(
  { weight: 6, arbitrary: kinds.createUser },
  { weight: 9, arbitrary: kinds.changeUser },
  { weight: 2, arbitrary: kinds.deleteUser },
  { weight: 2, arbitrary: kinds.createGroup },
  { weight: 1, arbitrary: kinds.renameGroup },
  { weight: 6, arbitrary: kinds.member },
  { weight: 1, arbitrary: kinds.deleteGroup },
  { weight: 5, arbitrary: kinds.import },
  { weight: 2, arbitrary: kinds.undoImport },
  { weight: 6, arbitrary: kinds.undo },
  { weight: 2, arbitrary: kinds.domain },
)
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Somebody and a group first, for the rest to be about. */
export const steps = fc
  .tuple(
    fc.array(kinds.createUser, { minLength: 2, maxLength: 5, size: 'max' }),
    fc.array(kinds.createGroup, { minLength: 1, maxLength: 3, size: 'max' }),
    fc.array(step, { minLength: 15, maxLength: 50, size: 'max' }),
  )
  .map((parts): Step[] => parts.flat())
