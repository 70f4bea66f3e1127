import { oktaResponse } from '../honest.ts'
import { buildResponse } from '../response.ts'
import type { Fault, FaultScene } from './fault.ts'
import { protocolFaults } from './protocol.ts'
import { signatureFaults } from './signature.ts'
import { subjectFaults } from './subject.ts'
import { wrappingFaults } from './wrapping.ts'

export { type Fault, type FaultScene, FaultUnavailable, faultGroups } from './fault.ts'

/** All faults by name, in the order of the menu. */
export const faults: ReadonlyMap<string, Fault> = new Map(
  [...protocolFaults, ...subjectFaults, ...signatureFaults, ...wrappingFaults].map((fault) => [
    fault.name,
    fault,
  ]),
)

/**
 * The response for `scene.facts` as XML text, spoilt by the given faults: each changes the spec, in order; it is built and
 * signed; each changes the text, in order. With no fault it is the honest response.
 * @throws FaultUnavailable when one cannot be made now (a replay with nothing to replay)
 * @throws Error when two faults do not go together (one spoils a signature that the other took away)
 */
export async function forgeResponse(applied: readonly Fault[], scene: FaultScene): Promise<string> {
  let spec = oktaResponse(scene.facts)
  for (const { before } of applied) {
    if (before) spec = await before(spec, scene)
  }
  let xml = buildResponse(spec)
  for (const { after } of applied) {
    if (after) xml = after(xml, scene)
  }
  return xml
}
