import { checkImmutableId, immutableIdWarnings } from '../immutableId.ts'
import type { Domain } from '../types.ts'
import { type UserInput, userProblems } from '../users.ts'
import type { DriftClass } from './classes.ts'
import type { Finding } from './classify.ts'
import type { Pairing, PersonThere } from './ports.ts'

/** Which sides the admin wants to change. */
export interface Sides {
  readonly okta: boolean
  readonly here: boolean
}

/** Classes that are no matter of ImmutableIds, or of which nobody but the admin can tell who is right. */
const notMended: ReadonlySet<DriftClass> = new Set([
  'equal',
  'duplicate',
  'noAnchor',
  'upnDiffers',
  'onlyHere',
  'unreadable',
  'disabled',
  'notFederated',
])

export function isMendable(name: DriftClass): boolean {
  return !notMended.has(name)
}

/**
 * The side on which a person's ImmutableId is to be changed, or null when it cannot be mended on a side that the admin chose. Where either
 * would do and both were chosen, it is the side with the damaged value; and Okta where none looks damaged, since an ImmutableId that is
 * in use here is also known to apps. So no person is in both files, which would but swap the two values.
 */
export function sideToChange(
  { class: name }: Finding,
  { there, here }: Pairing,
  sides: Sides,
  domains: ReadonlyMap<string, Domain>,
): keyof Sides | null {
  if (notMended.has(name)) return null
  const stored = here?.onPremisesImmutableId ?? null
  const canOkta = sides.okta && stored !== null
  const canHere =
    sides.here &&
    there.anchor !== null &&
    checkImmutableId(there.anchor) === null &&
    (here !== null || userProblems(newUserInput(there), domains).length === 0)
  if (canOkta && canHere) {
    return !looksDamaged(there.anchor) && looksDamaged(stored) ? 'here' : 'okta'
  }
  if (canOkta) return 'okta'
  return canHere ? 'here' : null
}

/** A user here for a person who is only there. */
export function newUserInput(there: PersonThere): UserInput {
  const { login, email, firstName, lastName, anchor } = there
  return {
    userPrincipalName: login,
    onPremisesImmutableId: anchor,
    ...(firstName !== null && { givenName: firstName }),
    ...(lastName !== null && { surname: lastName }),
    ...(email !== null && { mail: email }),
  }
}

function looksDamaged(anchor: string | null): boolean {
  return (
    anchor !== null && (checkImmutableId(anchor) !== null || immutableIdWarnings(anchor).length > 0)
  )
}
