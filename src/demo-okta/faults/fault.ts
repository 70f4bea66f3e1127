import type { RandomSource } from '../../lib/ids.ts'
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
  /** For what only `homerealm forge` can make; the demo Okta has none of it. */
  readonly workshop?: Workshop
}

/** The further material of a forger. */
export interface Workshop {
  /** A key that the federation does not know, whose certificate has the subject of the federation's own. */
  readonly impostorKey: IdpKey
  /** What the server under test reads encrypted assertions with. */
  readonly decryptionCertificatePem: string
  readonly random: RandomSource
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

/** Groups of what stands in no menu: for `homerealm forge` and the tests. */
export const furtherFaultGroups = [
  'Honest variants',
  'Issuer, status and version',
  'Conditions and confirmation',
  'IDs',
  'Keys',
  'Algorithms',
  'Shape of the signature',
  'Malformed XML',
  'Namespaces',
  'Encoding',
  'Encryption',
  'Other messages',
  'Size',
] as const

/** One way to be wrong. It changes the spec before signing, or the XML text after, or both. */
export interface Fault {
  /** Stable, in kebab case: for `homerealm forge`, case files and tests. */
  readonly name: string
  /** What a tester reads in the menu. */
  readonly title: string
  readonly group: (typeof faultGroups)[number] | (typeof furtherFaultGroups)[number]
  /** The honest variant that it spoils; the plain honest response when absent. */
  readonly twin?: string
  readonly before?: (spec: ResponseSpec, scene: FaultScene) => ResponseSpec | Promise<ResponseSpec>
  readonly after?: (xml: string, scene: FaultScene) => string
  /** Makes the value of the form field from the XML, instead of plain base64 of UTF-8. */
  readonly posted?: (xml: string) => string
}

/** A fault that cannot be sent now; the message is for the tester. */
export class FaultUnavailable extends Error {
  override readonly name = 'FaultUnavailable'
}

/** The forger's further material. @throws FaultUnavailable where there is none */
export function workshopOf({ workshop }: FaultScene): Workshop {
  if (workshop) return workshop
  throw new FaultUnavailable('This fault can only be made by homerealm forge.')
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
