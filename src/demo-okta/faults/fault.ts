import type { SignInFacts } from '../honest.ts'
import type { IdpKey } from '../keys.ts'
import type { AssertionSpec, ResponseSpec } from '../response.ts'

/** What a fault may use besides the honest response it spoils. */
export interface FaultScene {
  /** Of the honest response. */
  readonly facts: SignInFacts
  /** The NameID that a forger wants to be read in place of the signed one. */
  readonly forgedNameId: string
  /** A key that the federation does not know. */
  readonly foreignKey: () => Promise<IdpKey>
  /** A fresh ID for a part that the forger adds. */
  readonly newId: () => string
  /** The last response that was sent for this person, as XML; null when there is none yet. */
  readonly previous: string | null
}

export const faultGroups = [
  'Time',
  'Addresses',
  'Protocol',
  'NameID and attributes',
  'Signature',
  'Wrapped signatures (XSW)',
  'Markup',
] as const

/** One way to be wrong. It changes the spec before signing, or the XML text after, or both. */
export interface Fault {
  /** Stable, in kebab case: for `homerealm forge`, case files and tests. */
  readonly name: string
  /** What a tester reads in the menu. */
  readonly title: string
  readonly group: (typeof faultGroups)[number]
  readonly before?: (spec: ResponseSpec, scene: FaultScene) => ResponseSpec | Promise<ResponseSpec>
  readonly after?: (xml: string, scene: FaultScene) => string
}

/** A fault that cannot be sent now; the message is for the tester. */
export class FaultUnavailable extends Error {
  override readonly name = 'FaultUnavailable'
}

/** Changes every assertion of a spec. */
export function assertions(
  change: (assertion: AssertionSpec) => Partial<AssertionSpec>,
): (spec: ResponseSpec) => ResponseSpec {
  return (spec) => ({
    ...spec,
    assertions: spec.assertions.map((assertion) => ({ ...assertion, ...change(assertion) })),
  })
}

/** Changes every SubjectConfirmation of an assertion. */
export function confirmations(
  assertion: AssertionSpec,
  change: Partial<AssertionSpec['confirmations'][number]>,
): Pick<AssertionSpec, 'confirmations'> {
  return { confirmations: assertion.confirmations.map((one) => ({ ...one, ...change })) }
}

/** Changes the Conditions of an assertion that has any. */
export function conditions(
  assertion: AssertionSpec,
  change: Partial<NonNullable<AssertionSpec['conditions']>>,
): Pick<AssertionSpec, 'conditions'> {
  return { conditions: assertion.conditions && { ...assertion.conditions, ...change } }
}
